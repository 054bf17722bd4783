import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
extension UUID {
    /// A new identifier of version 7 (RFC 9562): the time first, then random bits, so that identifiers sort by time.
    ///
    /// Identifiers made in one process for times that never go back sort in the order in which they were made, also
    /// within one microsecond.
    ///
    /// - Parameter timestamp: the time to carry, to a quarter of a microsecond. Times before 1970 count as 1970.
    ///   Defaults to the system clock's time.
    public static func version7(at timestamp: Timestamp = .now()) -> UUID {
        let microseconds = UInt64(max(0, timestamp.microsecondsSince1970))
        // 48 bits of milliseconds and, as RFC 9562 section 6.2 method 3 permits, 12 bits of the fraction of one.
        let tick = (microseconds / 1_000) << 12 | (microseconds % 1_000) * 4_096 / 1_000
        let random = RandomSequence.shared.withLock { $0.next(tick: tick) }
        let high = (tick >> 12) << 16 | 0x7000 | tick & 0xfff
        let low = 0x8000_0000_0000_0000 | random
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3),
                byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
                byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
                byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }
}

/// The random bits of identifiers, which count up while the time stands still.
private struct RandomSequence {
    static let shared = Mutex(RandomSequence())

    private var tick: UInt64 = 0
    private var bits: UInt64 = 0

    /// The next 62 bits for a time.
    mutating func next(tick: UInt64) -> UInt64 {
        if tick == self.tick {
            // A random step of up to 32 bits, so that knowing one identifier does not give away the next one. The first
            // value has its top bit clear: it takes 2^29 steps in one microsecond to reach the end.
            bits += .random(in: 1...UInt64(UInt32.max))
        } else {
            self.tick = tick
            bits = .random(in: 0..<1 << 61)
        }
        return bits & 0x3fff_ffff_ffff_ffff
    }
}
