#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An instant of time in UTC, exact to the microsecond, as PostgreSQL's `timestamptz` stores it.
///
/// ```swift
/// let placed = Timestamp("2010-12-01T08:26:00Z")!
/// print(placed.advanced(by: .seconds(90)))  // 2010-12-01T08:27:30Z
/// ```
@frozen
public struct Timestamp: Hashable, Sendable {
    /// The microseconds since 1970-01-01T00:00:00Z, negative before it; leap seconds are not counted.
    public var microsecondsSince1970: Int64

    /// The instant that is this many microseconds after 1970-01-01T00:00:00Z.
    @inlinable
    public init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    /// The system clock's time.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microsecondsSince1970: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}

extension Timestamp: Comparable {
    /// Whether the left instant is earlier.
    @inlinable
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microsecondsSince1970 < rhs.microsecondsSince1970
    }
}

extension Timestamp: InstantProtocol {
    /// The instant that is `duration` later, or earlier if it is negative.
    ///
    /// A fraction of a microsecond is dropped; a result that cannot be represented (some 292,000 years from 1970) is
    /// the nearest instant that can.
    public func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let whole = Int128(seconds) * 1_000_000 + Int128(attoseconds / 1_000_000_000_000)
        return Timestamp(microsecondsSince1970: Int64(clamping: Int128(microsecondsSince1970) + whole))
    }

    /// The time from this instant to the other one, negative if the other one is earlier.
    public func duration(to other: Timestamp) -> Duration {
        let (difference, overflow) = other.microsecondsSince1970.subtractingReportingOverflow(microsecondsSince1970)
        guard overflow else { return .microseconds(difference) }
        return .microseconds(other.microsecondsSince1970) - .microseconds(microsecondsSince1970)
    }
}
