public import HindsightLog

extension ViewProjection {
    /// The same projection, which parks the key of an event that cannot be folded, and goes on; without this, such an event stops the
    /// projection.
    ///
    /// The row of a parked key stays exactly as it was before the event. That event and all later ones for the key are noted, with the
    /// offset and in the same transaction, until the fold or the data is mended and the key is retried
    /// (``ProjectionRebuilder/retry(_:key:)``) or folded anew. Other keys go on, also those of the same event.
    ///
    /// An event counts as failed if the fold throws, if the fold leaves a row with another key, and if the database refuses the row, for
    /// example because a number does not fit its column. In the last case the key is parked from its first event in the batch that was
    /// refused. A fold that traps ends the process, and cannot be parked.
    ///
    /// ```swift
    /// static let projection = ViewProjection(Self.self, version: 1)
    ///     .on(OrderLinePlaced.self) { order, line, _ in try order.add(line) }
    ///     .parking(unreadable: { $0.stream.id })
    /// ```
    ///
    /// While a row is folded, a copy of it is kept.
    ///
    /// - Parameters:
    ///   - maximum: how many keys may be parked at a time, from 1; the next one stops the projection, since so many failures are a bug.
    ///     Defaults to 1,000.
    ///   - key: the key to park for an event that cannot be decoded, or whose key closure throws; it sees the recorded event only.
    ///     Only for events that concern a single row: what else the event concerns is not known, and is not noted. Such an event stops the projection if this is nil, as it is by default, or returns nil.
    public func parking(
        atMost maximum: Int = 1_000, unreadable key: (@Sendable (RecordedEvent) -> Row.Key?)? = nil
    ) -> ViewProjection {
        precondition(maximum >= 1, "projection \(Row.table.name) parks at most \(maximum) keys, which is less than 1")
        var projection = self
        projection.parking = ParkingPolicy(maximumKeys: maximum, keyOfUnreadable: key)
        return projection
    }
}
