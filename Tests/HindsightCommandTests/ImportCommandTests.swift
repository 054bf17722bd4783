import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("events import", .timeLimit(.minutes(5)))
struct ImportCommandTests {
    private struct Count: Decodable {
        var read: Int
        var stored: Int
        var already_stored: Int
    }

    /// Imports text or a file; returns how many events were stored.
    private func imported(_ text: String = "", path: String = "-", _ fixture: ShopFixture) async throws -> Int {
        let outcome = try await fixture.shop("events", "import", path, "--json", input: text)
        #expect(outcome.status == .exited(0), "\(outcome.error)")
        let count = try outcome.json(as: Count.self)
        #expect(count.read == count.stored + count.already_stored)
        return count.stored
    }

    @Test func storesEachEventOnce() async throws {
        try await ShopFixture.with { fixture in
            // Every line twice: the same order line may be in an order two times.
            let lines = Lines.orders(0..<700)
            let text = lines + lines
            #expect(try await imported(text, fixture) == 4_200)
            #expect(try await imported(text, fixture) == 0)
            let events = try await fixture.events()
            #expect(events.count == 4_200)
            #expect(Set(events.map(\.id)).count == 4_200)
            #expect(
                events.prefix(6).map(\.stream.rawValue) == Array(repeating: "order-0", count: 3)
                    + Array(repeating: "order-1", count: 3))
            #expect(events.filter { $0.stream == "order-5" }.map(\.version) == Array(0..<6))
        }
    }

    @Test func storesTheNextMonthOfTheSameStreams() async throws {
        try await ShopFixture.with { fixture in
            let first = Lines.orders(0..<100)
            let next = first.replacing("2011-05-0", with: "2011-06-0")
            let stored = [try await imported(first, fixture), try await imported(next, fixture)]
            #expect(stored == [300, 300])
            #expect(try await fixture.log.readStream("order-7").map(\.version) == Array(0..<6))
        }
    }

    @Test func isCompletedAfterAKill() async throws {
        try await ShopFixture.with { fixture in
            let text = Lines.orders(0..<4_000)
            // A batch and a half, and then nothing: what is stored is the batch.
            let some = Lines.orders(0..<1_500)
            let killed = try await fixture.shop.killed("events", "import", "-", fed: some) {
                try await fixture.waitForEvents(3_000)
            }
            #expect(killed.status == .signaled(9))
            #expect(try await fixture.events().count == 3_000)
            #expect(try await imported(text, fixture) == 9_000)
            let events = try await fixture.events()
            #expect(events.count == 12_000)
            #expect(Set(events.map(\.id)).count == 12_000)
        }
    }

    @Test func completesWhatIsStoredInPart() async throws {
        try await ShopFixture.with { fixture in
            // Known and unknown events side by side in one batch.
            let all = Lines.orders(0..<20).split(separator: "\n")
            let some = all.enumerated().filter { $0.offset % 3 == 0 }.map { $0.element + "\n" }.joined()
            let text = all.joined(separator: "\n")
            let stored = [try await imported(some, fixture), try await imported(text, fixture)]
            #expect(stored == [20, 40])
            #expect(try await fixture.events().count == 60)
        }
    }

    @Test func mayRunTwiceAtOnce() async throws {
        try await ShopFixture.with { fixture in
            let text = Lines.orders(0..<1_500)
            async let first = imported(text, fixture)
            async let second = imported(text, fixture)
            let stored = try await first + second
            #expect(stored == 4_500)
            #expect(try await fixture.events().count == 4_500)
        }
    }

    @Test func stopsAtAnInvalidLineAndGoesOnWhenItIsCorrected() async throws {
        try await ShopFixture.with { fixture in
            let good = Lines.orders(0..<10)
            let bad = good.replacing("\"quantity\":2,", with: "\"quantity\":,", maxReplacements: 1)
            let outcome = try await fixture.shop("events", "import", "-", input: bad)
            #expect(outcome.status == .exited(1))
            #expect(outcome.output.isEmpty)
            #expect(outcome.error.contains("shop: standard input:2: expected a value at byte"), "\(outcome.error)")
            #expect(try await fixture.events().count == 1)
            #expect(try await imported(good, fixture) == 29)
        }
    }

    @Test func namesTheLineOfAnIdThatIsTaken() async throws {
        try await ShopFixture.with { fixture in
            let id = "0190163d-8694-739b-aea5-966c26f8ad91"
            func line(_ data: String) -> String {
                #"{"stream":"s","type":"T","at":"2020-01-01T00:00:00Z","data":\#(data),"id":"\#(id)"}"# + "\n"
            }
            #expect(try await imported(line("{\"a\" :1}"), fixture) == 1)
            let outcome = try await fixture.shop(
                "events", "import", "-", "--json", input: Lines.orders(0..<1) + line("{\"a\": 2}"))
            #expect(outcome.status == .exited(1))
            #expect(outcome.error.contains("standard input:4: id \(id) is stored at position 1 with another"))
        }
    }

    @Test func namesTheLinesThatTheServerRefuses() async throws {
        try await ShopFixture.with { fixture in
            let first = Lines.orders(0..<3)
            #expect(try await imported(first, fixture) == 9)
            try await fixture.pool.withSession { session in
                _ = try session.execute("alter table hindsight.events add constraint few check (position < 11)")
            }
            for arguments in [["--json"], []] {
                let outcome = try await fixture.shop.run(
                    ["events", "import", "-"] + arguments, input: first + Lines.orders(3..<6))
                #expect(outcome.status == .exited(1))
                #expect(
                    outcome.error.contains("standard input:10-18: nothing of these lines is stored: server error"),
                    "\(outcome.error)")
                #expect(outcome.error.contains("(0 events before it are stored; import the file again"))
            }
            #expect(try await fixture.events().count == 9)
        }
    }

    @Test func readsFilesPlainAndZipped() async throws {
        try await ShopFixture.with { fixture in
            let zipped = try await Lines.gzipped(Lines.orders(0..<10))
            let first = try await Lines.withFile(zipped) { try await imported(path: $0, fixture) }
            #expect(first == 30)
            let second = try await Lines.withFile(Lines.orders(0..<11).utf8) { try await imported(path: $0, fixture) }
            #expect(second == 3)
        }
    }
}
