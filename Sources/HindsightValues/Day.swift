/// A day of the proleptic Gregorian calendar, without a time or a time zone, as PostgreSQL's `date` stores it.
///
/// ```swift
/// let day = Day(Timestamp("2010-12-01T08:26:00Z")!)
/// print(day)  // 2010-12-01
/// ```
@frozen
public struct Day: Hashable, Sendable {
    /// The days since 1970-01-01, negative before it.
    public var daysSince1970: Int32

    /// The day that is this many days after 1970-01-01.
    @inlinable
    public init(daysSince1970: Int32) {
        self.daysSince1970 = daysSince1970
    }

    /// The day of a year from 1 to 9999, a month from 1 to 12 and a day of that month; nil if there is no such day.
    public init?(year: Int, month: Int, day: Int) {
        let date = CivilDate(year: year, month: month, day: day)
        guard 1...9_999 ~= year, date.isValid else { return nil }
        self.init(daysSince1970: Int32(date.daysSince1970))
    }

    /// The day in UTC of an instant.
    ///
    /// - Precondition: none; every ``Timestamp`` is within the range of days.
    @inlinable
    public init(_ timestamp: Timestamp) {
        let microsecondsOfDay: Int64 = 86_400_000_000
        let (quotient, remainder) = timestamp.microsecondsSince1970.quotientAndRemainder(dividingBy: microsecondsOfDay)
        self.init(daysSince1970: Int32(truncatingIfNeeded: remainder < 0 ? quotient - 1 : quotient))
    }

    /// The year, where 0 is 1 BC, the month from 1 to 12, and the day of the month from 1 to 31.
    public var components: (year: Int, month: Int, day: Int) {
        let date = CivilDate(daysSince1970: Int(daysSince1970))
        return (date.year, date.month, date.day)
    }

    /// The instant at which the day begins in UTC.
    public var start: Timestamp {
        Timestamp(microsecondsSince1970: Int64(clamping: Int128(daysSince1970) * 86_400_000_000))
    }
}

extension Day: Comparable {
    /// Whether the left day is earlier.
    @inlinable
    public static func < (lhs: Day, rhs: Day) -> Bool {
        lhs.daysSince1970 < rhs.daysSince1970
    }
}

extension Day: Strideable {
    /// The number of days from this day to the other one, negative if the other one is earlier.
    @inlinable
    public func distance(to other: Day) -> Int {
        Int(other.daysSince1970) - Int(daysSince1970)
    }

    /// The day that is this many days later, or earlier if negative.
    ///
    /// - Precondition: the result is within `Int32` days of 1970-01-01.
    @inlinable
    public func advanced(by days: Int) -> Day {
        Day(daysSince1970: Int32(Int(daysSince1970) + days))
    }
}
