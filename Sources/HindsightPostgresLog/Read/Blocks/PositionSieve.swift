/// Keeps the events of a range of positions, in whatever order they come, and knows which positions are missing.
package struct PositionSieve: Sendable {
    /// The range starts above this position,
    package let low: Int64
    /// and ends with this one.
    package let high: Int64
    /// How many events belong to other ranges.
    package private(set) var dropped = 0
    /// True if the events came in the order of their positions.
    package private(set) var isOrdered = true
    private var positions: [Int64] = []

    package init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }

    /// Notes an event, and says whether it belongs to the range.
    @inline(__always)
    package mutating func takes(_ position: Int64) -> Bool {
        guard position > low, position <= high else {
            dropped += 1
            return false
        }
        if let last = positions.last, position <= last { isOrdered = false }
        positions.append(position)
        return true
    }

    /// The positions of the range for which no event came; nil if they are more than a limit.
    package func missing(atMost limit: Int64) -> [Int64]? {
        guard high - low - Int64(positions.count) <= limit else { return nil }
        var missing: [Int64] = []
        var next = low + 1
        for position in isOrdered ? positions : positions.sorted() {
            while next < position {
                missing.append(next)
                next += 1
            }
            next = position + 1
        }
        if next <= high { missing += Array(next...high) }
        return missing
    }
}
