import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("An import by a role that may only append", .timeLimit(.minutes(3)))
struct ImportRoleTests {
    /// A shop whose role was given what `grant_append` gives, and nothing else.
    private func withAppender(_ body: (ShopFixture, ShopProcess) async throws -> Void) async throws {
        try await ShopFixture.with { fixture in
            let role = "appender_\(UInt64.random(in: 0 ... .max))"
            let name = PostgresIdentifier(role)
            try await fixture.pool.withSession { session in
                try session.script("create role \(name.quoted) login")
                try session.script("set search_path = hindsight; select grant_append('\(role)'::regrole)")
            }
            try await body(fixture, ShopProcess(url: fixture.pool.configuration.conninfo + " user='\(role)'"))
            try await fixture.pool.withSession { session in
                try session.script("drop owned by \(name.quoted); drop role \(name.quoted)")
            }
        }
    }

    @Test func completesWhatIsKnownInPart() async throws {
        try await withAppender { fixture, shop in
            // Known and unknown events side by side in one batch, and in one stream.
            let all = Lines.orders(0..<40).split(separator: "\n").map { $0 + "\n" }
            let some = all.enumerated().filter { $0.offset % 4 == 0 || $0.offset > 90 }.map(\.element).joined()
            for text in [some, all.joined(), all.joined()] {
                let outcome = try await shop("events", "import", "-", input: text)
                #expect(outcome.status == .exited(0), "\(outcome.error)")
            }
            let events = try await fixture.events()
            #expect(events.count == 120)
            #expect(Set(events.map(\.id)).count == 120)
        }
    }

    @Test func completesALongStreamThatIsKnownInPart() async throws {
        try await withAppender { fixture, shop in
            let all = Lines.orders(0..<700).split(separator: "\n").map { line in
                line.replacing(/order-[0-9]+/, with: "order-1") + "\n"
            }
            let some = all.enumerated().filter { $0.offset % 7 < 3 }.map(\.element).joined()
            for text in [some, all.joined()] {
                let outcome = try await shop("events", "import", "-", input: text)
                #expect(outcome.status == .exited(0), "\(outcome.error)")
            }
            #expect(try await fixture.events().count == all.count)
        }
    }

    @Test func namesTheFirstLineOfAnIdThatIsTaken() async throws {
        try await withAppender { fixture, shop in
            func id(_ number: Int) -> String { "0190163d-8694-739b-aea5-00000000000\(number)" }
            func line(_ number: Int, stream: String = "s", data: String) -> String {
                #"{"stream":"\#(stream)","type":"T","at":"2020-01-01T00:00:00Z","data":\#(data),"id":"\#(id(number))"}"#
                    + "\n"
            }
            let known = (1...5).map { line($0, data: "\($0)") }
            #expect(try await shop("events", "import", "-", input: known.joined()).status == .exited(0))
            for (lines, taken) in [
                (known[..<2] + [line(3, data: "33"), line(4, data: "44")], 3),
                (known[..<3] + [line(4, stream: "t", data: "4")], 4),
            ] {
                let outcome = try await shop("events", "import", "-", input: Lines.orders(0..<1) + lines.joined())
                #expect(outcome.status == .exited(1))
                #expect(
                    outcome.error.contains(
                        "standard input:\(taken + 3): id \(id(taken)) is stored with another stream, type or data"),
                    "\(outcome.error)")
                #expect(try await fixture.events().count == 5)
            }
        }
    }
}
