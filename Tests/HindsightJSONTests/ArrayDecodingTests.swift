import HindsightJSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ArrayDecodingTests {
    /// A reference that is decoded from a single value.
    private final class Reference: Decodable, Equatable, Sendable {
        let text: String

        init(from decoder: any Decoder) throws {
            text = try decoder.singleValueContainer().decode(String.self)
        }

        static func == (lhs: Reference, rhs: Reference) -> Bool { lhs.text == rhs.text }
    }

    private struct Point: Codable, Hashable {
        var x: Int
        var y: String?
    }

    @Test(arguments: [
        "[]", #"["a","b"]"#, #"["a",1]"#, #"["a",null]"#, "{}", "null", "1", #"[{"x":1},{"x":2,"y":"z"}]"#,
        #"[{"x":1},{}]"#,
        #"[[{"x":1}],[],[{"x":2}]]"#, #"[[{"x":1}],[{"x":null}]]"#,
    ])
    func agreesWithFoundation(json: String) {
        expectAgreement([Reference].self, json)
        expectAgreement([Reference?].self, json)
        expectAgreement([Point].self, json)
        expectAgreement([[Point]].self, json)
        expectAgreement(ContiguousArray<Point>.self, json)
        expectAgreement(Set<Point>.self, json)
        expectAgreement([String: [Point]].self, #"{"k":\#(json)}"#)
    }

    @Test func aFailureReleasesTheElementsBeforeIt() throws {
        final class Witness: Decodable {
            static let userInfoKey = CodingUserInfoKey(rawValue: "witness")!
            let token: Token
            init(from decoder: any Decoder) throws {
                token = try #require(decoder.userInfo[Self.userInfoKey] as? Token)
                _ = try decoder.singleValueContainer().decode(Int.self)
            }
        }
        final class Token: Sendable {}
        weak var released: Token?
        do {
            var decoder = JSONEventDecoder()
            let token = Token()
            released = token
            decoder.userInfo[Witness.userInfoKey] = token
            #expect(throws: DecodingError.self) {
                try decoder.decode([Witness].self, from: Array(#"[1,2,3,"x"]"#.utf8))
            }
            #expect(try decoder.decode([Witness].self, from: Array("[1,2,3]".utf8)).count == 3)
        }
        #expect(released == nil)
    }
}
