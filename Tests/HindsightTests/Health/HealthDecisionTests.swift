import Hindsight
import HindsightProjections
import Testing

/// Which standstill is one.
@Suite("Deciding how a projection is", .timeLimit(.minutes(1)))
struct HealthDecisionTests {
    private static let holder = HoldingTransaction(processID: 99, seconds: 400)
    private static let owner = ProjectionDiagnosis.Owner(
        node: "host pid 7", processID: 42, isConnected: true, leaseSeconds: 9)

    /// A projection that somebody keeps up to date and that has everything.
    private var idle: ProjectionObservations {
        var seen = ProjectionObservations(name: "account", version: 1, leaseDuration: .seconds(10))
        seen.head = 100
        var shard = ProjectionObservations.Shard(offset: 100)
        (shard.owner, shard.isHeld, shard.idleSeconds) = (Self.owner, true, 90_000)
        seen.shard = shard
        seen.shownVersion = 1
        seen.wasShown = true
        return seen
    }

    private func health(
        _ seen: ProjectionObservations, since before: ProjectionObservations? = nil
    ) -> ProjectionHealth {
        .decide(from: seen, since: before, limits: .init(warning: .seconds(60), critical: .seconds(300)))
    }

    private func grade(_ seen: ProjectionObservations, since before: ProjectionObservations? = nil)
        -> ProjectionHealth.Grade
    {
        health(seen, since: before).grade
    }

    @Test("An idle engine is well, and so is one that was idle until a moment ago, or is slow")
    func well() {
        var seen = idle
        #expect(health(seen).grade == .ok && health(seen).stalledSeconds == 0)
        // An event of a moment ago waits; the offset moved a day ago.
        seen.lag = LogLag(events: 1, seconds: 2)
        #expect(health(seen).grade == .ok && health(seen).stalledSeconds == 2)
        // A million old events wait, and the offset moves.
        seen.lag = LogLag(events: 1_000_000, seconds: 900_000)
        seen.shard?.idleSeconds = 5
        #expect(grade(seen) == .ok)
        seen.shard?.isHeld = false
        seen.lag = .none
        #expect(grade(seen) == .ok, "nobody runs, and nothing is to be done")
    }

    @Test("One that does not move although events wait is not, by the time since it moved or they came")
    func stalled() {
        var seen = idle
        seen.lag = LogLag(events: 5, seconds: 100)
        #expect(health(seen).grade == .warning && health(seen).stalledSeconds == 100)
        seen.shard?.idleSeconds = 59
        #expect(grade(seen) == .ok)
        seen.shard?.idleSeconds = 90_000
        seen.lag.seconds = 300
        #expect(grade(seen) == .critical)
        guard case .hanging = health(seen).diagnosis.cause else { return #expect(Bool(false)) }
        // Whoever has it, or nobody; whatever it waits for.
        seen.shard?.isHeld = false
        #expect(grade(seen) == .critical)
        seen.blockers = [Self.holder]
        #expect(grade(seen) == .critical)
        seen.blockers = []
        seen.shard?.isHeld = true
        seen.shard?.error = "canceling statement due to statement timeout"
        #expect(grade(seen) == .critical)
    }

    @Test("A second look shows whether it moves after all")
    func again() {
        var first = idle
        first.lag = LogLag(events: 500, seconds: 5_000)
        first.shard?.offset = 10
        var second = first
        #expect(grade(second, since: first) == .critical)
        // Old events were imported into an idle log a moment ago.
        second.shard?.offset = 20
        #expect(health(second, since: first).grade == .ok && health(second, since: first).stalledSeconds == 0)
    }

    @Test("Never started: the events that it wants have waited since they came")
    func neverStarted() {
        var seen = idle
        seen.shard = nil
        seen.shownVersion = nil
        #expect(grade(seen) == .ok)
        seen.lag = LogLag(events: 5, seconds: 70)
        #expect(grade(seen) == .warning)
    }

    @Test("Stopped and rewound are critical, parked and replaced a warning, paused one only while events wait")
    func causes() {
        var seen = idle
        seen.mismatch = "the log was rewound"
        #expect(grade(seen) == .critical)
        seen = idle
        seen.shard?.stoppedAt = 101
        #expect(grade(seen) == .critical)
        seen = idle
        seen.parked = ParkedCount(keys: 1, events: 2)
        #expect(grade(seen) == .warning)
        seen.lag = LogLag(events: 1, seconds: 1)
        #expect(grade(seen) == .warning, "also while it catches up")
        seen = idle
        seen.isRetired = true
        seen.shownVersion = 2
        #expect(grade(seen) == .warning)
        seen = idle
        seen.pause = .init(since: Timestamp(microsecondsSince1970: 0), role: "ann", reason: nil)
        #expect(grade(seen) == .ok)
        seen.lag = LogLag(events: 1, seconds: 90_000)
        #expect(health(seen).grade == .warning && health(seen).stalledSeconds == 0)
    }

    @Test("Filling anew counts from the last checkpoint; an append that is held open from its beginning")
    func others() {
        var seen = idle
        seen.lag = LogLag(events: 500, seconds: 90_000)
        seen.shard?.offset = 0
        seen.filling = .init(phase: .reading, reached: 50, goal: 100)
        seen.fillingIdleSeconds = 4
        #expect(grade(seen) == .ok)
        seen.fillingIdleSeconds = 400
        #expect(grade(seen) == .critical)
        var later = seen
        later.filling?.reached = 60
        #expect(grade(later, since: seen) == .ok)
        // Without steps that show, it may be stuck, or a large index.
        seen.filling?.phase = .indexing
        #expect(grade(seen) == .warning)
        seen.fillingIdleSeconds = 200
        #expect(grade(seen) == .ok)
        seen = idle
        seen.holder = Self.holder
        #expect(grade(seen) == .critical)
        seen.holder?.seconds = nil
        seen.holder?.isHidden = true
        #expect(grade(seen) == .ok)
    }
}
