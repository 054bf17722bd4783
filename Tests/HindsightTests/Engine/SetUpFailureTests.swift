import Hindsight
import HindsightPostgres
import Testing

@Suite("A setUp that fails", .serialized, .timeLimit(.minutes(2)))
struct SetUpFailureTests {
    /// Needs a type that somebody has to make first.
    private static let projection = SQLProjection(
        "audit", version: 1,
        setUp: ["create table audit (position bigint primary key)", "alter table audit add amount money_of_the_bank"],
        clear: ["truncate audit"]
    )
    .on(Bank.Deposited.self) { session, event, context in
        try session.execute("insert into audit values (\(context.position), \(event.amount))")
    }

    @Test("It stops its projection and no other; resumed after a repair, the engine that runs takes it up")
    func resumed() async throws {
        try await Bank.open { bank in
            for amount in 1...5 { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount)") }
            let administration = bank.administration(Account.projection(), Self.projection)
            try await bank.running(bank.engine(Account.projection(), Self.projection)) { _ in
                try await bank.untilApplied("account")
                let status = try await administration.list()[1]
                #expect(status.state == .stopped && status.offset == 0)
                #expect(status.error?.hasPrefix("statement 2 of 2 of its setUp failed: ") == true, "\(status)")
                #expect(status.error?.contains("money_of_the_bank") == true)
                let exists: Bool = try await bank.value("select to_regclass('audit') is not null")
                #expect(!exists, "the first statement is undone")

                let error = await #expect(throws: ProjectionError.self) { try await administration.resume("audit") }
                #expect(error?.code == .setUpFailed)
                #expect(error?.description.hasPrefix("projection \"audit\" version 1 cannot be started: ") == true)
                #expect(try await administration.list()[1].state == .stopped)

                try await bank.script("create domain money_of_the_bank as bigint")
                #expect(try await administration.resume("audit").wasStopped)
                try await bank.untilApplied("audit")
                #expect(try await administration.list()[1].error == nil)
            }
            let rows: Int = try await bank.value("select count(*) from audit")
            #expect(rows == 5)
        }
    }

    @Test("Whoever waits for the end is told, and the next start tries again")
    func nextStart() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            for _ in 1...2 {
                let error = await #expect(throws: ProjectionError.self) {
                    try await bank.engine(Self.projection, Account.projection()).runUntilCaughtUp()
                }
                #expect(error?.code == .stopped)
                #expect(
                    error?.description.hasPrefix("projection \"audit\" stopped: statement 2 of 2 of its setUp failed: ")
                        == true)
                try await bank.expectAccounts()
            }
            try await bank.script("create domain money_of_the_bank as bigint")
            try await bank.engine(Self.projection, Account.projection()).runUntilCaughtUp()
            #expect(try await bank.offset(of: "audit")?.applied == 1)
        }
    }
}
