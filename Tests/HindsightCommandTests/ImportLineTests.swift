import Hindsight
import HindsightCommand
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("A line that is imported", .timeLimit(.minutes(1)))
struct ImportLineTests {
    private func parse(_ text: String) throws -> ImportLine {
        var parser = LineParser()
        return try Array(text.utf8).withUnsafeBytes { try parser.parse($0) }
    }

    private func reason(_ text: String) -> String? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return (error as? ImportError)?.reason
        }
    }

    @Test func hasFourKeys() throws {
        let line = try parse(#" {"data": {"a" : 1.50}, "at":"2010-12-01T09:26:00+01:00","type":"T","stream":"s-1"} "#)
        #expect(line.stream == "s-1")
        #expect(line.type == "T")
        #expect(line.at == Timestamp("2010-12-01T08:26:00Z"))
        #expect(line.data == Array(#"{"a" : 1.50}"#.utf8), "the bytes as they are")
        #expect(line.id == nil && line.schema == nil && line.meta == nil && line.recorded == nil)
    }

    @Test func mayHaveAllOfThem() throws {
        let line = try parse(
            #"""
            {"stream":"é\n","type":"\u0054","at":"2010-12-01T08:26:00Z","data":null,"id":"0190163D-8694-739B-AEA5-966C26F8AD91",\#
            "schema":3,"correlation":"c","causation":"","meta":{"by": "me"},"recorded":"2011-01-01T00:00:00.123456Z"}
            """#)
        #expect(line.stream == "é\n")
        #expect(line.type == "T")
        #expect(line.data == Array("null".utf8))
        #expect(line.id == UUID(uuidString: "0190163d-8694-739b-aea5-966c26f8ad91"))
        #expect(line.schema == 3)
        #expect(line.correlation == "c")
        #expect(line.causation == "")
        #expect(line.meta == Array(#"{"by": "me"}"#.utf8))
        #expect(line.recorded == Timestamp("2011-01-01T00:00:00.123456Z"))
    }

    @Test func mayHaveNullForWhatIsOptional() throws {
        let line = try parse(
            #"{"stream":"s","type":"T","at":"2010-12-01T08:26:00Z","data":1,"id":null,"schema":null,"meta":null}"#)
        #expect(line.id == nil && line.schema == nil && line.meta == nil)
    }

    @Test(arguments: [
        ("", "the line is empty"),
        ("[]", "expected an object at byte 1 of the line"),
        (#"{"stream":"s""#, "unexpected end of input at byte 14 of the line"),
        (#"{"stream":"s"} x"#, "unexpected content after the value at byte 16 of the line"),
        (#"{"stream":"s","strean":"s"}"#, "unknown key \"strean\""),
        (#"{"stream":"s","stream":"s"}"#, "\"stream\" comes twice"),
        (#"{"stream":1}"#, "\"stream\" is not a string"),
        (#"{"stream":null}"#, "\"stream\" is not a string"),
        (#"{"stream":""}"#, "\"stream\" has 0 bytes"),
        (#"{"stream":"a\u0000"}"#, "\"stream\" holds a zero byte"),
        (#"{"stream":"s","type":"T","at":"2010-12-01T08:26:00Z"}"#, "\"data\" is missing"),
        (#"{"stream":"s","type":"T","data":{}}"#, "\"at\" is missing"),
        (#"{"at":"2010-13-01T08:26:00Z"}"#, "\"at\" is not an RFC 3339 time"),
        (#"{"at":"2010-12-01"}"#, "\"at\" is not an RFC 3339 time"),
        (#"{"at":1291192000}"#, "\"at\" is not a string"),
        (#"{"recorded":"now"}"#, "\"recorded\" is not an RFC 3339 time"),
        (#"{"id":"123"}"#, "\"id\" is not a UUID"),
        (#"{"schema":0}"#, "\"schema\" is not a whole number"),
        (#"{"schema":1.5}"#, "\"schema\" is not a whole number"),
        (#"{"schema":"1"}"#, "\"schema\" is not a whole number"),
        (#"{"meta":[]}"#, "\"meta\" is not an object"),
        (#"{"data":{"a":01}}"#, "malformed number at byte 15 of the line"),
    ])
    func isRefusedWithItsReason(line: String, expected: String) throws {
        let reason = try #require(self.reason(line))
        #expect(reason.hasPrefix(expected), "\(reason)")
    }

    @Test func isRefusedWithThePlaceOfTheValue() {
        #expect(
            reason(#"{"stream":"s", "id": "123"}"#)
                == "\"id\" is not a UUID, at byte 22 of the line")
        #expect(reason(#"{"stream":"s","stream":"s"}"#) == "\"stream\" comes twice, at byte 24 of the line")
    }

    @Test func isRefusedIfItIsNotUTF8() throws {
        var parser = LineParser()
        let line = Array(#"{"stream":"s"#.utf8) + [0xff] + Array(#""}"#.utf8)
        #expect(throws: ImportError("malformed UTF-8 in a string at byte 13 of the line")) {
            try line.withUnsafeBytes { _ = try parser.parse($0) }
        }
    }

    @Test func isRefusedIfANameIsTooLong() throws {
        let name = String(repeating: "n", count: 513)
        #expect(try #require(reason(#"{"stream":"\#(name)"}"#)).hasPrefix("\"stream\" has 513 bytes"))
        #expect(try #require(reason(#"{"type":"\#(name)"}"#)).hasPrefix("\"type\" has 513 bytes"))
    }
}
