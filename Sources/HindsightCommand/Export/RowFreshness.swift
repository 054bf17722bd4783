/// How fresh rows must be.
struct RowFreshness: Sendable {
    /// The position of the log that they must reflect.
    var position: Int64
    /// How long to wait for that.
    var timeout: Duration
    /// Called with the position that they do reflect, before the first row.
    var begin: @Sendable (Int64) throws -> Void
}
