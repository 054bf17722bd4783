import Foundation
import Testing

/// The Swift code that the documentation shows is code that is built: a part of a file in `Snippets/` or of an example,
/// word for word.
@Suite(.timeLimit(.minutes(1)))
struct DocumentationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func files(in folder: String, ending: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == ending }
    }

    /// Lines without their indentation, so that an example may stand further to the left than its original.
    private static func lines(of text: some StringProtocol) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// The blocks of a Markdown file that are marked as Swift.
    private static func examples(in url: URL) throws -> [String] {
        let text = try String(contentsOf: url, encoding: .utf8)
        return text.split(separator: "\n```swift\n", omittingEmptySubsequences: false).dropFirst().map { rest in
            rest.split(separator: "\n```", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
        }
    }

    /// The folders with the code that is shown.
    private static let folders =
        ["Snippets"] + ["command-line-tool", "web-service", "worker"].map { "Examples/\($0)/Sources" }

    @Test func everyExampleIsBuilt() throws {
        let sources = try Self.folders.flatMap { try Self.files(in: $0, ending: "swift") }.map {
            Self.lines(of: try String(contentsOf: $0, encoding: .utf8))
        }
        let readme = Self.root.appending(path: "README.md")
        let articles = try Self.files(in: "Sources/Hindsight/Hindsight.docc", ending: "md")
        var count = 0
        for url in [readme] + articles {
            for example in try Self.examples(in: url) {
                let lines = Self.lines(of: example)
                #expect(
                    sources.contains { !$0.ranges(of: lines).isEmpty },
                    "neither in Snippets/ nor in Examples/, but in \(url.lastPathComponent):\n\(example)")
                count += 1
            }
        }
        #expect(count > 0, "the documentation shows no code, or is not where it was")
    }
}
