import HindsightCommand
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

    @Test func endAnImportWithTheirNumber() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        // Standard input stays silent, so only the signal can end it.
        let outcome = try await shop.silent(
            "events", "import", "-", "--log-level", "debug", send: .terminate, afterError: "database ready")
        #expect(outcome.status == .exited(128 + 15), "\(outcome.error)")
    }
}
