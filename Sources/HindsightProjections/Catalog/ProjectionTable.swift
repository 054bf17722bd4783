/// One table of a projection's version, and the row of the offsets that says how far it has come.
struct ProjectionTable: Hashable, Sendable {
    /// Which of the version's tables it is: the row's ``ShardKey/Kind``.
    let key: ShardKey
    /// The table; nil for a projection that writes tables of its own.
    let table: String?
    /// True when the stable name shows it.
    let isActive: Bool
    /// True when the stable name has shown it at some time; it is not shown again unless somebody asks for it.
    let wasShown: Bool
}
