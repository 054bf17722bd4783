import Hindsight
import HindsightPostgres
import Testing

/// What goes wrong where an operation on offsets relies on what it read before it waited.
@Suite("Nothing twice, nothing of the past", .serialized, .timeLimit(.minutes(4)))
struct NothingTwiceTests {
    /// Every commit of an offset takes so long, with the rows locked.
    private func slowCommits(_ bank: Bank, _ duration: String) async throws {
        try await bank.script(
            """
            create function hindsight.dawdle() returns trigger language plpgsql
                as $$ begin perform pg_sleep(\(duration)); return null; end $$;
            create constraint trigger dawdle after update of position on hindsight.offsets deferrable initially deferred
                for each row when (new.kind in ('projection', 'kept')) execute function hindsight.dawdle();
            """)
    }

    private func untilBothReach(_ position: Int64, _ bank: Bank) async throws {
        for kind in ["projection", "kept"] {
            try await Bank.until("\(kind) reaches \(position)") {
                try await bank.offset(of: "account", kind: kind)?.position ?? 0 >= position
            }
        }
    }

    /// Both tables of the version hold each event up to their offset once.
    private func expectBothExact(_ bank: Bank, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for kind in ["projection", "kept"] {
            let table: String = try await bank.value(
                "select view_table from hindsight.projections where name = 'account' and kind = \(kind)")
            let offset = try #require(try await bank.offset(of: "account", kind: kind), sourceLocation: sourceLocation)
            try await bank.expect(
                "hindsight.\(table)", equals: Account.recount(through: offset.position), sourceLocation: sourceLocation)
            try await bank.expectApplied(
                "account", kind: kind, ["Deposited", "Withdrawn", "Closed"], sourceLocation: sourceLocation)
        }
    }

    @Test("A rollback while the engine's commits are slow applies no event twice")
    func rollbackDuringCommit() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
                try await slowCommits(bank, "0.3")
                for seed in 2...5 {
                    async let appending: Void = bank.appendRandom(60, seed: UInt64(seed), batch: 3)
                    // In the middle of a commit, whose rows are written and whose offset is not yet to be seen.
                    try await Bank.until("a commit takes its time") {
                        try await bank.value(
                            """
                            select exists (select from pg_stat_activity where wait_event = 'PgSleep'
                                and datname = current_database())
                            """)
                    }
                    try await bank.administration(Account.projection()).rollBack("account")
                    try await appending
                }
                try await bank.script("drop trigger dawdle on hindsight.offsets")
                let head = try await bank.log.frontier().position
                try await untilBothReach(head, bank)
            }
            try await expectBothExact(bank)
        }
    }

    @Test("A hundred rollbacks under appends apply no event twice")
    func rollbacksUnderAppends() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
                async let appending: Void = bank.appendRandom(1_000, seed: 2, batch: 2)
                for _ in 1...100 { try await bank.administration(Account.projection()).rollBack("account") }
                try await appending
                let head = try await bank.log.frontier().position
                try await untilBothReach(head, bank)
            }
            try await expectBothExact(bank)
        }
    }

    @Test("A version that the engine fills is not shown to a reader whose snapshot is older")
    func filledVersionAndOldSnapshot() async throws {
        try await Bank.open { bank in
            for account in 0..<100 { try await bank.append(Bank.Deposited(amount: 2), to: "\(account)") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let reader = try await OpenTransaction.begin(in: bank.views, TransactionOptions(.repeatableRead))
            // The snapshot, but no lock on the view.
            _ = try await reader.run {
                try $0.query("select count(*) from hindsight.events")[0].decode(0, as: Int.self)
            }
            try await bank.running(bank.engine(Account.projection(), Doubled.projection())) { _ in
                try await bank.untilApplied("account", version: 2)
                let settled = try await bank.append(Bank.Deposited(amount: 2), to: "1")
                try await bank.untilApplied("account", version: 2, through: settled.position)
                let rows = try await reader.run {
                    try $0.query("select count(*) from account")[0].decode(0, as: Int.self)
                }
                #expect(rows == 100)
                try await reader.commit()
                try await Bank.until("the new version is shown") {
                    try await bank.shownTable("account") == "account_v2"
                }
            }
            try await bank.expect("account", equals: Doubled.recount)
        }
    }

    @Test("The events of another log are not folded into a table that is filled, and the remedy works")
    func otherLog() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.script("update hindsight.log_identity set id = gen_random_uuid()")
            // Another process: which log it is, is asked once.
            try await bank.asProcess("other") { other in
                let error = await #expect(throws: ProjectionError.self) {
                    try await other.engine(Account.projection()).runUntilCaughtUp()
                }
                #expect(error?.code == .otherLog)
                #expect(error?.description.contains("reset") == true)
                try await bank.expect("account", equals: Account.recount())

                try await other.administration(Account.projection()).reset("account")
                try await other.engine(Account.projection()).runUntilCaughtUp()
                try await bank.expectAccounts()
            }
        }
    }
}
