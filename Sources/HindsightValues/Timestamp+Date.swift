#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Timestamp {
    /// The seconds from 1970 to the reference date of Foundation, 2001-01-01T00:00:00Z.
    private static let referenceDate: Int64 = 978_307_200

    /// The instant of a Foundation date, to the nearest microsecond.
    ///
    /// A date that cannot be represented (some 292,000 years from 1970) becomes the nearest instant that can; one that
    /// is not a number, 1970-01-01T00:00:00Z.
    public init(_ date: Date) {
        let microseconds = (date.timeIntervalSinceReferenceDate * 1_000_000).rounded()
        guard !microseconds.isNaN else {
            self.init(microsecondsSince1970: 0)
            return
        }
        // Int128 holds every clamped value, so that adding the reference date cannot overflow.
        let clamped = Int128(max(-1e20, min(1e20, microseconds)))
        self.init(microsecondsSince1970: Int64(clamping: clamped + Int128(Self.referenceDate) * 1_000_000))
    }

    /// The instant as a Foundation date, which is a floating-point number: exact to the microsecond until the year
    /// 2286.
    public var date: Date {
        let (seconds, microseconds) = microsecondsSince1970.dividedDown(by: 1_000_000)
        return Date(
            timeIntervalSinceReferenceDate: Double(seconds - Self.referenceDate) + Double(microseconds) / 1_000_000)
    }
}

extension Day {
    /// The day in UTC of a Foundation date.
    public init(_ date: Date) { self.init(Timestamp(date)) }

    /// The instant at which the day begins in UTC, as a Foundation date.
    public var date: Date { start.date }
}
