import Hindsight
import HindsightPostgres
import Testing

/// The engine fills what is far behind by the fast path of a rebuild.
@Suite("Filling by the engine", .serialized, .timeLimit(.minutes(3)))
struct EngineReplayTests {
    private var configuration: EngineConfiguration {
        var configuration = Bank.small
        configuration.replayThreshold = 1_000
        return configuration
    }

    /// True once a table took the place of the first one: a swap has happened.
    private func wasSwapped(_ bank: Bank, version: Int = 1) async throws -> Bool {
        try await bank.shownTable("account") == "account_v\(version)_2"
    }

    @Test("A new projection, one that was reset, and a new version, each counted once and kept up to date")
    func fills() async throws {
        try await Bank.open { bank in
            try await bank.fill(4_000)
            try await bank.engine(Account.projection(), Turnover.projection(), configuration: configuration)
                .runUntilCaughtUp()
            #expect(try await wasSwapped(bank))
            try await bank.expectAccounts()
            try await bank.expectTurnover()

            try await bank.administration(Account.projection()).reset("account")
            #expect(try await bank.value("select count(*) from account") == 0)
            try await bank.running(
                bank.engine(Account.projection(), Turnover.projection(), configuration: configuration)
            ) { _ in
                try await bank.untilApplied("account")
                try await bank.appendRandom(100, seed: 3)
                try await bank.untilApplied("account")
            }
            try await bank.expectAccounts()

            try await bank.engine(Account.projection(), Doubled.projection(), configuration: configuration)
                .runUntilCaughtUp()
            try await bank.expect("account", equals: Doubled.recount)
            // The version before is kept for a way back.
            let versions = try await bank.administration(Account.projection(), Doubled.projection()).versions(
                of: "account")
            #expect(versions.map(\.role) == [.active, .kept])
        }
    }

    @Test("A handler that fails stops the projection at the event, with everything before it applied")
    func fails() async throws {
        struct Failure: Error {}
        try await Bank.open { bank in
            try await bank.fill(3_000)
            let projection = Account.projection { _, context in
                if context.position > 2_000 { throw Failure() }
            }
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(projection, configuration: configuration).runUntilCaughtUp()
            }
            let offset = try #require(try await bank.offset(of: "account"))
            #expect((offset.stoppedAt ?? 0) > 2_000)
            try await bank.expectAccounts(through: offset.position)
        }
    }

    /// An engine that is shut down in the middle of filling the accounts.
    private func shutDownHalfWay(_ bank: Bank) async throws {
        let gate = Gate()
        defer { gate.open() }
        let running = RunningEngine(
            bank.engine(
                Account.projection { _, context in if context.position > 3_000 { gate.pass() } },
                configuration: configuration))
        try await gate.untilReached()
        await running.beginShutDown()
        gate.open()
        try await running.shutDown()
    }

    @Test(
        "What a process that was killed has left is dropped once an engine has done without it; what somebody has asked for waits"
    )
    func abandoned() async throws {
        try await Bank.open { bank in
            try await bank.fill(6_000)
            try await shutDownHalfWay(bank)
            #expect(try await bank.tableExists("account_v1_2"))
            try await bank.interrupting(Turnover.projection(), options: Bank.slow) {
                try await Bank.until("a checkpoint") {
                    try await bank.rebuildStatus(of: Turnover.projection())?.checkpoint ?? 0 > 0
                }
            }
            let count = "select count(*) from hindsight.rebuilds"
            #expect(try await bank.value("\(unsafeSQL: count)") == 2)
            // Somebody may still be at work on what is young, and this stays young however slow the machine is.
            try await bank.script("update hindsight.rebuilds set updated_at = now() + interval '1 hour'")
            // Event by event, as after a process has died over it.
            let projections: [any Projection] = [Account.projection(), Turnover.projection()]
            try await bank.running(bank.engine(projections[0], projections[1], configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                try await bank.untilApplied("turnover")
                #expect(try await bank.value("\(unsafeSQL: count)") == 2)
                try await bank.script("update hindsight.rebuilds set updated_at = now() - interval '1 hour'")
                try await Bank.until("the engine's own is dropped") {
                    try await !bank.tableExists("account_v1_2")
                }
                #expect(try await bank.rebuildStatus(of: Account.projection()) == nil)
                #expect(try await bank.rebuildStatus(of: Turnover.projection()) != nil)
            }
            try await bank.expectAccounts()
            #expect(try await bank.rebuild(Turnover.projection()).outcome == .swapped)
            try await bank.expectTurnover()
        }
    }

    @Test("An engine that is shut down in the middle is followed by one that goes on")
    func shutDown() async throws {
        try await Bank.open { bank in
            try await bank.fill(6_000)
            try await shutDownHalfWay(bank)
            try await bank.engine(Account.projection(), configuration: configuration).runUntilCaughtUp()
            try await bank.expectAccounts()
        }
    }
}
