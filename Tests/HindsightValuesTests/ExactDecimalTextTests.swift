import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite(.timeLimit(.minutes(5)))
struct ExactDecimalTextTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("2.50", "2.50"), ("+1", "1"), ("-12.345", "-12.345"), ("007", "7"), ("0.00", "0.00"),
        ("1e3", "1000"), ("1.5E3", "1500"), ("1.50e1", "15.0"), ("1.5e-3", "0.0015"), ("0e99999999999", "0"),
        ("1e37", "10000000000000000000000000000000000000"), ("100e-40", "0.00000000000000000000000000000000000001"),
        ("123456789012345678", "123456789012345678"), ("1234567890123456789", "1234567890123456789"),
        ("12345678901234567890", "12345678901234567890"), ("-0.000000000000000000001", "-0.000000000000000000001"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ("1.000000000000000000000000000000000000000000000", "1.0000000000000000000000000000000000000"),
        ("NaN", "NaN"),
    ])
    func readsAndWrites(text: String, expected: String) {
        #expect(ExactDecimal(text)?.description ?? "nil" == expected)
    }

    @Test(arguments: [
        "", "-", "+", ".", ".5", "5.", "1.2.3", "1e", "1e+", "e5", " 1", "1 ", "1,5", "0x10", "--1", "nan", "Inf",
        "1e38",
        "1e-39", "100000000000000000000000000000000000000", "1\u{0}", "１", "1e99999999999999999999", "-.5", "1.e5",
        "0.000000000000000000000000000000000000001", "10000000000000000000.0000000000000000001",
    ])
    func refuses(text: String) {
        #expect(ExactDecimal(text) == nil)
    }

    @Test func appendsToBytes() {
        var bytes = Array("x".utf8)
        ExactDecimal(coefficient: -1_005, scale: 2).append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x-10.05")
    }

    @Test func codesAsAString() throws {
        let prices = try JSONDecoder().decode([ExactDecimal].self, from: Data(#"["2.50", 2.5, 7, -1e2, "NaN"]"#.utf8))
        #expect(prices.map(\.description) == ["2.50", "2.5", "7", "-100", "NaN"])
        #expect(try JSONEncoder().encode(prices) == Data(#"["2.50","2.5","7","-100","NaN"]"#.utf8))
    }

    @Test(arguments: [#"["abc"]"#, "[null]", "[true]", "[[]]", "[1e60]", #"[""]"#])
    func decodingRefuses(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([ExactDecimal].self, from: Data(json.utf8))
        }
    }

    @Test func convertsFromFoundation() {
        #expect(ExactDecimal(Decimal(string: "-12.345")!).description == "-12.345")
        #expect(ExactDecimal(Decimal.nan) == .notANumber)
    }
}
