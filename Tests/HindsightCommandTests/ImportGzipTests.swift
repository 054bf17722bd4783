import Hindsight
import HindsightCommand
import HindsightTestSupport
import Subprocess
import Synchronization
import Testing

/// No event is stored that its checksum does not vouch for.
@Suite("A gzipped file that is imported", .timeLimit(.minutes(5)))
struct ImportGzipTests {
    private func lines(_ numbers: ClosedRange<Int>) -> String {
        numbers.map { #"{"stream":"s","type":"T","at":"2020-01-01T00:00:00Z","data":\#($0)}"# + "\n" }.joined()
    }

    /// The data of each event of a file, and the error that ended it.
    private func read(_ bytes: some Sequence<UInt8>) async throws -> (data: [Int], error: String?) {
        try await Lines.withFile(bytes) { path in
            var data: [Int] = []
            do {
                let reader = try ImportReader(path: path)
                while let batch = try await reader.nextBatch() {
                    data += batch.events.compactMap { Int(String(decoding: $0.event.data, as: UTF8.self)) }
                }
                return (data, nil)
            } catch let error as CommandError {
                return (data, error.description.replacing(path, with: "FILE"))
            }
        }
    }

    @Test(arguments: [8, 7, 6, 5, 4, 3, 2, 1])
    func givesNothingOfAPartWhoseChecksumOrLengthIsWrong(fromEnd: Int) async throws {
        var zipped = try await Lines.gzipped(lines(1...40_000))
        zipped[zipped.count - fromEnd] ^= 0x10
        let (data, error) = try await read(zipped)
        #expect(data.isEmpty)
        #expect(try #require(error).hasPrefix("FILE:1: the gzip data is corrupt: incorrect"), "\(error ?? "")")
    }

    @Test("Whichever bit is wrong, what is read is right")
    func givesOnlyWhatIsRight() async throws {
        let first = try await Lines.gzipped(lines(1...50))
        let second = try await Lines.gzipped(lines(51...100))
        var random = SeededGenerator(seed: 12)
        for _ in 0..<150 {
            var zipped = first + second
            let place = Int.random(in: 0..<zipped.count, using: &random)
            zipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let (data, error) = try await read(zipped)
            // A bit of a header may mean nothing. Then all is there; otherwise whole parts are missing.
            #expect(data == Array(1...100) || error != nil && (data.isEmpty || data == Array(1...50)), "byte \(place)")
        }
    }

    @Test func givesThePartsBeforeTheWrongOne() async throws {
        let parts = [try await Lines.gzipped(lines(1...3)), try await Lines.gzipped(lines(4...6))]
        var last = try await Lines.gzipped(lines(7...9))
        last[last.count - 5] ^= 1
        let (data, error) = try await read(parts.joined() + last)
        #expect(data == Array(1...6))
        let start = parts.joined().count + 1
        #expect(try #require(error).hasPrefix("FILE:7: the gzip data is corrupt: incorrect data check"))
        #expect(
            try #require(error).contains("part 3 of the gzip data, which begins at byte \(start)"), "\(error ?? "")")
    }

    @Test func givesNothingOfAPartThatIsCutShort() async throws {
        let first = try await Lines.gzipped(lines(1...3))
        let second = try await Lines.gzipped(lines(4...2_000))
        for end in [1, 9, second.count / 2, second.count - 8, second.count - 1] {
            let (data, error) = try await read(first + second[..<end])
            #expect(data == [1, 2, 3])
            #expect(try #require(error).hasPrefix("FILE:4: the gzip data is cut short"), "\(error ?? "")")
        }
    }

    @Test func mayEndWithZeros() async throws {
        let zipped = try await Lines.gzipped(lines(1...3))
        for count in [1, 7, 512, 300_000] {
            let (data, error) = try await read(zipped + Array(repeating: 0, count: count))
            #expect(data == [1, 2, 3] && error == nil, "\(error ?? "")")
        }
        let other = try await Lines.gzipped(lines(4...6))
        #expect(try await read(zipped + Array(repeating: 0, count: 512) + other).data == Array(1...6))
    }

    @Test func mustNotGoOnWithSomethingElse() async throws {
        let zipped = try await Lines.gzipped(lines(1...3))
        for rest in ["x", "\u{0}\u{0}x", lines(4...5)] {
            let (data, error) = try await read(zipped + Array(rest.utf8))
            #expect(data == [1, 2, 3])
            #expect(try #require(error).hasPrefix("FILE:4: the gzip data is c"), "\(error ?? "")")
        }
    }

    @Test func storesNothingOfAWrongPartFromAPipeEither() async throws {
        try await ShopFixture.with { fixture in
            var wrong = try await Lines.gzipped(lines(4...90_000))
            wrong[wrong.count - 5] ^= 1
            let zipped = try await Lines.gzipped(lines(1...3)) + wrong
            let outcome = try await fixture.shop.run(["events", "import", "-"], bytes: zipped)
            #expect(outcome.status == .exited(1))
            #expect(
                outcome.error.contains("shop: standard input:4: the gzip data is corrupt: incorrect data check"),
                "\(outcome.error)")
            #expect(outcome.error.contains("3 events before it are stored"), "\(outcome.error)")
            #expect(try await fixture.events().count == 3)
            let right = try await Lines.gzipped(lines(1...300)) + Lines.gzipped(lines(301...30_000)) + [0, 0]
            let whole = try await fixture.shop.run(["events", "import", "-"], bytes: right)
            #expect(whole.status == .exited(0), "\(whole.error)")
            #expect(try await fixture.events().count == 30_000)
        }
    }

    @Test("How far it is read is measured in packed bytes, without those that wait to be unpacked")
    func knowsHowFarItIsRead() async throws {
        // All of it fits into one reading of the file.
        let zipped = try await Lines.gzipped(lines(1...60_000))
        #expect(zipped.count > 100_000 && zipped.count < 256 << 10)
        var limits = ImportBatch.Limits()
        limits.events = 6_000
        let fractions = try await Lines.withFile(zipped) { path in
            let reader = try ImportReader(path: path, limits: limits)
            let checked = Mutex<[Double?]>([])
            try await reader.prepare { fraction in checked.withLock { $0.append(fraction) } }
            #expect(checked.withLock { $0 } == [1])
            var fractions: [Double] = []
            while let batch = try await reader.nextBatch() { fractions.append(try #require(batch.fraction)) }
            return fractions
        }
        #expect(fractions.count == 10)
        for (index, fraction) in fractions.enumerated() {
            // Lines are read ahead, up to 512 KiB of them: a seventh of all.
            let share = Double(index + 1) / 10
            #expect(fraction > share - 0.1 && fraction < share + 0.25, "\(fractions)")
        }
        #expect(fractions.last == 1)
    }
}
