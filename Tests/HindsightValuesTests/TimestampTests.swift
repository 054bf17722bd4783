import HindsightTestSupport
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite(.timeLimit(.minutes(5)))
struct TimestampTests {
    @Test(arguments: [
        ("2010-12-01T08:26:00Z", 1_291_191_960_000_000, "2010-12-01T08:26:00Z"),
        ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
        ("2010-12-01t09:26:00.250+01:00", 1_291_191_960_250_000, "2010-12-01T08:26:00.25Z"),
        ("2010-12-01 08:26:00.1234569z", 1_291_191_960_123_456, "2010-12-01T08:26:00.123456Z"),
        ("2010-12-01T08:26:00.000000001Z", 1_291_191_960_000_000, "2010-12-01T08:26:00Z"),
        ("2000-02-29T00:00:00-23:59", 951_868_740_000_000, "2000-02-29T23:59:00Z"),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000, "2017-01-01T00:00:00Z"),
        ("2017-01-01T00:59:60.5+01:00", 1_483_228_800_500_000, "2017-01-01T00:00:00.5Z"),
    ])
    func readsAndWrites(text: String, microseconds: Int64, description: String) {
        let timestamp = Timestamp(text)
        #expect(timestamp?.microsecondsSince1970 == microseconds)
        #expect(timestamp?.description == description)
    }

    @Test(arguments: [
        "", "2010-12-01", "2010-12-01T08:26:00", "2010-12-01T08:26Z", "2010-13-01T08:26:00Z", "2010-02-29T08:26:00Z",
        "1900-02-29T00:00:00Z", "2010-12-00T08:26:00Z", "2010-12-01T24:00:00Z", "2010-12-01T08:60:00Z",
        "2010-12-01T08:26:61Z", "2010-12-01T08:26:60Z", "2010-12-01T08:26:00.Z", "2010-12-01T08:26:00.1234567890Z",
        "2010-12-01T08:26:00+0100", "2010-12-01T08:26:00+24:00", "2010-12-01T08:26:00+01:60", "2010-12-01T08:26:00Z ",
        "0000-12-01T08:26:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "-2010-12-01T08:26:00Z",
        "2010-12-01T08:26:00Zx", "２010-12-01T08:26:00Z", "9999-12-31T23:59:60Z",
    ])
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func everyTruncationIsRefused() {
        let text = Array("2010-12-01T08:26:00.25+01:00".utf8)
        for length in 0..<text.count {
            text[..<length].withUnsafeBytes { #expect(Timestamp(utf8: $0) == nil) }
        }
    }

    @Test func writesYearsOutsideTheTextRange() {
        #expect(Timestamp(microsecondsSince1970: .max).description == "294247-01-10T04:00:54.775807Z")
        #expect(Timestamp(microsecondsSince1970: .min).description == "-290308-12-21T19:59:05.224192Z")
    }

    @Test func roundTripsAtRandom() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let microseconds = Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator)
            let timestamp = Timestamp(microsecondsSince1970: microseconds)
            #expect(Timestamp(timestamp.description) == timestamp)
        }
    }

    @Test func measuresTime() throws {
        let start = try #require(Timestamp("2010-12-01T08:26:00Z"))
        #expect(start.advanced(by: .seconds(90)).description == "2010-12-01T08:27:30Z")
        #expect(start.advanced(by: .microseconds(-1)).description == "2010-12-01T08:25:59.999999Z")
        #expect(start.duration(to: start.advanced(by: .milliseconds(5))) == .milliseconds(5))
        let (first, last) = (Timestamp(microsecondsSince1970: .min), Timestamp(microsecondsSince1970: .max))
        #expect(last.advanced(by: .seconds(1)) == last)
        #expect(first.advanced(by: .seconds(-1)) == first)
        #expect(first.duration(to: last) == .seconds(18_446_744_073_709) + .microseconds(551_615))
    }

    @Test func convertsDates() throws {
        let timestamp = try #require(Timestamp("2010-12-01T08:26:00.123456Z"))
        #expect(Timestamp(timestamp.date) == timestamp)
        #expect(Timestamp(Date(timeIntervalSince1970: 1.5)).microsecondsSince1970 == 1_500_000)
        #expect(Timestamp(Date(timeIntervalSince1970: .infinity)).microsecondsSince1970 == .max)
        #expect(Timestamp(Date(timeIntervalSince1970: -1e300)).microsecondsSince1970 == .min)
        #expect(Timestamp(Date(timeIntervalSince1970: .nan)).microsecondsSince1970 == 0)
        #expect(abs(Timestamp.now().date.timeIntervalSinceNow) < 60)
    }

    @Test func codesAsAString() throws {
        let json = Data(#"["2010-12-01T08:26:00Z"]"#.utf8)
        let timestamps = try JSONDecoder().decode([Timestamp].self, from: json)
        #expect(timestamps == [Timestamp(microsecondsSince1970: 1_291_191_960_000_000)])
        #expect(try JSONEncoder().encode(timestamps) == json)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Timestamp].self, from: Data(#"["yesterday"]"#.utf8))
        }
    }
}
