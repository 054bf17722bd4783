import HindsightJSON
import HindsightTestSupport
import Testing

/// Texts that come again are not made again, which nobody may notice.
@Suite struct RepeatedTextTests {
    private struct Line: Codable, Hashable {
        var name: String
        var note: String?
    }

    private func expectSame(_ lines: [Line], with decoder: JSONEventDecoder) throws {
        for line in lines {
            let note = line.note.map { #","note":"\#($0)""# } ?? ""
            let json = Array(#"{"name":"\#(line.name)"\#(note)}"#.utf8)
            #expect(try decoder.decode(Line.self, from: json) == line)
        }
    }

    @Test(arguments: [1, 5, 300, 20_000])
    func textsOfAllLengthsThatComeAgain(distinct: Int) throws {
        var random = SeededGenerator(seed: UInt64(distinct))
        let alphabet = ["a", "b", " ", "é", "€", "😀"]
        let texts = (0..<distinct).map { number in
            // Those of one length differ in one character only, at the beginning, in the middle or at the end.
            let length = 12 + number % 60
            var text = (0..<length).map { _ in "x" }
            text[Int.random(in: 0..<length, using: &random)] = alphabet.randomElement(using: &random) ?? ""
            return text.joined()
        }
        let lines = (0..<max(3_000, 2 * distinct)).map { number in
            Line(
                name: texts[Int.random(in: 0..<distinct, using: &random)],
                note: number.isMultiple(of: 3) ? nil : texts[number % distinct])
        }
        let decoder = JSONEventDecoder()
        try expectSame(lines, with: decoder)
        try expectSame(lines.reversed(), with: decoder.unshared())
    }

    @Test func textsOutliveTheirDecoder() throws {
        let text = "a text that is longer than fifteen bytes"
        var kept: [Line] = []
        do {
            let decoder = JSONEventDecoder()
            for _ in 0..<2_000 {
                kept.append(try decoder.decode(Line.self, from: Array(#"{"name":"\#(text)"}"#.utf8)))
            }
        }
        #expect(kept.allSatisfy { $0.name == text })
    }

    @Test func severalTasksDecodeWithOneDecoder() async throws {
        let decoder = JSONEventDecoder()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for task in 0..<8 {
                tasks.addTask {
                    try expectSame(
                        (0..<3_000).map { Line(name: "text number \($0 % 700) of task \(task % 3)", note: nil) },
                        with: decoder)
                }
            }
            try await tasks.waitForAll()
        }
    }

    @Test func anUnsharedDecoderHasTheSameSettings() throws {
        var decoder = JSONEventDecoder()
        decoder.dateStrategy = .secondsSince1970
        let key = try #require(CodingUserInfoKey(rawValue: "clerk"))
        decoder.userInfo = [key: "Ada"]
        let copy = decoder.unshared()
        guard case .secondsSince1970 = copy.dateStrategy else {
            Issue.record("the date strategy is \(copy.dateStrategy)")
            return
        }
        #expect(copy.userInfo[key] as? String == "Ada")
    }
}
