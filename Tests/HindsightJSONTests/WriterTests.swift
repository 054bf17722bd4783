import HindsightJSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct WriterTests {
    private func write(_ text: String) -> String {
        var buffer = Array("x".utf8)
        JSONWriter.append(text, to: &buffer)
        return String(decoding: buffer.dropFirst(), as: UTF8.self)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("a\"b\\c/d", #""a\"b\\c/d""#), ("\n\r\t\u{8}\u{c}", #""\n\r\t\b\f""#),
        ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""), ("é😀\u{2028}", "\"é😀\u{2028}\""), ("\"", #""\"""#),
    ])
    func escapesWhatMustBeEscaped(text: String, json: String) {
        #expect(write(text) == json)
    }

    @Test func everyCharacterComesBack() throws {
        let scalars = (0...0x10ffff).lazy.compactMap { Unicode.Scalar($0 as UInt32) }
        var text = String.UnicodeScalarView()
        for scalar in scalars where scalar.value < 0x3000 || scalar.value % 97 == 0 { text.append(scalar) }
        let string = String(text)
        let bytes = Array("[\(write(string))]".utf8)
        try JSONScanner.validate(bytes)
        #expect(try JSONEventDecoder().decode([String].self, from: bytes) == [string])
    }
}
