import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Subprocess
import Testing

@Suite("Killing the engine", .serialized, .timeLimit(.minutes(5)))
struct CrashTests {
    @Test("Thirty kills at random moments of a catch-up, under concurrent appends, change nothing in any view")
    func killed() async throws {
        try await ShopFixture.with { fixture in
            try await fixture.expectSuccess("simulate", "--orders", "3000", "--seed", "1")
            var random = SeededGenerator(seed: 2_026)
            var interrupted = 0
            for seed in 2...32 {
                // Orders come in while the engine works, so that there is always something left to apply.
                async let orders: Void = fixture.expectSuccess("simulate", "--orders", "120", "--seed", "\(seed)")
                let before = try await fixture.applied()
                let delay = Duration.milliseconds(Int.random(in: 0...120, using: &random))
                let outcome = try await fixture.shop.killed("run", fed: "") {
                    // Random moments are what this test is about; those before the engine has begun would prove little.
                    try await fixture.untilWorking(since: before)
                    try await Task.sleep(for: delay)
                }
                #expect(outcome.status == .signaled(9))
                if try await fixture.isBehind() { interrupted += 1 }
                try await orders
            }
            #expect(interrupted > 0, "each kill came after the last event")
            try await fixture.expectSuccess("run", "--until-caught-up")
            for view in ShopFixture.views { try await fixture.expectRecount(view) }
            let counts = try await fixture.pool.withSession { session in
                try session.query(
                    "select applied, (select count(*) from hindsight.events) from hindsight.offsets where kind = 'projection'"
                ).map { (try $0.decode(0, as: Int.self), try $0.decode(1, as: Int.self)) }
            }
            #expect(counts.count == 4)
            for (applied, events) in counts { #expect(applied == events) }
        }
    }
}

extension ShopFixture {
    /// How many events each projection has applied.
    fileprivate func applied() async throws -> [String: Int] {
        try await pool.withSession { session in
            let rows = try session.query("select name, applied from hindsight.offsets where kind = 'projection'")
            let pairs = try rows.map { (try $0.decode(0, as: String.self), try $0.decode(1, as: Int.self)) }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }

    /// True when some projection has not applied all that is in the log.
    fileprivate func isBehind() async throws -> Bool {
        try await pool.withSession { session in
            try session.query(
                "select min(applied) < (select count(*) from hindsight.events) from hindsight.offsets where kind = 'projection'"
            )[0].decode(0)
        }
    }

    /// Waits until an engine has the leases and each projection has applied something: three processes that die in a row while
    /// a projection folds the same event would rightly stop it there.
    fileprivate func untilWorking(since applied: [String: Int]) async throws {
        while true {
            let now = try await self.applied()
            if now.count == Self.views.count && now.allSatisfy({ $0.value > applied[$0.key] ?? 0 }) { return }
            try Task.checkCancellation()
            // Only a pause between two looks.
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
