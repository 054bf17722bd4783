/// Calendar arithmetic in the proleptic Gregorian calendar.
extension Day {
    /// The year, where 0 is 1 BC.
    public var year: Int { components.year }
    /// The month, 1 to 12.
    public var month: Int { components.month }
    /// The day of the month, 1 to 31.
    public var dayOfMonth: Int { components.day }

    /// The day of the week as in ISO 8601: 1 for Monday to 7 for Sunday.
    public var weekday: Int {
        // 1970-01-01 was a Thursday.
        let days = (Int(daysSince1970) + 3) % 7
        return (days < 0 ? days + 7 : days) + 1
    }

    /// The first day of the day's month, which stands for the month where sums are made for each.
    public var startOfMonth: Day { advanced(by: 1 - dayOfMonth) }

    /// The first day of the day's year.
    public var startOfYear: Day {
        Day(daysSince1970: Int32(clamping: CivilDate(year: year, month: 1, day: 1).daysSince1970))
    }

    /// The Monday of the day's week.
    public var startOfWeek: Day { advanced(by: 1 - weekday) }

    /// The same day of a later month, or of an earlier one if negative; the month's last day if it is shorter: a month after
    /// January 31 is February 28 or 29.
    ///
    /// - Precondition: the result is within `Int32` days of 1970-01-01.
    public func advanced(byMonths months: Int) -> Day {
        let (year, month, day) = components
        let count = year * 12 + month - 1 + months
        let newYear = count >= 0 ? count / 12 : (count - 11) / 12
        var date = CivilDate(year: newYear, month: count - newYear * 12 + 1, day: day)
        while !date.isValid { date.day -= 1 }
        return Day(daysSince1970: Int32(date.daysSince1970))
    }

    /// The same day of a later year, or of an earlier one if negative; February 28 where there is no February 29.
    ///
    /// - Precondition: the result is within `Int32` days of 1970-01-01.
    public func advanced(byYears years: Int) -> Day { advanced(byMonths: years * 12) }
}

extension Timestamp {
    /// The day in UTC.
    public var day: Day { Day(self) }
    /// The year in UTC, where 0 is 1 BC.
    public var year: Int { day.year }
    /// The month in UTC, 1 to 12.
    public var month: Int { day.month }

    /// The hour of the day in UTC, 0 to 23.
    public var hour: Int { Int(duration(since: day.start) / 3_600_000_000) }
    /// The minute of the hour, 0 to 59.
    public var minute: Int { Int(duration(since: day.start) / 60_000_000 % 60) }
    /// The second of the minute, 0 to 59.
    public var second: Int { Int(duration(since: day.start) / 1_000_000 % 60) }

    /// In microseconds; no day is too long for it.
    private func duration(since start: Timestamp) -> Int64 {
        microsecondsSince1970 &- start.microsecondsSince1970
    }
}
