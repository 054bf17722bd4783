import Hindsight
import HindsightProjections
import Testing

/// What is said first of several things that are true.
@Suite("Deciding a diagnosis", .timeLimit(.minutes(1)))
struct DiagnosisDecisionTests {
    private static let owner = ProjectionDiagnosis.Owner(
        node: "host pid 7", processID: 42, isConnected: true, leaseSeconds: 9)
    private static let holder = HoldingTransaction(processID: 99, role: "app", seconds: 12)

    private static let pause = ProjectionStatus.Pause(
        since: Timestamp(microsecondsSince1970: 0), role: "ann", reason: "the disk is full")
    private static let parked = ParkedCount(keys: 2, events: 9)

    private static let filling = ProjectionDiagnosis.Filling(phase: .reading, reached: 40, goal: 100)

    /// A projection of which everything is true at once.
    private var everything: ProjectionObservations {
        var seen = ProjectionObservations(name: "account", version: 2, leaseDuration: .seconds(10))
        seen.head = 100
        var shard = ProjectionObservations.Shard(offset: 40)
        (shard.stoppedAt, shard.error) = (41, "the vault is jammed")
        (shard.owner, shard.isHeld, shard.idleSeconds, shard.rate) = (Self.owner, true, 60, 20)
        seen.shard = shard
        seen.mismatch = "the log was rewound"
        seen.shownVersion = 3
        seen.isRetired = true
        seen.lag = LogLag(events: 50, seconds: 30)
        seen.pause = Self.pause
        seen.parked = Self.parked
        seen.filling = Self.filling
        seen.blockers = [Self.holder]
        seen.holder = Self.holder
        seen.readers = [Self.holder]
        return seen
    }

    private func cause(_ seen: ProjectionObservations) -> ProjectionDiagnosis.Cause {
        ProjectionDiagnosis.decide(from: seen).cause
    }

    @Test("What explains the others comes first")
    func precedence() {
        var seen = everything
        #expect(cause(seen) == .logChanged("the log was rewound"))
        seen.mismatch = nil
        #expect(cause(seen) == .replaced(by: 3))
        (seen.isRetired, seen.shownVersion) = (false, 1)
        #expect(cause(seen) == .stopped(position: 41, event: nil, error: "the vault is jammed"))
        seen.shard?.stoppedAt = nil
        #expect(cause(seen) == .paused(Self.pause))
        seen.pause = nil
        #expect(cause(seen) == .filling(Self.filling))
        seen.filling = nil
        #expect(cause(seen) == .blocked([Self.holder]))
        seen.blockers = []
        #expect(cause(seen) == .retrying("the vault is jammed"))
        seen.shard?.error = nil
        #expect(cause(seen) == .hanging(Self.owner, seconds: 30))
        // It had nothing to do until a moment ago.
        seen.lag = LogLag(events: 50, seconds: 3)
        #expect(cause(seen) == .catchingUp(seconds: 2.5))
        seen.shard?.rate = 0
        #expect(cause(seen) == .catchingUp(seconds: nil))
        // What moved a moment ago does not hang, however old its events are.
        seen.lag = LogLag(events: 50, seconds: 3_000)
        seen.shard?.idleSeconds = 0
        #expect(cause(seen) == .catchingUp(seconds: nil))
        seen.shard?.isHeld = false
        #expect(cause(seen) == .notRunning(last: Self.owner))
        seen.lag = .none
        #expect(cause(seen) == .waitsForAppend(Self.holder))
        seen.holder?.seconds = 0.1
        #expect(cause(seen) == .notShown(shown: 1, readers: [Self.holder]))
        // Somebody has gone back to the version before.
        seen.wasShown = true
        #expect(cause(seen) == .caughtUp(isRunning: false))
        seen.shard?.isHeld = true
        #expect(cause(seen) == .parked(Self.parked))
        seen.parked = .none
        #expect(cause(seen) == .caughtUp(isRunning: true))
    }

    @Test("Without a shard it was never started, or a newer version is there")
    func notStarted() {
        var seen = ProjectionObservations(name: "account", version: 2, leaseDuration: .seconds(10))
        #expect(cause(seen) == .notStarted)
        seen.shownVersion = 1
        #expect(cause(seen) == .notStarted)
        seen.shownVersion = 3
        #expect(cause(seen) == .replaced(by: 3))
    }

