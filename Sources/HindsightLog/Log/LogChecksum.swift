/// Three numbers that identify the events of a range of a log: two readers that saw the same events have the same
/// numbers.
public struct LogChecksum: Hashable, Sendable {
    /// The number of events.
    public var count: Int64 = 0
    /// The sum of their positions.
    public var positionSum: Int128 = 0
    /// The exclusive or of their positions, each multiplied so that neighbours differ in many bits.
    public var positionMix: Int64 = 0

    /// The checksum of no events.
    public init() {}

    /// Adds the event at a position.
    @inlinable
    public mutating func add(_ position: Int64) {
        count += 1
        positionSum += Int128(position)
        positionMix ^= position % Self.modulus * Self.factor
    }

    /// Adds events that were counted elsewhere.
    public mutating func add(_ other: LogChecksum) {
        count += other.count
        positionSum += other.positionSum
        positionMix ^= other.positionMix
    }

    /// The checksum of the events added since an earlier sum of the same events.
    public func since(_ earlier: LogChecksum) -> LogChecksum {
        var difference = self
        difference.count -= earlier.count
        difference.positionSum -= earlier.positionSum
        difference.positionMix ^= earlier.positionMix
        return difference
    }

    /// 2^31 - 1, a prime; the product stays below 2^63.
    public static var modulus: Int64 { 2_147_483_647 }
    /// Knuth's multiplier, 2^32 divided by the golden ratio.
    public static var factor: Int64 { 2_654_435_761 }
}
