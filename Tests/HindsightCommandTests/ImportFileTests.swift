import Hindsight
import HindsightCommand
import Testing

@Suite("A file that is imported", .timeLimit(.minutes(2)))
struct ImportFileTests {
    private func line(_ number: Int, stream: String = "s", data: String? = nil) -> String {
        #"{"stream":"\#(stream)","type":"T","at":"2020-01-01T00:00:00Z","data":\#(data ?? "\(number)")}"#
    }

    /// The data of each event of a file, and the error that ended it.
    private func read(
        _ bytes: some Sequence<UInt8>, limits: ImportBatch.Limits = .init()
    ) async throws -> (batches: [[String]], lines: [Int], error: String?) {
        try await Lines.withFile(bytes) { path in
            var batches: [[String]] = []
            var lines: [Int] = []
            do {
                let reader = try ImportReader(path: path, limits: limits)
                while let batch = try await reader.nextBatch() {
                    batches.append(batch.events.map { String(decoding: $0.event.data, as: UTF8.self) })
                    lines += batch.lines
                }
                return (batches, lines, nil)
            } catch let error as CommandError {
                return (batches, lines, error.description.replacing(path, with: "FILE"))
            }
        }
    }

    @Test(arguments: ["\n", "\r\n"], [true, false])
    func hasLines(end: String, isEnded: Bool) async throws {
        let text = (1...3).map { line($0) }.joined(separator: end) + (isEnded ? end : "")
        let (batches, lines, error) = try await read(text.utf8)
        #expect(batches == [["1", "2", "3"]])
        #expect(lines == [1, 2, 3])
        #expect(error == nil)
    }

    @Test func mayBeEmpty() async throws {
        let (batches, _, error) = try await read([])
        #expect(batches.isEmpty && error == nil)
    }

    @Test func mayHoldLongLines() async throws {
        let long = "\"\(String(repeating: "x", count: 3 << 20))\""
        let text = [line(1), line(2, data: long), line(3)].joined(separator: "\n")
        #expect(try await read(text.utf8).batches.joined().map(\.count) == [1, long.count, 1])
    }

    @Test func mustNotHoldLinesThatNoEventNeeds() async throws {
        let (_, _, error) = try await read(Array(repeating: UInt8(ascii: " "), count: 20 << 20))
        #expect(error == "FILE:1: the line has more than 18874368 bytes")
    }

    @Test func mayBeZipped() async throws {
        let zipped = try await Lines.gzipped((1...20_000).map { line($0) + "\n" }.joined())
        let (batches, _, error) = try await read(zipped)
        #expect(batches.joined().elementsEqual((1...20_000).map { "\($0)" }))
        #expect(error == nil)
    }

    @Test func mayBeZippedInParts() async throws {
        let zipped = try await Lines.gzipped(line(1) + "\n" + line(2)) + Lines.gzipped("\n" + line(3))
        #expect(try await read(zipped).batches == [["1", "2", "3"]])
    }

    @Test func isRefusedWhereItsZipIsCutShort() async throws {
        let first = try await Lines.gzipped(line(1) + "\n" + line(2) + "\n")
        let second = try await Lines.gzipped(line(3) + "\n" + line(4) + "\n")
        let (batches, _, error) = try await read(first + second.dropLast(6))
        #expect(batches == [["1", "2"]], "what was read before is not lost")
        #expect(try #require(error).hasPrefix("FILE:3: the gzip data is cut short"))
    }

    @Test func isRefusedWhereItsZipIsCorrupt() async throws {
        var zipped = try await Lines.gzipped(line(1) + "\n")
        zipped[zipped.count - 6] ^= 0xff
        let (batches, _, error) = try await read(zipped)
        #expect(batches.isEmpty)
        #expect(try #require(error).contains("the gzip data is corrupt"))
    }

    @Test func isRefusedAtItsFirstInvalidLine() async throws {
        let (batches, _, error) = try await read("\(line(1))\n\n\(line(3))\n".utf8)
        #expect(batches == [["1"]])
        #expect(error == "FILE:2: the line is empty")
    }

    @Test func isCutIntoBatches() async throws {
        var limits = ImportBatch.Limits()
        limits.events = 3
        limits.streams = 2
        limits.bytes = 20
        let text = [
            line(1, stream: "a"), line(2, stream: "b"), line(3, stream: "a"), line(4, stream: "a"),
            line(5, stream: "b"), line(6, stream: "c"), line(7, stream: "c", data: #""0123456789012345""#),
            line(8, stream: "c", data: #""012345678901234567890""#), line(9, stream: "c"),
        ].joined(separator: "\n")
        let (batches, lines, _) = try await read(text.utf8, limits: limits)
        #expect(batches.map(\.count) == [3, 2, 2, 1, 1])
        #expect(lines == Array(1...9))
    }

    @Test func mayRepeatAnEventWithItsId() async throws {
        let id = "0190163d-8694-739b-aea5-966c26f8ad91"
        let first = line(1).replacing("}", with: #","id":"\#(id)"}"#)
        let other = line(2).replacing("}", with: #","id":"\#(id)"}"#)
        #expect(try await read("\(first)\n\(first)\n\(line(2))".utf8).lines == [1, 3])
        let (_, _, error) = try await read("\(first)\n\(other)".utf8)
        #expect(error == "FILE:2: id \(id) is that of line 1, which says something else")
    }

    @Test func mustBeThere() {
        #expect(throws: CommandError("/nowhere/x.jsonl: No such file or directory")) {
            try ImportReader(path: "/nowhere/x.jsonl")
        }
    }
}