    @Test("A prepared append, and one whose age is hidden, are told at once; others only after a moment")
    func appends() {
        var seen = ProjectionObservations(name: "account", version: 1, leaseDuration: .seconds(10))
        seen.shard = .init(offset: 1)
        seen.wasShown = true
        for holder in [
            HoldingTransaction(preparedName: "two", seconds: 0), HoldingTransaction(processID: 3, isHidden: true),
            HoldingTransaction(processID: 3, seconds: 0.6),
        ] {
            seen.holder = holder
            #expect(cause(seen) == .waitsForAppend(holder))
        }
        seen.holder = HoldingTransaction(processID: 3, seconds: 0.01)
        #expect(cause(seen) == .caughtUp(isRunning: false))
    }

    @Test("Each cause has a sentence of its own, and each that somebody can end has a remedy")
    func words() throws {
        var seen = everything
        var sentences: Set<String> = []
        func note() throws -> ProjectionDiagnosis {
            let diagnosis = ProjectionDiagnosis.decide(from: seen)
            #expect(diagnosis.sentence.hasPrefix("account ") && diagnosis.sentence.hasSuffix("."))
            let isNew = sentences.insert(diagnosis.sentence).inserted
            #expect(isNew, "\(diagnosis.sentence)")
            return diagnosis
        }
        #expect(try note().remedy(app: "bank")?.contains("`bank projections reset account`") == true)
        seen.mismatch = nil
        #expect(try note().remedy()?.contains("version 3") == true)
        (seen.isRetired, seen.shownVersion) = (false, 1)
        #expect(try note().remedy(app: "bank")?.contains("`bank projections resume account`") == true)
        seen.shard?.stoppedAt = 0
        #expect(try note().remedy()?.contains("setUp") == true)
        seen.shard?.stoppedAt = nil
        #expect(try note().remedy(app: "bank") == "`bank projections resume account`")
        seen.pause = nil
        #expect(try note().remedy() == nil)
        seen.filling = nil
        let blocked = try note()
        #expect(blocked.sentence == "account is blocked by a lock of process 99 (role app), open for 12 s.")
        #expect(blocked.remedy()?.contains("`select pg_terminate_backend(99)`") == true)
        seen.blockers = []
        #expect(try note().remedy()?.contains("limit") == true)
        seen.shard?.error = nil
        let hanging = try note()
        #expect(
            hanging.sentence
                == "account hangs: host pid 7 has its lease and has not got on for 30 s, although 50 events wait.")
        #expect(hanging.remedy()?.contains("pg_terminate_backend(42)") == true)
        seen.lag = LogLag(events: 1, seconds: 3)
        #expect(try note().sentence == "account catches up: 1 event waits at 20 a second, about 0.1 s.")
        seen.shard?.isHeld = false
        seen.shard?.owner?.isConnected = false
        #expect(try note().remedy(app: "bank")?.hasPrefix("`bank run`") == true)
        seen.lag = .none
        seen.holder = HoldingTransaction(preparedName: "it's", role: "app", seconds: 7_300)
        let prepared = try note()
        #expect(
            prepared.sentence
                == "account waits for an append in flight: the prepared transaction 'it's', open for 2 h.")
        #expect(prepared.remedy()?.contains("`rollback prepared 'it''s'`") == true)
        seen.holder = HoldingTransaction(processID: 5, isHidden: true)
        #expect(
            try note().evidence.contains {
                $0.name == "append" && $0.text == "process 5: its statement is hidden from this role"
            })
        seen.holder = nil
        #expect(try note().remedy()?.contains("(99)") == true)
        seen.readers = []
        #expect(try note().remedy() == nil)
        seen.wasShown = true
        #expect(try note().remedy(app: "bank")?.contains("`bank run`") == true)
        seen.shard?.isHeld = true
        let parked = try note()
        #expect(parked.sentence.hasSuffix("but for 2 parked keys, whose rows lack 9 events."))
        #expect(parked.remedy(app: "bank")?.contains("`bank projections retry account`") == true)
        seen.parked = .none
        let good = try note()
        #expect(good.sentence == "account has everything up to position 40." && good.remedy() == nil)
        let away = ProjectionDiagnosis.unreachable("account", version: 1, "connection refused")
        #expect(away.remedy()?.contains("DATABASE_URL") == true && away.evidence.map(\.text) == ["connection refused"])
    }
}
