import HindsightJSON
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where the decoder means to differ from Foundation's.
@Suite(.timeLimit(.minutes(10)))
struct DifferenceTests {
    private struct One: Codable, Equatable {
        var a: Int
    }

    /// Foundation takes a comma before a closing bracket, and looks at a part of a document only if it is decoded. Here a
    /// document is JSON as a whole, or an error.
    @Test(arguments: [
        #"{"a":1,}"#, #"{"a":1,"b":[1,]}"#, #"{"a":1,"b":01}"#, #"{"a":1,"b":-}"#, #"{"a":1,"b":1.}"#,
        #"{"a":1,"b":1e}"#,
        #"{"a":1,"b":1-2}"#, #"{"a":1,"b":"\x"}"#, #"{"a":1,"b":"\u12g4"}"#, "{\"a\":1,\"b\":\"\u{1}\"}",
    ])
    func malformedPartsAreErrors(json: String) {
        let bytes = Array(json.utf8)
        #expect(foundationOutcome(One.self, bytes) == .value(One(a: 1)))
        #expect(outcome(One.self, bytes) == .failure(kind: "dataCorrupted", path: []))
    }

    @Test func invalidUTF8IsAnErrorAnywhere() {
        let bytes = Array(#"{"a":1,"b":""#.utf8) + [0xff] + Array(#""}"#.utf8)
        #expect(foundationOutcome(One.self, bytes) == .value(One(a: 1)))
        #expect(outcome(One.self, bytes) == .failure(kind: "dataCorrupted", path: []))
    }

    /// Foundation takes the first of several members with one key, PostgreSQL the last.
    @Test(arguments: [#"{"a":1,"a":2}"#, #"{"a":null,"b":1,"a":2}"#, #"{"a":1,"\u0061":2}"#])
    func theLastOfSeveralMembersCounts(json: String) throws {
        #expect(outcome(One.self, Array(json.utf8)) == .value(One(a: 2)))
        #expect((try? JSONDecoder().decode(One.self, from: Data(json.utf8))) != One(a: 2))
    }

    /// Foundation guesses UTF-16 and UTF-32. JSON between systems is UTF-8, says RFC 8259.
    @Test func otherEncodingsAreErrors() {
        let bytes = Array(#"{"a":1}"#.utf8).flatMap { byte -> [UInt8] in [byte, 0] }
        #expect(foundationOutcome(One.self, bytes) == .value(One(a: 1)))
        #expect(outcome(One.self, bytes) == .failure(kind: "dataCorrupted", path: []))
    }

    /// The underlying error says what is wrong with a document, and where.
    @Test func malformedDocumentsNameTheByte() {
        do {
            _ = try JSONEventDecoder().decode(One.self, from: Array(#"{"a":1"#.utf8))
            Issue.record("decoded")
        } catch DecodingError.dataCorrupted(let context) {
            #expect(context.underlyingError as? JSONError == JSONError(.unexpectedEnd, at: 6))
        } catch {
            Issue.record(error)
        }
    }

    /// Foundation loses the path of a number that does not fit, and of a string that is no text.
    @Test func valuesThatDoNotFitHaveAPath() {
        #expect(outcome([Int8].self, Array("[1,300]".utf8)) == .failure(kind: "dataCorrupted", path: ["Index 1#1"]))
        #expect(foundationOutcome([Int8].self, Array("[1,300]".utf8)) == .failure(kind: "dataCorrupted", path: []))
        let half = Array(#"{"k":"\ud800"}"#.utf8)
        #expect(outcome([String: String].self, half) == .failure(kind: "dataCorrupted", path: ["k"]))
        #expect(foundationOutcome([String: String].self, half) == .failure(kind: "dataCorrupted", path: []))
    }

    /// From 2^53 on, Foundation drops the fraction of a number that is decoded as an integer. Here it is an error at any size.
    @Test func fractionsOfLargeNumbersAreErrors() {
        let json = Array("9007199254740993.5".utf8)
        #expect(foundationOutcome(Int.self, json) == .value(9_007_199_254_740_993))
        #expect(outcome(Int.self, json) == .failure(kind: "dataCorrupted", path: []))
    }

    /// Foundation takes some zeros with an exponent for numbers that were rounded to zero.
    @Test func zeroMayHaveAnExponent() {
        for json in ["0e1", "0.00e1"] {
            #expect(foundationOutcome(Double.self, Array(json.utf8)) == .failure(kind: "dataCorrupted", path: []))
            #expect(outcome(Double.self, Array(json.utf8)) == .value(0))
        }
    }

    /// Dates have one default, RFC 3339 with or without a fraction of a second.
    @Test func datesHaveFractions() throws {
        let json = Array(#"["2010-12-01T08:26:00.25Z"]"#.utf8)
        #expect(
            try JSONEventDecoder().decode([Date].self, from: json) == [Date(timeIntervalSince1970: 1_291_191_960.25)])
    }

    /// A number of more than 38 digits is rounded on its way through Foundation's decimal. Here it is an error.
    @Test func decimalsAreNeverRounded() throws {
        let json = Array("[1.0000000000000000000000000000000000000000001]".utf8)
        #expect(outcome([ExactDecimal].self, json) == .failure(kind: "dataCorrupted", path: ["Index 0#0"]))
        #expect(try JSONDecoder().decode([ExactDecimal].self, from: Data(json)) == [1])
    }

    /// A decimal in a number keeps its scale here; they are equal all the same.
    @Test func decimalsKeepTheirScale() throws {
        let json = Array("[2.50]".utf8)
        #expect(try JSONEventDecoder().decode([ExactDecimal].self, from: json)[0].description == "2.50")
        #expect(try JSONDecoder().decode([ExactDecimal].self, from: Data(json))[0].description == "2.5")
    }
}
