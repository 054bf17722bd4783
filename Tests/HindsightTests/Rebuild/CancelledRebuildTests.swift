import Hindsight
import HindsightPostgres
import Testing

@Suite("Differences that are refused, and rebuilds that are given up", .serialized, .timeLimit(.minutes(2)))
struct CancelledRebuildTests {
    @Test("Where equal rows are required, different ones wait, and are swapped in when somebody wants it")
    func required() async throws {
        try await Bank.open { bank in
            for account in 1...9 { try await bank.append(Bank.Deposited(amount: account), to: "\(account)") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let shown = try await bank.shownTable("account")
            let equal = try await bank.rebuild(Account.projection()) { $0.verification = .requireEqual }
            #expect(equal.outcome == .swapped && equal.comparison?.isEqual == true)

            let now = try await bank.shownTable("account")
            #expect(now != shown)
            let report = try await bank.rebuild(Doubled.projection()) { $0.verification = .requireEqual }
            #expect(report.outcome == .differs && report.comparison?.changed == 9)
            #expect(try await bank.shownTable("account") == now)
            try await bank.expectAccounts()
            let waiting = try #require(try await bank.rebuildStatus(of: Doubled.projection()))
            #expect(waiting.phase == .verified && waiting.node == nil && !waiting.isAbandoned)

            let next = try await bank.rebuild(Doubled.projection())
            #expect(next.outcome == .swapped)
            try await bank.expect("account", equals: Doubled.recount)
        }
    }

    @Test("An abandoned rebuild says how long nobody has worked on it, and takes its tables along when it is given up")
    func abandoned() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection(), Journal.projection()).runUntilCaughtUp()
            let administration = bank.administration(Account.projection(), Journal.projection())
            try await bank.interrupting(Account.projection(), options: Bank.slow) {
                try await Bank.until("a checkpoint") {
                    try await bank.rebuildStatus(of: Account.projection()).map { $0.checkpoint > 0 } ?? false
                }
                let error = await #expect(throws: ProjectionError.self) {
                    try await administration.cancelRebuild(of: "account")
                }
                #expect(error?.code == .rebuildRunning)
            }
            let status = try #require(try await bank.rebuildStatus(of: Account.projection()))
            #expect(status.isAbandoned && status.idleSeconds >= 0)
            try await bank.script("update hindsight.rebuilds set updated_at = updated_at - interval '2 hours'")
            let old = try #require(try await bank.rebuildStatus(of: Account.projection()))
            #expect((7_200..<7_300).contains(old.idleSeconds))

            #expect(try await administration.cancelRebuild(of: "account").map(\.version) == [1])
            #expect(try await administration.cancelRebuild(of: "account").isEmpty)
            #expect(try await administration.rebuilds().isEmpty)
            #expect(try await bank.tableExists("account_v1_2") == false)
            try await bank.expectAccounts()
            await #expect(throws: ProjectionError.self) { try await administration.cancelRebuild(of: "nobody") }

            // Its place is free for the next one.
            #expect(try await bank.rebuild(Account.projection()).outcome == .swapped)
            try await bank.expectAccounts()
        }
    }

    @Test("The schema that a rebuild of free SQL fills goes as well")
    func freeSQL() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            let gate = Gate()
            defer { gate.open() }
            let stuck = Journal.projection { _, _, _ in gate.pass() }
            try await bank.interrupting(stuck) {
                try await gate.untilReached()
                gate.open()
            }
            let administration = bank.administration(Journal.projection())
            // It may have been too quick to be interrupted half-way, but has left something in either case.
            let left = try await administration.rebuilds()
            #expect(try await administration.cancelRebuild(of: "journal").count == left.count)
            let schemas: Int = try await bank.value(
                "select count(*) from pg_namespace where nspname like 'journal%fill%'")
            #expect(schemas == 0)
            try await bank.expect("journal", equals: Journal.recount())
        }
    }
}
