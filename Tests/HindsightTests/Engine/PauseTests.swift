import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Synchronization
import Testing

/// Between two attempts somebody waits: longer after each failure, and no longer than after the first one where there was progress in
/// between.
@Suite("Pauses between attempts", .serialized, .timeLimit(.minutes(2)))
struct PauseTests {
    /// Decides which calls fail.
    private final class Trouble: Sendable {
        private let calls = Atomic(0)
        private let fails: @Sendable (Int) -> Bool

        /// - Parameter fails: whether a call fails, by its number from 0.
        init(fails: @escaping @Sendable (Int) -> Bool) {
            self.fails = fails
        }

        func call() throws {
            let number = calls.wrappingAdd(1, ordering: .relaxed).oldValue
            if fails(number) { throw EventLogError(.unavailable, "the log is away for a moment") }
        }
    }

    private static let first = Backoff().initial

    private func engine(
        _ log: any EventLog, _ bank: Bank, database: PostgresConfiguration? = nil, _ pauses: PauseRecorder.Pauses
    ) -> ProjectionEngine {
        ProjectionEngine(
            ProjectionContext(
                log: log, database: database ?? bank.viewsDatabase, pool: bank.views,
                projections: [Account.projection()], events: Bank.registry, configuration: Bank.small,
                logger: PauseRecorder.logger(into: pauses)))
    }

    /// Each pause is as long as that after a first failure.
    private func expectFirst(_ pauses: [Duration], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(pauses.allSatisfy { $0 <= Self.first }, "\(pauses)", sourceLocation: sourceLocation)
    }

    /// Each pause is twice as long as the last one, but for the random part.
    private func expectGrowing(_ pauses: [Duration], sourceLocation: SourceLocation = #_sourceLocation) {
        for (failures, pause) in pauses.enumerated() {
            let full = min(Self.first * (1 << failures), Backoff().maximum)
            #expect(pause >= full / 2 && pause <= full, "\(pauses)", sourceLocation: sourceLocation)
        }
    }

