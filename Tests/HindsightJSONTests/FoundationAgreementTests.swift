import HindsightJSON
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The same values and the same errors as Foundation's decoder, document by document.
@Suite(.timeLimit(.minutes(10)))
struct FoundationAgreementTests {
    private static let values = [
        "null", "true", "false", "0", "-0", "1", "-1", "1.0", "-0.0", "1.5", "0.1", "1e2", "1E+2", "1e-2", "100e-2",
        "1e0",
        "127", "128", "-128", "-129", "255", "256", "65535", "65536", "2147483647", "2147483648", "-2147483648",
        "-2147483649", "4294967295", "4294967296", "9007199254740991", "9007199254740992", "9007199254740993",
        "9007199254740993.0", "9007199254740992e0", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "9223372036854775807.0", "9.223372036854775807e18",
        "18446744073709551615", "18446744073709551616", "18446744073709551615.0", "1e18", "1e19", "1e20", "1e38",
        "1e39",
        "170141183460469231731687303715884105727", "170141183460469231731687303715884105728",
        "340282366920938463463374607431768211455", "340282366920938463463374607431768211456",
        "-170141183460469231731687303715884105728", "1.0000000000000000001", "123456789012345678901234567890",
        "0.30000000000000004", "3.4028235e38", "3.4028236e38", "3.5e38", "1e-45", "1e-46", "1.401298464324817e-45",
        "1e308", "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "-1e309", "5e-324", "2e-324", "1e-400",
        "0e400", "0e-400", "0.0000000000000000000000000000000000000000001", "16777217", "16777217.0", "33554433.5",
        "0.1e1", "10e-1", "12345678901234567890e-1", "1e22", "1e23", "8.5e22", "123456789012345678e5",
        "2.2250738585072011e-308", "9007199254740993e1", "0.000001e6",
        #""""#, #""a""#, #""1""#, #""true""#, #""null""#, #""é""#, #""日本語""#, #""👨‍👩‍👧""#, #""\u00e9""#,
        #""\n\t\r\b\f\/\\\"""#,
        #""\u0000""#, #""\ud83d\ude00""#, #""\uD83D\uDE00x""#, #""\ud83d""#, #""\ude00""#, #""\ud83dx""#,
        #""\ud83d\n""#,
        #""\ud83d\u0041""#, #""\ud83d\ud83d""#, #""\uFFFF""#, #""\ufdd0""#, #""e\u0301""#,
        #""a longer string, of no great note""#,
        #""a longer string with \"escapes\" in it""#, #""\u2028""#, #""<\/script>""#,
        #""red""#, #""green""#, #""blue""#, "[]", "[1]", "[null]", "[1,2,3]", #"["a"]"#, "[[]]", "[[1],[2,3]]",
        "[1,null]",
        "[true,false]", "[1.5]", "{}", #"{"a":1}"#, #"{"1":"x"}"#, #"{"1":"x","01":"y","x":"z"}"#, #"{"a":null}"#,
        #"{"point":{}}"#, #"{"circle":{"radius":1}}"#, #"{"circle":{}}"#, #"{"named":{"_0":"a","_1":2}}"#,
        #"{"nope":{}}"#,
        #"{"point":{},"circle":{"radius":1}}"#, #"{"point":null}"#, #"{"point":{},"point":{}}"#,
        #"{"leaf":{"_0":1}}"#, #"{"node":{"left":{"leaf":{"_0":1}},"right":{"leaf":{"_0":2}}}}"#,
        #"{"node":{"left":{"leaf":{"_0":1}},"right":{"leaf":{"_0":"x"}}}}"#,
        #""2010-12-01T08:26:00Z""#, #""2010-12-01""#, #""2010-12-01T09:26:00+01:00""#,
        #""017F22E2-79B0-7CC3-98C4-DC0C0C07398F""#, #""017f22e2-79b0-7cc3-98c4-dc0c0c07398f""#,
        #""017F22E2-79B0-7CC3-98C4-DC0C0C07398""#, #""017F22E2-79B0-7CC3-98C4-DC0C0C07398FF""#,
        #""017F22E2+79B0-7CC3-98C4-DC0C0C07398F""#, #""017F22E2-79B0-7CC3-98C4-DC0C0C07398G""#,
        #""https://example.org/a?b=c#d""#, #""a b""#, #""http://[::1""#, #""mailto:a@b.c""#, #""%zz""#,
        #""aGVsbG8=""#, #""aGVsbG8""#, #""aGVs\nbG8=""#, #""aGVs\/G8=""#, #""====""#, #""aGV*bG8=""#, #"" aGVsbG8=""#,
        #"{"rawValue":1}"#, #"{"sku":"1","quantity":1,"unitPrice":"2.50","country":"UK"}"#,
    ]

