import Hindsight
import HindsightPostgres
import Testing

@Suite("Resetting by a program of before", .serialized, .timeLimit(.minutes(3)))
struct ResetTests {
    /// What a reset by this program is refused with.
    private func refusal(_ projection: any Projection, _ bank: Bank) async throws -> ProjectionError {
        try await #require(throws: ProjectionError.self) {
            try await bank.administration(projection).reset(projection.name)
        }
    }

    @Test("A version that was dropped: there is nothing to reset, and what is shown stays as it is")
    func dropped() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(Doubled.projection())
            let error = try await refusal(Account.projection(), bank)
            #expect(error.code == .versionReplaced)
            #expect(error.description.contains("shows version 2"))
            #expect(error.description.contains("version 1, which this program declares, was dropped"))
            #expect(error.description.contains("--replace-newer"))
            try await bank.expect("account", equals: Doubled.recount)
            try await bank.administration(Doubled.projection()).reset("account")
            #expect(try await bank.value("select count(*) from account") == 0)
        }
    }

    @Test("A version that never was here is not made for the sake of it")
    func neverThere() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Doubled.projection()).runUntilCaughtUp()
            let error = try await refusal(Account.projection(), bank)
            #expect(error.code == .versionReplaced)
            #expect(error.description.contains("version 1, which this program declares, is not there"))
            #expect(try await !bank.tableExists("account_v1"))
            try await bank.expect("account", equals: Doubled.recount)
        }
    }

    @Test("A version that gave way to an older one")
    func replacedByOlder() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Doubled.projection()).runUntilCaughtUp()
            try await bank.rebuild(Account.projection()) { $0.replacesNewer = true }
            let error = try await refusal(Doubled.projection(), bank)
            #expect(error.code == .versionReplaced && !error.description.contains("--replace-newer"))
            try await bank.expectAccounts()
        }
    }

    @Test("What is kept of an older version is reset as ever")
    func kept() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(Doubled.projection()) { $0.keepsOld = true }
            try await bank.administration(Account.projection()).reset("account")
            #expect(try await bank.offset(of: "account")?.position == 0)
            try await bank.expect("account", equals: Doubled.recount)
        }
    }

    @Test("The tables of a projection that writes its own are the newer version's by now")
    func ownTables() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            func journal(version: Int) -> SQLProjection {
                SQLProjection(
                    "journal", version: version,
                    setUp: ["create table if not exists journal (position bigint, account text, amount bigint)"],
                    clear: ["truncate journal"]
                )
                .on(Bank.Deposited.self) { session, event, context in
                    try session.execute(
                        "insert into journal values (\(context.position), \(context.stream.id), \(event.amount))")
                }
            }
            try await bank.engine(journal(version: 1)).runUntilCaughtUp()
            try await bank.rebuild(journal(version: 2))
            let error = try await refusal(journal(version: 1), bank)
            #expect(error.code == .versionReplaced && !error.description.contains("--replace-newer"))
            try await bank.expect("journal", equals: Journal.recount())
        }
    }
}
