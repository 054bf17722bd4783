import HindsightJSON
import HindsightTestSupport
import Testing

/// A decoder knows the keys of the documents before: what it makes of a document must be the same without them.
@Suite(.timeLimit(.minutes(10)))
struct KnownKeysTests {
    private static let members = [
        ("sku", ["\"85123A\"", "\"\"", "\"é\"", "\"a\\u0062\"", "7", "null"]),
        ("description", ["\"WHITE HANGING HEART T-LIGHT HOLDER\"", "null", "\"tab\\t\"", "[1]", "\"x\""]),
        ("quantity", ["6", "-1", "0", "12345678901234567890", "1.0", "01", "-", "{}", "\"6\"", "true"]),
        ("unitPrice", ["\"2.55\"", "2.5", "\"0.0\"", "false", "\"x\"", "{\"a\":[1,{}]}"]),
        ("customer", ["\"17850\"", "null", "\"\\ud83d\\ude00\"", "nul", "\"\u{1}\""]),
        ("country", ["\"United Kingdom\"", "\"EIRE\"", "\"Österreich\"", "[]"]),
        ("unknown", ["1", "[{\"sku\":1}]", "\"sku\"", "{}"]),
        ("sk\\u0075", ["\"escaped\"", "1"]),
    ]

    /// An object of some of the members, most of them in their order and of the right kind.
    private static func object(using random: inout SeededGenerator) -> String {
        func isRare() -> Bool { Int.random(in: 0..<12, using: &random) == 0 }
        var chosen = members[0..<6].filter { _ in !isRare() }
        if isRare() { chosen.append(members.randomElement(using: &random) ?? members[0]) }
        if isRare() { chosen.shuffle(using: &random) }
        let styles = [(",", ":"), (", ", ": "), (" ,\n", "\t:"), (",", ": ")]
        let (comma, colon) = isRare() ? styles.randomElement(using: &random) ?? styles[0] : styles[0]
        let texts = chosen.map { key, values in
            let value = isRare() ? values.randomElement(using: &random) ?? values[0] : values[0]
            return "\"\(key)\"\(colon)\(value)"
        }
        let text = "{" + texts.joined(separator: comma) + (isRare() ? " }" : "}")
        guard isRare() else { return text }
        let characters = Array(text)
        let end = Int.random(in: 0...characters.count, using: &random)
        return ["[\(text)]", " \(text)\n", "\(text),", String(characters[..<end])].randomElement(using: &random) ?? text
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func areOnlyAShortcut(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let decoder = JSONEventDecoder()
        var decoded = 0
        for _ in 0..<1_500 {
            let json = Array(Self.object(using: &random).utf8)
            let ours = Outcome { try decoder.decode(OrderLine.self, from: json) }
            #expect(ours == outcome(OrderLine.self, json), "\(String(decoding: json, as: UTF8.self))")
            if ours.isValue { decoded += 1 }
            let keys = Outcome { try decoder.decode(Keys.self, from: json) }
            #expect(keys == outcome(Keys.self, json), "\(String(decoding: json, as: UTF8.self))")
        }
        #expect(decoded > 300)
    }

    /// The keys of an object in their order, which no other type sees.
    private struct Keys: Decodable, Equatable {
        var names: [String]

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue)
        }
    }

    @Test func typesTakeTurns() throws {
        struct One: Codable, Equatable { var a, b: Int }
        struct Two: Codable, Equatable { var b, a: Int }
        struct Three: Codable, Equatable { var a: Int; var c: Int? }
        let decoder = JSONEventDecoder()
        for number in 0..<2_000 {
            let json = Array((number % 5 == 0 ? #"{"b":2,"a":\#(number)}"# : #"{"a":\#(number),"b":2}"#).utf8)
            switch number % 3 {
            case 0: #expect(try decoder.decode(One.self, from: json) == One(a: number, b: 2))
            case 1: #expect(try decoder.decode(Two.self, from: json) == Two(b: 2, a: number))
            default: #expect(try decoder.decode(Three.self, from: json) == Three(a: number, c: nil))
            }
        }
    }

    @Test func theLastOfEqualKeysStillCounts() throws {
        struct One: Codable, Equatable { var a, b: Int }
        let decoder = JSONEventDecoder()
        for number in 0..<50 {
            #expect(
                try decoder.decode(One.self, from: Array(#"{"a":\#(number),"b":2}"#.utf8)) == One(a: number, b: 2))
            #expect(
                try decoder.decode(One.self, from: Array(#"{"a":0,"b":2,"a":\#(number)}"#.utf8))
                    == One(a: number, b: 2))
            #expect(
                try decoder.decode(One.self, from: Array(#"{"a":0,"a":\#(number),"b":2}"#.utf8))
                    == One(a: number, b: 2))
        }
    }

    /// Each document ends where its memory ends, so that a sanitizer sees a read beyond it.
    @Test func everyTruncationIsAnError() throws {
        let decoder = JSONEventDecoder()
        let whole = Array(MutationTests.order.utf8)
        for _ in 0..<5 { _ = try decoder.decode(OrderLine.self, from: whole) }
        for length in 0..<whole.count {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, length), alignment: 1)
            defer { memory.deallocate() }
            memory.copyBytes(from: whole[..<length])
            let bytes = UnsafeRawBufferPointer(rebasing: memory[..<length])
            #expect(throws: DecodingError.self) { try decoder.decode(OrderLine.self, from: bytes) }
        }
    }
}