    /// Every value as every type, alone, as a member, as an element and as an optional.
    private func check<T: Decodable & Equatable>(_ type: T.Type, anyFailure: Bool = false) {
        for value in Self.values {
            expectAgreement(type, value, anyFailure: anyFailure)
            expectAgreement(T?.self, value, anyFailure: anyFailure)
            expectAgreement([T].self, "[\(value)]", anyFailure: anyFailure)
            expectAgreement([T?].self, "[null,\(value)]", anyFailure: anyFailure)
            expectAgreement([String: T].self, #"{"k":\#(value)}"#, anyFailure: anyFailure)
            expectAgreement([Int: [T]].self, #"{"7":[\#(value)]}"#, anyFailure: anyFailure)
            expectAgreement(Member<T>.self, #"{"a":1,"value":\#(value)}"#, anyFailure: anyFailure)
            expectAgreement(OptionalMember<T>.self, #"{"value":\#(value),"a":1}"#, anyFailure: anyFailure)
        }
    }

    private struct Member<T: Decodable & Equatable>: Decodable, Equatable {
        var value: T
        var a: Int
    }

    private struct OptionalMember<T: Decodable & Equatable>: Decodable, Equatable {
        var value: T?
        var a: Int
    }

    @Test func integers() {
        check(Int.self)
        check(Int8.self)
        check(Int16.self)
        check(Int32.self)
        check(Int64.self)
        check(Int128.self)
    }

    @Test func unsignedIntegers() {
        check(UInt.self)
        check(UInt8.self)
        check(UInt16.self)
        check(UInt32.self)
        check(UInt64.self)
        check(UInt128.self)
    }

    @Test func otherNumbers() {
        check(Double.self)
        check(Float.self)
        check(Decimal.self)
        check(Bool.self)
    }

    @Test func text() {
        check(String.self)
        check(UUID.self)
        check(URL.self)
        check(Data.self)
    }

    @Test func ownTypes() {
        check(Timestamp.self)
        check(Day.self)
        check(OrderLine.self)
    }

    @Test func containers() {
        check([Int].self)
        check([[Int]].self)
        check([String: Int].self, anyFailure: true)
        check([Int: String].self, anyFailure: true)
        check(Set<String>.self)
        check(Wrapper.self)
    }

    @Test func enums() {
        check(Color.self)
        check(Level.self)
        check(Shape.self)
        check(Tree.self)
        check([Color: Int].self, anyFailure: true)
    }

    @Test(arguments: [
        "", " ", "\n", "x", "{", "}", "[", "]", ",", ":", "\"", "{]", "[}", "[1", "[1,", "[,1]", "[1 2]", "{\"a\"",
        "{\"a\":",
        "{\"a\":1", "{\"a\":1,", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{,}", "{1:2}", "nul", "nulll",
        "tru",
        "truex", "True", "fals", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".1", "1.e1", "1e", "1e+", "1ee1",
        "0x1",
        "1 2", "[] []", "{} x", "[1]]", "// a\n1", "[1] // a", "\u{feff}[1]", " [1] ", "\t[1]\r\n", "\u{a0}[1]",
        "[1]\u{0}",
        "\"a\nb\"", "\"a\tb\"", "\"a\u{1}b\"", "\"a\u{7f}b\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "\"\\u",
        "\"\\u123",
        "[\"a\", \"b\\]", "[1,\n 2\t,\r3 ]", "-a", "--1", "1-", "1.5.5", "[-]", "[1e]", "[01]",
    ])
    func malformedDocuments(json: String) {
        expectAgreement([Int].self, json, anyFailure: true)
        expectAgreement(Int.self, json, anyFailure: true)
        expectAgreement(String.self, json, anyFailure: true)
        expectAgreement([String: Int].self, json, anyFailure: true)
        expectAgreement(Double.self, json, anyFailure: true)
        expectAgreement(Bool?.self, json, anyFailure: true)
    }

    @Test func invalidUTF8() {
        for bytes: [UInt8] in [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xe0, 0x80, 0x80], [0xe0, 0xa0], [0xed, 0xa0, 0x80],
            [0xed, 0x9f, 0xbf], [0xef, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x90, 0x80, 0x80],
            [0xf4, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xe2, 0x28, 0xa1],
            [0xc3, 0xa9], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98],
        ] {
            for (prefix, suffix) in [("", ""), ("a", "b"), ("\\n", ""), ("0123456", "01234567890"), ("", "\\t")] {
                let json = Array("\"\(prefix)".utf8) + bytes + Array("\(suffix)\"".utf8)
                #expect(outcome(String.self, json).agrees(with: foundationOutcome(String.self, json)), "\(json)")
            }
        }
    }

    @Test func nesting() {
        for depth in [1, 2, 100, 511, 512, 513, 600] {
            expectAgreement(Nest.self, String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        for depth in [511, 512, 513] {
            let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
            expectAgreement(Empty.self, objects)
        }
    }

    private struct Empty: Decodable, Equatable {}

    @Test func missingAndDuplicateKeys() {
        for json in [
            #"{}"#, #"{"a":1}"#, #"{"b":1}"#, #"{"a":1,"b":"x"}"#, #"{"b":"x","a":1}"#, #"{"a":1,"a":2,"b":"x"}"#,
            #"{"b":"x","b":"y","a":1}"#, #"{"x":1,"a":1,"x":2,"b":"x","b":"y"}"#, #"{"a":null,"b":"x"}"#,
            #"{"a":1,"b":null}"#, #"{"a":null,"a":1,"b":"x"}"#, #"{"\u0061":1,"b":"x"}"#,
            #"{"a":1,"\u0061":2,"b":"x"}"#,
            #"{"a":1,"b":"x","\ud800":3}"#, #"{"a":1,"b":"x","é":3}"#, #"{"a":1,"b":"x","":3}"#,
            #"{"":1,"":2,"a":1,"b":"x"}"#,
            #"{"a ":1,"A":1,"aa":2,"ab":2,"ba":3}"#, #"{"a":1,"b":"x","c":{"a":2,"b":["y"]},"d":[{"a":1}]}"#,
        ] {
            expectAgreement(Pair.self, json)
            expectAgreement([Pair].self, "[\(json)]")
            expectAgreement([String: Int].self, json, anyFailure: true)
        }
    }

    private struct Pair: Codable, Equatable {
        var a: Int
        var b: String?
    }

    @Test func equivalentKeys() {
        expectAgreement(Accented.self, "{\"e\u{301}\":1,\"K\":2}")
        expectAgreement(Accented.self, "{\"\u{e9}\":1,\"\u{212a}\":2}")
        expectAgreement(Accented.self, #"{"\u00e9":1,"K":2}"#)
        expectAgreement([String: Int].self, "{\"e\u{301}\":1,\"\u{e9}\":2}")
    }

    private struct Accented: Decodable, Equatable {
        var accented: Int
        var kelvin: Int

        enum CodingKeys: String, CodingKey {
            case accented = "\u{e9}"
            case kelvin = "\u{212a}"
        }
    }

    @Test func manyKeys() {
        let members = (0..<300).map { #""k\#($0)":\#($0)"# }
        expectAgreement([String: Int].self, "{\(members.joined(separator: ","))}")
        expectAgreement([String: Int].self, "{\(members.joined(separator: ",")),\"k7\":0}")
        expectAgreement(Few.self, "{\(members.joined(separator: ","))}")
        expectAgreement(Few.self, "{\(members.reversed().joined(separator: ","))}")
        expectAgreement(Few.self, "{\(members[100...].joined(separator: ","))}")
        expectAgreement(Few.self, "{\(members[0..<60].joined(separator: ","))}")
    }

    private struct Few: Decodable, Equatable {
        var k299: Int?
        var k0: Int
        var k150: Int?
        var k59: Int?
    }

    @Test func inheritance() {
        for json in [
            #"{"dog":{"tricks":["sit"],"super":{"name":"Rex"}}}"#, #"{"dog":{"tricks":[],"name":"Rex"}}"#,
            #"{"dog":{"tricks":[],"super":{}}}"#, #"{"dog":{"tricks":[1],"super":{"name":"Rex"}}}"#,
            #"{"dog":{"tricks":[],"super":null}}"#,
        ] {
            expectAgreement(Kennel.self, json)
        }
    }
}
