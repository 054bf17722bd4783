/// One table of a projection's version, and the row of `offsets` that records its progress.
struct ProjectionTable: Hashable, Sendable {
    /// Which of the version's tables it is: the row's ``ShardKey/Kind``.
    let key: ShardKey
    /// The table; nil for a projection that writes tables of its own.
    let table: String?
    /// True when the stable name shows it.
    let isActive: Bool
    /// True if the stable name has shown it before; it is then shown again only on request.
    let wasShown: Bool
}
