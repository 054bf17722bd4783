import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite(.timeLimit(.minutes(5)))
struct DayTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("2010-12-01", 14_944), ("2000-02-29", 11_016), ("0001-01-01", -719_162),
        ("9999-12-31", 2_932_896),
    ])
    func readsAndWrites(text: String, days: Int32) {
        #expect(Day(text)?.daysSince1970 == days)
        #expect(Day(daysSince1970: days).description == text)
    }

    @Test(arguments: [
        "", "2010-12-1", "2010-02-29", "1900-02-29", "0000-01-01", "2010-00-10", "2010-12-01T", "10-12-01",
    ])
    func refuses(text: String) {
        #expect(Day(text) == nil)
    }

    @Test func everyDayOfFourCenturiesRoundTrips() {
        var previous = Day(daysSince1970: -1).components
        for days in Int32(0)..<146_097 {
            let day = Day(daysSince1970: days)
            let components = day.components
            #expect(Day(year: components.year, month: components.month, day: components.day) == day)
            #expect(previous < components)
            previous = components
        }
    }

    @Test func isTheDayOfAnInstant() throws {
        #expect(Day(try #require(Timestamp("2010-12-01T23:59:59.999999Z"))).description == "2010-12-01")
        #expect(Day(try #require(Timestamp("2010-12-01T00:30:00+01:00"))).description == "2010-11-30")
        #expect(Day(Timestamp(microsecondsSince1970: -1)).description == "1969-12-31")
        #expect(Day(daysSince1970: 14_944).start.description == "2010-12-01T00:00:00Z")
        #expect(Day(daysSince1970: .max).start.microsecondsSince1970 == .max)
    }

    @Test func refusesWhatDoesNotExist() {
        #expect(Day(year: 2011, month: 2, day: 29) == nil)
        #expect(Day(year: 10_000, month: 1, day: 1) == nil)
        #expect(Day(year: 2011, month: 13, day: 1) == nil)
        #expect(Day(year: 2011, month: 4, day: 31) == nil)
    }

    @Test func countsDays() throws {
        let day = try #require(Day("2010-12-31"))
        #expect(day.advanced(by: 1).description == "2011-01-01")
        #expect(try day.distance(to: #require(Day("2011-12-31"))) == 365)
        #expect(day < day.advanced(by: 1))
        #expect(day == Day("2010-12-31"))
    }

    @Test func codesAsAString() throws {
        let json = Data(#"["2010-12-01"]"#.utf8)
        let days = try JSONDecoder().decode([Day].self, from: json)
        #expect(days == [Day(daysSince1970: 14_944)])
        #expect(try JSONEncoder().encode(days) == json)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Day].self, from: Data(#"["2010-12-32"]"#.utf8))
        }
    }
}
