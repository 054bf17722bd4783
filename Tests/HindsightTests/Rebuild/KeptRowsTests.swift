import Hindsight
import HindsightPostgres
import Testing

/// What becomes of the rows that a rebuild replaces.
@Suite("Rows that were replaced", .serialized, .timeLimit(.minutes(3)))
struct KeptRowsTests {
    private func versions(_ bank: Bank) async throws -> [ProjectionVersion] {
        try await bank.administration(Account.projection(), Doubled.projection()).versions(of: "account")
    }

    private func rollBack(_ bank: Bank) async throws -> ProjectionVersion {
        try await bank.administration(Account.projection(), Doubled.projection()).rollBack("account")
    }

    /// Every table of the projection is at the head and has counted each event once.
    private func expectAllCurrent(_ bank: Bank, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let head = try await bank.log.frontier().position
        try await Bank.until("every table of the projection is at the head", sourceLocation: sourceLocation) {
            try await versions(bank).allSatisfy { $0.offset >= head }
        }
        let wanted: Int64 = try await bank.value(
            "select count(*) from hindsight.events where type in ('Deposited', 'Withdrawn', 'Closed')")
        for version in try await versions(bank) {
            #expect(version.eventsApplied == wanted, "\(version)", sourceLocation: sourceLocation)
        }
    }

