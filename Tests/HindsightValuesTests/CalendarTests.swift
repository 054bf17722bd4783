import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("The calendar")
struct CalendarTests {
    private func day(_ text: String) throws -> Day { try #require(Day(text)) }

    @Test("Parts of a day, and the first days of its month, year and week")
    func parts() throws {
        let leap = try day("2024-02-29")
        #expect(leap.year == 2024 && leap.month == 2 && leap.dayOfMonth == 29 && leap.weekday == 4)
        #expect(try leap.startOfMonth == day("2024-02-01"))
        #expect(try leap.startOfYear == day("2024-01-01"))
        #expect(try leap.startOfWeek == day("2024-02-26"))
        #expect(try day("1969-12-28").weekday == 7 && day("1969-12-29").weekday == 1 && day("1970-01-01").weekday == 4)
        #expect(try day("1969-12-28").startOfWeek == day("1969-12-22"))
    }

    @Test(
        "Months later, at the end of a month as well",
        arguments: [
            ("2024-01-31", 1, "2024-02-29"), ("2023-01-31", 1, "2023-02-28"), ("2024-03-31", -1, "2024-02-29"),
            ("2024-05-31", 1, "2024-06-30"), ("2024-12-15", 1, "2025-01-15"), ("2024-01-15", -1, "2023-12-15"),
            ("2024-01-15", -13, "2022-12-15"), ("2024-01-15", 0, "2024-01-15"), ("1970-01-01", -24, "1968-01-01"),
            ("2024-01-31", 1_200, "2124-01-31"),
        ])
    func months(from: String, months: Int, to: String) throws {
        #expect(try day(from).advanced(byMonths: months) == day(to))
    }

    @Test("Years later, in a leap year as well")
    func years() throws {
        #expect(try day("2024-02-29").advanced(byYears: 1) == day("2025-02-28"))
        #expect(try day("2024-02-29").advanced(byYears: -4) == day("2020-02-29"))
    }

    @Test("Every day of eight hundred years follows the day before")
    func everyDay() throws {
        var expected = (year: 1600, month: 1, weekday: 6)
        var current = try day("1600-01-01")
        let end = try day("2400-01-01")
        while current < end {
            #expect(
                current.year == expected.year && current.month == expected.month && current.weekday == expected.weekday)
            let next = current.advanced(by: 1)
            expected.weekday = expected.weekday % 7 + 1
            if next.dayOfMonth == 1 {
                expected.month = expected.month % 12 + 1
                if expected.month == 1 { expected.year += 1 }
            }
            current = next
        }
    }

    @Test("Parts of an instant, also before 1970")
    func instants() throws {
        let late = try #require(Timestamp("2010-12-01T08:26:07.5Z"))
        #expect(late.year == 2010 && late.month == 12 && late.hour == 8 && late.minute == 26 && late.second == 7)
        let early = try #require(Timestamp("1969-12-31T23:59:58Z"))
        #expect(try early.day == day("1969-12-31") && early.hour == 23 && early.minute == 59 && early.second == 58)
    }

    @Test("Foundation's dates")
    func dates() throws {
        let date = Date(timeIntervalSince1970: 1_291_191_967.5)
        #expect(try Day(date) == day("2010-12-01"))
        #expect(try day("2010-12-01").date == Date(timeIntervalSince1970: 1_291_161_600))
    }

    @Test("Whether a number fits a column of a precision and scale")
    func fits() throws {
        func number(_ text: String) throws -> ExactDecimal { try #require(ExactDecimal(text)) }
        #expect(try number("99.99").fits(precision: 4, scale: 2) && number("-99.99").fits(precision: 4, scale: 2))
        #expect(try !number("100").fits(precision: 4, scale: 2) && !number("0.001").fits(precision: 4, scale: 2))
        #expect(try number("1.500").fits(precision: 2, scale: 1) && number("0").fits(precision: 1, scale: 1))
        #expect(try !number("1").fits(precision: 1, scale: 1) && number("0.9").fits(precision: 1, scale: 1))
        #expect(try number("12345678901234567890123456789012345678").fits(precision: 38, scale: 0))
        #expect(!ExactDecimal.notANumber.fits(precision: 38, scale: 2))
    }
}
