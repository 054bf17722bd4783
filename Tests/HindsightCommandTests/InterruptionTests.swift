import Hindsight
import HindsightCommand
import HindsightPostgres
import HindsightTestSupport
import Subprocess
import Testing

@Suite("Signals", .timeLimit(.minutes(5)))
struct InterruptionTests {
    @Test func drainThenCancelThenExit() {
        var policy = InterruptionPolicy()
        let start = ContinuousClock.now
        #expect(policy.received(canDrain: true, at: start) == .drain)
        #expect(policy.received(canDrain: true, at: start + .seconds(2)) == .cancel)
        #expect(policy.received(canDrain: true, at: start + .seconds(3)) == .exit)
    }

    @Test func takeTwoAtOnceForOne() {
        var policy = InterruptionPolicy()
        let start = ContinuousClock.now
        #expect(policy.received(canDrain: true, at: start) == .drain)
        #expect(policy.received(canDrain: true, at: start + .milliseconds(1)) == .drain)
        #expect(policy.received(canDrain: true, at: start + .seconds(2)) == .cancel)
    }

    @Test func cancelWhatDoesNotDrainInTimeThenExit() {
        var policy = InterruptionPolicy()
        #expect(policy.received(canDrain: true) == .drain)
        #expect(policy.timeIsUp(for: .drain) == .cancel)
        #expect(policy.timeIsUp(for: .cancel) == .exit)
    }

    @Test func leaveItToALaterSignalWhatFollows() {
        var policy = InterruptionPolicy()
        let start = ContinuousClock.now
        #expect(policy.received(canDrain: true, at: start) == .drain)
        #expect(policy.received(canDrain: true, at: start + .seconds(2)) == .cancel)
        // The time of the drain counts no more; that of the cancellation does.
        #expect(policy.timeIsUp(for: .drain) == nil)
        #expect(policy.timeIsUp(for: .cancel) == .exit)
    }

    @Test func cancelWhatCannotDrain() {
        var policy = InterruptionPolicy()
        #expect(policy.received(canDrain: false) == .cancel)
        #expect(policy.received(canDrain: false) == .exit)
    }

    @Test(arguments: [Signal.terminate, .interrupt])
    func endTheEngineWithSuccess(signal: Signal) async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let outcome = try await shop(
            "run", "--json", "--log-level", "debug", send: signal, afterError: "Starting service sl-service")
        #expect(outcome.status == .exited(0), "\(outcome.error)")
        #expect(outcome.output.contains(#""projections":[{"name":"order_summary""#))
    }

    @Test func endFollowingWithSuccess() async throws {
        try await ShopFixture.with { fixture in
            #expect(try await fixture.shop("events", "import", "-", input: Lines.orders(0..<3)).status == .exited(0))
            let log = try await fixture.shop("events", "read", "--follow", "--json", send: .terminate, afterOutput: 9)
            #expect(log.status == .exited(0), "\(log.error)")
            #expect(log.lines.count == 9)
            let stream = try await fixture.shop(
                "events", "read", "--follow", "--stream", "order-1", "--json", send: .interrupt, afterOutput: 3)
            #expect(stream.status == .exited(0), "\(stream.error)")
            #expect(stream.lines.count == 3)
        }
    }

    @Test func sayHowFarAnImportCameWhichThenGoesOn() async throws {
        try await ShopFixture.with { fixture in
            let text = Lines.orders(0..<4_000)
            // Two batches and a half, and then nothing.
            let stopped = try await fixture.shop.interrupted(
                ["events", "import", "-"], fed: Lines.orders(0..<2_500), send: .interrupt
            ) {
                try await fixture.waitForEvents(6_000)
            }
            #expect(stopped.status == .exited(128 + 2), "\(stopped.error)")
            let told =
                #/shop: interrupted: (3,000|6,000) events of standard input are stored, up to line (3000|6000); the same/#
            #expect(try told.firstMatch(in: stopped.error) != nil, "\(stopped.error)")
            #expect(try await fixture.events().count == 6_000)
            let again = try await fixture.shop("events", "import", "-", input: text)
            #expect(again.output.hasPrefix("12,000 events read, 6,000 stored, 6,000 were there"), "\(again.output)")
            #expect(Set(try await fixture.events().map(\.id)).count == 12_000)
        }
    }

    @Test func sayHowFarARebuildCameWhichThenGoesOn() async throws {
        try await ShopFixture.with { fixture in
            try await fixture.expectSuccess("simulate", "--orders", "1500", "--seed", "1")
            try await fixture.expectSuccess("run", "--until-caught-up")
            let rebuild = ["projections", "rebuild", "order_summary", "--throttle", "300"]
            let stopped = try await fixture.shop.interrupted(rebuild, send: .terminate) {
                try await fixture.until { try await fixture.checkpoint() > 0 }
                // Twice, so that the process has looked at its progress after the checkpoint.
                for _ in 1...2 {
                    let beat = try await fixture.lastBeat()
                    try await fixture.until { try await fixture.lastBeat() != beat }
                }
            }
            #expect(stopped.status == .exited(128 + 15), "\(stopped.error)")
            #expect(
                stopped.error.contains(
                    "shop: interrupted; what is shown stays as it is, and the same command goes on\n"))
            #expect(stopped.error.contains("  order_summary was reading, at position "), "\(stopped.error)")
            let told = try #require(
                try #/goes on from its checkpoint at ([0-9,]+)/#.firstMatch(in: stopped.error), "\(stopped.error)")
            // It is where the next attempt begins.
            #expect(Int64(told.1.replacing(",", with: "")) == (try await fixture.checkpoint()))

            let restarted = try await fixture.shop.interrupted(rebuild + ["--restart"], send: .interrupt) {
                try await fixture.until { try await fixture.checkpoint() == 0 }
            }
            #expect(restarted.status == .exited(128 + 2), "\(restarted.error)")
            #expect(restarted.error.contains("and the same command without --restart goes on"), "\(restarted.error)")
            try await fixture.expectSuccess("projections", "rebuild", "order_summary")
            try await fixture.expectRecount("order_summary")
        }
    }

    @Test func endAnImportWithTheirNumber() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        // Standard input stays silent, so only the signal can end it.
        let outcome = try await shop.silent(
            "events", "import", "-", "--log-level", "debug", send: .terminate, afterError: "database ready")
        #expect(outcome.status == .exited(128 + 15), "\(outcome.error)")
    }
}

extension ShopFixture {
    /// Where the rebuild in progress would go on.
    fileprivate func checkpoint() async throws -> Int64 {
        try await pool.withSession { session in
            try session.query("select coalesce(max(position), 0) from hindsight.offsets where kind = 'rebuild'")[0]
                .decode(0)
        }
    }

    /// When the rebuild in progress published its progress last.
    fileprivate func lastBeat() async throws -> String {
        try await pool.withSession { session in
            try session.query("select coalesce(max(updated_at)::text, '') from hindsight.rebuilds")[0].decode(0)
        }
    }

    fileprivate func until(_ isTrue: () async throws -> Bool) async throws {
        while try await !isTrue() {
            try Task.checkCancellation()
            // Only a pause between two looks.
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
