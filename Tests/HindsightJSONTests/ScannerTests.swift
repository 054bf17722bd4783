import HindsightJSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ScannerTests {
    private func withScanner<R>(_ json: String, _ body: (inout JSONScanner) throws -> R) throws -> R {
        try Array(json.utf8).withUnsafeBytes { bytes in
            var scanner = try JSONScanner(bytes)
            return try body(&scanner)
        }
    }

    private func members(_ json: String) throws -> [String] {
        try withScanner(json) { scanner in
            var members: [String] = []
            while let member = try scanner.nextMember() {
                let value = String(decoding: member.bytes, as: UTF8.self)
                members.append("\(try member.key) \(member.kind) \(member.range) \(value)")
            }
            return members
        }
    }

    @Test func walksMembers() throws {
        let json = #" { "a" : 1 , "b\n":[1, {"c":2}], "a":"é\t" ,"":null,"t":true,"f":false,"o":{ } } "#
        #expect(
            try members(json) == [
                "a number 9..<10 1", "b\n array 19..<31 [1, {\"c\":2}]", "a string 37..<43 \"é\\t\"",
                " null 48..<52 null",
                "t true 57..<61 true", "f false 66..<71 false", "o object 76..<79 { }",
            ])
        #expect(try members("{}") == [])
        #expect(try members(" { } \n") == [])
    }

    @Test func readsValues() throws {
        try withScanner(
            #"{"text":"a\u00e9\ud83d\ude00\/","n":-42,"big":9223372036854775808,"float":1.0,"o":{"x":[1,2 3]}}"#
        ) {
            scanner in
            let text = try #require(try scanner.nextMember())
            #expect(text.hasKey("text") && !text.hasKey("tex") && !text.hasKey("texts"))
            #expect(try text.string() == "aé😀/")
            #expect(throws: JSONError(.expectedInteger, at: 8)) { try text.integer() }
            let number = try #require(try scanner.nextMember())
            #expect(try number.integer() == -42)
            #expect(throws: JSONError(.expectedString, at: 36)) { try number.string() }
            let big = try #require(try scanner.nextMember())
            #expect(throws: JSONError.self) { try big.integer() }
            let float = try #require(try scanner.nextMember())
            #expect(throws: JSONError.self) { try float.integer() }
            #expect(throws: JSONError(.expectedObject, at: 74)) { try JSONScanner(float) }
            #expect(throws: JSONError(.expectedCommaOrBracket, at: 92)) { try scanner.nextMember() }
        }
    }

    @Test func walksNestedObjects() throws {
        try withScanner(#"{"data":{"a":{"b":"x\ud800"}}}"#) { scanner in
            let data = try #require(try scanner.nextMember())
            var inner = try JSONScanner(data)
            let a = try #require(try inner.nextMember())
            var innermost = try JSONScanner(a)
            let b = try #require(try innermost.nextMember())
            #expect(b.range == 18..<27)
            #expect(throws: JSONError(.unpairedSurrogate, at: 20)) { try b.string() }
            #expect(try innermost.nextMember() == nil)
            #expect(try innermost.nextMember() == nil)
            #expect(try inner.nextMember() == nil)
            #expect(try scanner.nextMember() == nil)
        }
    }

    @Test func comparesEscapedKeys() throws {
        try withScanner(#"{"\u0061":1,"\ud800":2}"#) { scanner in
            let escaped = try #require(try scanner.nextMember())
            #expect(escaped.hasKey("a") && !escaped.hasKey("b"))
            let half = try #require(try scanner.nextMember())
            #expect(!half.hasKey("\u{fffd}"))
            #expect(throws: JSONError(.unpairedSurrogate, at: 13)) { try half.key }
        }
    }

    @Test(arguments: [
        ("", "unexpected end of input at byte 0"), ("  ", "unexpected end of input at byte 2"),
        ("x", "expected a value at byte 0"), ("[1,]", "expected a value at byte 3"),
        ("[1 2]", "expected a comma or a closing bracket at byte 3"), ("[1", "unexpected end of input at byte 2"),
        ("{\"a\":1", "unexpected end of input at byte 6"), ("{\"a\" 1}", "expected a colon after a key at byte 5"),
        ("{a:1}", "expected a key in quotes at byte 1"), ("{\"a\":1,}", "expected a key in quotes at byte 7"),
        ("{\"a\":1;}", "expected a comma or a closing brace at byte 6"),
        ("1 2", "unexpected content after the value at byte 2"),
        ("trux", "expected true, false or null at byte 3"), ("tr", "unexpected end of input at byte 2"),
        ("nulx", "expected true, false or null at byte 3"), ("-", "unexpected end of input at byte 1"),
        ("-x", "malformed number at byte 1"), ("01", "malformed number at byte 1"),
        ("1.", "unexpected end of input at byte 2"),
        ("1.x", "malformed number at byte 2"), ("1e+x", "malformed number at byte 3"),
        ("\"a", "unexpected end of input at byte 2"), ("\"a\nb\"", "unescaped control character in a string at byte 2"),
        ("\"\\x\"", "malformed escape in a string at byte 1"),
        ("\"12345678\\u12g4\"", "malformed escape in a string at byte 9"),
        ("\"\\u12", "unexpected end of input at byte 5"), ("\"\\", "unexpected end of input at byte 2"),
    ])
    func saysWhatIsWrongAndWhere(json: String, message: String) {
        do {
            try JSONScanner.validate(Array(json.utf8))
            Issue.record("valid")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(throws: JSONError(.invalidUTF8, at: 3)) { try JSONScanner.validate([34, 97, 98, 0xff, 34]) }
        #expect(throws: JSONError(.unexpectedEnd, at: 3)) { try JSONScanner.validate([34, 0xe2, 0x82]) }
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try JSONScanner.validate([34, 0xed, 0xa0, 0x80, 34]) }
    }

    @Test func limitsNesting() throws {
        func nest(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        try JSONScanner.validate(nest(512))
        #expect(throws: JSONError(.nestedTooDeeply, at: 512)) { try JSONScanner.validate(nest(513)) }
        let member = Array(#"{"a":"#.utf8)
        #expect(try members(String(decoding: member + nest(511) + [125], as: UTF8.self)).count == 1)
        #expect(throws: JSONError(.nestedTooDeeply, at: 516)) {
            try members(String(decoding: member + nest(512) + [125], as: UTF8.self))
        }
    }

    @Test func walkingAnObjectValidatesIt() {
        for json in [
            #"{"a":1"#, #"{"a":1}x"#, #"{"a":1,}"#, #"{"a":[}"#, "{", #"{"a"}"#, #"{"a":}"#, "[]", "", "1", "{,}",
        ] {
            #expect(throws: JSONError.self, "\(json)") { try members(json) }
        }
    }

    @Test func halvesOfSurrogatePairsAreGrammatical() throws {
        try JSONScanner.validate(Array(#""\ud800""#.utf8))
    }
}