    @Test("A group that catches up, with one failure after each batch, never waits longer than after the first one")
    func catchingUp() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(1_500)
            let (trouble, pauses) = (Trouble { $0.isMultiple(of: 2) }, PauseRecorder.Pauses())
            let log = MeddledLog(bank.log, beforeRead: { try trouble.call() })
            try await engine(log, bank, pauses).runUntilCaughtUp()
            let found = pauses.after("batch failed")
            #expect(found.count >= 20)
            expectFirst(found)
            try await bank.expectAccounts()
        }
    }

    @Test("So does a group at the head")
    func live() async throws {
        try await Bank.open { bank in
            let (trouble, pauses) = (Trouble { $0.isMultiple(of: 2) }, PauseRecorder.Pauses())
            let log = MeddledLog(bank.log, beforeRead: { try trouble.call() })
            try await bank.running(engine(log, bank, pauses)) { _ in
                for amount in 1...20 {
                    try await bank.append(Bank.Deposited(amount: amount), to: "1")
                    try await bank.untilApplied("account")
                }
            }
            let found = pauses.after("batch failed")
            #expect(found.count >= 20)
            expectFirst(found)
            try await bank.expectAccounts()
        }
    }

    @Test("Without progress the pauses grow", arguments: [false, true])
    func growing(isFarBehind: Bool) async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(isFarBehind ? 300 : 50)
            let (trouble, pauses) = (Trouble { $0 < 5 }, PauseRecorder.Pauses())
            let log = MeddledLog(bank.log, beforeRead: { try trouble.call() })
            try await engine(log, bank, pauses).runUntilCaughtUp()
            let found = pauses.after("batch failed")
            #expect(found.count == 5)
            expectGrowing(found)
            try await bank.expectAccounts()
        }
    }

    @Test("An offset that cannot be stored is tried more and more rarely, although the log is read in between")
    func idleOffset() async throws {
        try await Bank.open { bank in
            let pauses = PauseRecorder.Pauses()
            try await bank.running(engine(bank.log, bank, pauses)) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.untilApplied("account")
                try await bank.script(
                    """
                    create function refuse() returns trigger language plpgsql
                        as $$ begin raise exception using errcode = '53100', message = 'no room'; end $$;
                    create trigger refuse before update on hindsight.offsets
                        for each row when (new.position <> old.position) execute function refuse();
                    """)
                try await bank.appendNoise(1)
                try await Bank.until("it was tried five times") { pauses.count >= 5 }
                try await bank.script("drop trigger refuse on hindsight.offsets")
                try await bank.untilApplied("account")
            }
            expectGrowing(pauses.after("batch failed"))
            try await bank.expectAccounts()
        }
    }

    @Test("A connection that is cut before it has kept a lease for once is opened more and more rarely")
    func leasesNeverKept() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            let policy = CutPolicy([.beforeCommit])
            try await CuttingProxy.with(inFrontOf: bank.viewsDatabase.conninfo, seed: 1, cutting: policy) { proxy in
                let pauses = PauseRecorder.Pauses()
                let engine = engine(bank.log, bank, database: PostgresConfiguration(proxy.conninfo), pauses)
                try await bank.running(engine) { _ in
                    try await Bank.until("the connection was cut five times") { pauses.count >= 5 }
                    proxy.setPolicy(.none)
                    try await bank.untilApplied("account")
                }
                expectGrowing(pauses.after("leases lost"))
            }
            try await bank.expectAccounts()
        }
    }

    @Test("One that has kept its leases and is cut now and then is opened anew at once")
    func leasesKept() async throws {
        try await Bank.open { bank in
            var database = bank.viewsDatabase
            database.applicationName = "keeper"
            let pauses = PauseRecorder.Pauses()
            try await bank.running(engine(bank.log, bank, database: database, pauses)) { _ in
                var owner: Int32 = 0
                for _ in 1...8 {
                    owner = try await keptTwice(bank, afterOwner: owner)
                    try await bank.terminate("keeper")
                }
                _ = try await keptTwice(bank, afterOwner: owner)
            }
            let found = pauses.after("leases lost")
            #expect(found.count == 8)
            expectFirst(found)
        }
    }

    /// Waits until another connection has the lease and has heard that it was renewed.
    private func keptTwice(_ bank: Bank, afterOwner former: Int32) async throws -> Int32 {
        func lease() async throws -> (owner: Int32, renewals: Int)? {
            try await bank.views.withSession { session in
                try session.query("select owner_pid, renewals from hindsight.offsets where owner_pid <> \(former)")
                    .first.map { (try $0.decode(0), try $0.decode(1)) }
            }
        }
        var taken: (owner: Int32, renewals: Int)?
        try await Bank.until("another connection has the lease") {
            taken = try await lease()
            return taken != nil
        }
        let found = try #require(taken)
        // The second renewal is sent when the answer to the first one has come.
        try await Bank.until("the lease is renewed") { try await lease()?.renewals ?? 0 >= found.renewals + 2 }
        return found.owner
    }

    @Test("A rebuild that comes to a checkpoint between two failures never waits longer than after the first one")
    func rebuilding() async throws {
        try await Bank.open { bank in
            // The first range of each attempt has 256 positions.
            try await bank.appendRandom(4_000)
            let (trouble, pauses) = (Trouble { $0.isMultiple(of: 2) }, PauseRecorder.Pauses())
            let log = MeddledLog(bank.log, beforeRange: { _ in try trouble.call() })
            let rebuilder = ProjectionRebuilder(
                ProjectionContext(
                    log: log, database: bank.viewsDatabase, pool: bank.views, projections: [Account.projection()],
                    events: Bank.registry, configuration: Bank.small, logger: PauseRecorder.logger(into: pauses)))
            var options = Bank.eager
            options.readers = 1
            try await rebuilder.rebuild(["account"], options: options)
            let found = pauses.after("rebuild interrupted")
            #expect(found.count >= 10)
            expectFirst(found)
            try await bank.expectAccounts()
        }
    }
}
