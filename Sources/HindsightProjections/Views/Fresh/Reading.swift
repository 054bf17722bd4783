/// What a query has found, and the position that it reflects.
///
/// Both come from one snapshot: the rows are those of every event of the log up to the position, and of none after it.
public struct Reading<Value: Sendable>: Sendable {
    /// What the query has found.
    public let value: Value
    /// The position up to which the projection's events are in the rows; of several projections, the lowest one.
    public let position: Int64

    init(value: Value, position: Int64) {
        self.value = value
        self.position = position
    }
}

extension Reading where Value: Collection {
    /// The rows that were found.
    public var rows: Value { value }
}

extension Reading: Equatable where Value: Equatable {}
