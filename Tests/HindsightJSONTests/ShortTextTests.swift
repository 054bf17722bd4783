import HindsightJSON
import Testing

/// Texts that are made of two words.
@Suite(.timeLimit(.minutes(10)))
struct ShortTextTests {
    /// Without this, the texts of the other tests are made by the standard library, and the tests say nothing.
    @Test func theirLayoutIsKnown() {
        #expect(JSONSmallText.isKnown)
    }

    @Test(arguments: ["", "a", "é", "€", "😀", "z\u{301}", "\u{7f}"])
    func areTheSameAsAnyOther(ending: String) throws {
        let decoder = JSONEventDecoder()
        for length in 0...20 {
            let text = String("abcdefghijklmnopqrstuvwxyz".prefix(length)) + ending
            // Nothing follows the string, and something does.
            for json in [#"["\#(text)"]"#, #"["\#(text)", "and more after it"]"#] {
                var decoded = try #require(try decoder.decode([String].self, from: Array(json.utf8)).first)
                #expect(decoded == text)
                #expect(Array(decoded.utf8) == Array(text.utf8))
                #expect(decoded.hashValue == text.hashValue)
                #expect(decoded.count == text.count && decoded.utf16.count == text.utf16.count)
                decoded += "!"
                #expect(decoded == text + "!")
            }
        }
    }

    @Test func areKeys() throws {
        let decoder = JSONEventDecoder()
        for length in 0...20 {
            for last in ["", "x", "é"] {
                let key = String(repeating: "k", count: length) + last
                let json = Array(#"{"\#(key)":1,"\#(key)2":2}"#.utf8)
                #expect(try decoder.decode([String: Int].self, from: json) == [key: 1, key + "2": 2])
            }
        }
    }
}