    @Test("Of the same version, the old rows are kept up to date, and the way back and forth shows each of them")
    func sameVersion() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(400)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                let old = try #require(try await bank.shownTable("account"))
                try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
                let new = try #require(try await bank.shownTable("account"))
                #expect(new != old)
                for seed in 2...4 {
                    try await bank.appendRandom(100, seed: UInt64(seed), batch: 7)
                    try await expectAllCurrent(bank)
                    try await bank.expect("hindsight.\(old)", equals: Account.recount())
                    try await bank.expect("hindsight.\(new)", equals: Account.recount())
                    #expect(try await versions(bank).map(\.role) == [.active, .kept])

                    let before = try #require(try await bank.shownTable("account"))
                    let shown = try await rollBack(bank)
                    #expect(shown.role == .active && shown.version == 1)
                    #expect(shown.table == (before == old ? new : old))
                    #expect(try await bank.shownTable("account") == shown.table)
                    try await bank.expectAccounts()
                }
            }
        }
    }

    @Test("Of the version before, the rows are kept up to date by an engine that declares both")
    func versionBefore() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(400)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(Doubled.projection()) { $0.keepsOld = true }
            try await bank.expect("account", equals: Doubled.recount)
            let engine = bank.engine(Account.projection(), Doubled.projection(), configuration: Bank.small)
            try await bank.running(engine) { _ in
                for seed in 2...5 {
                    try await bank.appendRandom(100, seed: UInt64(seed), batch: 7)
                    try await expectAllCurrent(bank)
                    try await bank.expect("hindsight.account_v1", equals: Account.recount())
                    try await bank.expect("hindsight.account_v2", equals: Doubled.recount)
                    let shown = try await rollBack(bank)
                    #expect(shown.version == (seed.isMultiple(of: 2) ? 1 : 2))
                    try await bank.expect("account", equals: shown.version == 1 ? Account.recount() : Doubled.recount)
                }
            }
        }
    }

    @Test("An engine that was started when only the first version was declared does not undo the way back")
    func rolledBackAndRestarted() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(Doubled.projection()) { $0.keepsOld = true }
            #expect(try await rollBack(bank).version == 1)
            try await bank.appendRandom(100, seed: 2)
            // What was shown once is not shown again unless somebody asks for it.
            try await bank.engine(Account.projection(), Doubled.projection()).runUntilCaughtUp()
            #expect(try await bank.shownTable("account") == "account_v1")
            try await bank.expectAccounts()
            #expect(try await rollBack(bank).version == 2)
            try await bank.expect("account", equals: Doubled.recount)
        }
    }

    @Test("Without being kept, the old table is dropped once nobody uses it, also from under an engine")
    func dropped() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.running(bank.engine(Account.projection(), Turnover.projection())) { _ in
                try await bank.untilApplied("account")
                for (round, table) in ["account_v1", "account_v1_2"].enumerated() {
                    #expect(try await bank.shownTable("account") == table)
                    try await bank.rebuild(Account.projection())
                    try await bank.appendRandom(100, seed: UInt64(round + 2), batch: 3)
                    try await bank.untilApplied("account")
                    try await bank.expectAccounts()
                    try await Bank.until("\(table) is dropped") { try await !bank.tableExists(table) }
                    #expect(try await versions(bank).map(\.role) == [.active])
                }
            }
            try await bank.expectTurnover()
        }
    }

    @Test("A reader that is in the middle of the old table does not lose it, and it is dropped afterwards")
    func droppedAfterReader() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let reader = try await OpenTransaction.begin(in: bank.views)
            // A lock without a snapshot, for which the swap would wait.
            try await reader.run { try $0.script("lock table hindsight.account_v1 in access share mode") }
            let rows = try await Views(pool: bank.views).count(Account.query)
            try await bank.rebuild(Account.projection())
            #expect(try await bank.shownTable("account") == "account_v1_2")
            #expect(try await reader.run { try $0.query("select * from hindsight.account_v1").count } == rows)
            try await reader.commit()
            try await bank.rebuild(Account.projection())
            #expect(try await !bank.tableExists("account_v1"))
            #expect(try await bank.value("select count(*) from hindsight.discarded_tables") == 0)
            try await bank.expectAccounts()
        }
    }

    @Test("An old process that is started after its version was replaced touches nothing", arguments: [false, true])
    func oldProcess(whileRunning: Bool) async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            let old = RunningEngine(bank.engine(Account.projection(), Turnover.projection()))
            try await bank.untilApplied("account")
            if !whileRunning { try await old.shutDown() }
            try await bank.rebuild(Doubled.projection())
            if whileRunning { try await old.shutDown() }

            try await bank.appendRandom(100, seed: 2)
            // It comes to its end, and does the rest of its work.
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            try await bank.expectTurnover()
            #expect(try await bank.shownTable("account") == "account_v2")
            #expect(try await versions(bank).map(\.role) == [.active, .dropped])
            let tables: Int = try await bank.value(
                "select count(*) from pg_class where relkind = 'r' and relname like 'account_v1%' and relname not in (select name from hindsight.discarded_tables)"
            )
            #expect(tables == 0)

            try await bank.engine(Doubled.projection()).runUntilCaughtUp()
            try await bank.expect("account", equals: Doubled.recount)
            try await bank.expectApplied("account", version: 2, ["Deposited", "Withdrawn", "Closed"])
        }
    }

    @Test("A version that the engine fills itself gives way to its rebuild")
    func filledByEngine() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let gate = Gate()
            defer { gate.open() }
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            // The second version hangs in the engine's hands.
            let slow = Account.projection(version: 2) { event, _ in if event.amount == 1_313 { gate.pass() } }
            try await bank.running(bank.engine(Account.projection(), slow)) { _ in
                try await gate.untilReached()
                try await bank.rebuild(Account.projection(version: 2)) { $0.keepsOld = true }
                try await bank.expectAccounts(version: 2)
                gate.open()
                try await bank.appendRandom(100, seed: 2)
                try await bank.untilApplied("account", version: 2)
                try await bank.untilApplied("account", version: 1)
            }
            try await bank.expectAccounts(version: 2)
            #expect(try await rollBack(bank).version == 1)
            try await bank.expectAccounts(version: 1)
        }
    }

    @Test("When what was kept has stopped, it goes on with the version", arguments: [false, true])
    func keptStopped(byCommand: Bool) async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            let isMended = Gate()
            let failing = Account.projection { event, _ in
                if event.amount == 1_313, !isMended.isOpen { throw Bank.Refusal() }
            }
            func stopped() async throws -> Int {
                try await bank.value("select count(*) from hindsight.offsets where stopped_at is not null")
            }
            let engine = RunningEngine(bank.engine(failing))
            try await Bank.until("both have stopped") { try await stopped() == 2 }
            if byCommand {
                isMended.open()
                #expect(try await bank.administration(failing).resume("account").wasStopped)
                try await expectAllCurrent(bank)
                try await engine.shutDown()
            } else {
                await engine.cancel()
                try await bank.running(bank.engine(Account.projection(), configuration: Bank.mended)) { _ in
                    try await expectAllCurrent(bank)
                }
            }
            #expect(try await stopped() == 0)
            #expect(try await versions(bank).map(\.role) == [.active, .kept])
        }
    }

    @Test("What was kept is dropped by the next swap that keeps nothing")
    func keptNoMore() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.rebuild(Account.projection())
            try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
            try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
            #expect(try await versions(bank).map(\.role) == [.active, .kept])
            try await bank.rebuild(Doubled.projection())
            #expect(try await versions(bank).map(\.role) == [.active, .dropped])
            let error = await #expect(throws: ProjectionError.self) { try await rollBack(bank) }
            #expect(error?.code == .cannotRebuild)
            try await bank.rebuild(Doubled.projection())
            let tables: Int = try await bank.value(
                "select count(*) from pg_class where relkind = 'r' and relname like 'account_v%'")
            #expect(tables == 1)
        }
    }
}
