import Hindsight
import Testing

@Suite("What an engine has committed", .serialized, .timeLimit(.minutes(3)))
struct CommitSignalTests {
    @Test("Each commit says how far the view is and which keys changed, without a gap; the rows are visible by then")
    func commits() async throws {
        try await Bank.open { bank in
            let engine = bank.engine(Account.projection(), Turnover.projection())
            let commits = engine.commits(of: "account")
            try await bank.running(engine) { _ in
                var reader = commits.makeAsyncIterator()
                // The lease was taken: any row may have changed before.
                let first = try #require(await reader.next())
                #expect(first.keys(of: Account.self) == nil)
                #expect(first.version == 1)
                var last = first
                for number in 1...20 {
                    try await bank.append(Bank.Deposited(amount: number), to: "\(number)")
                    let head = try await bank.log.frontier()
                    var keys: Set<String> = []
                    while last.offset.position < head.position {
                        let commit = try #require(await reader.next())
                        #expect(commit.projection == "account")
                        #expect(commit.start == last.offset)
                        keys.formUnion(try #require(commit.keys(of: Account.self)))
                        last = commit
                    }
                    #expect(keys == ["\(number)"])
                    #expect(try await Views(pool: bank.views).row(Account.self, "\(number)")?.balance == number)
                }
            }
            // It ends with the engine, and so does one that comes too late.
            for await _ in commits {}
            for await _ in engine.commits(of: "account") {}
        }
    }

    @Test("Statements of a projection's own may have changed anything")
    func ownStatements() async throws {
        try await Bank.open { bank in
            let engine = bank.engine(Journal.projection())
            let commits = engine.commits(of: "journal")
            try await bank.running(engine) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                let head = try await bank.log.frontier()
                for await commit in commits where commit.offset.position >= head.position {
                    #expect(commit.keys(of: Account.self) == nil)
                    break
                }
            }
        }
    }

    @Test("After a reset any row may have changed, and the sequence starts over")
    func reset() async throws {
        try await Bank.open { bank in
            let engine = bank.engine(Account.projection())
            let commits = engine.commits(of: "account")
            try await bank.running(engine) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                let head = try await bank.log.frontier()
                var reader = commits.makeAsyncIterator()
                while let commit = await reader.next(), commit.offset.position < head.position {}
                try await bank.administration(Account.projection()).reset("account")
                let again = try #require(await reader.next())
                #expect(again.offset == .beginning)
                #expect(again.keys(of: Account.self) == nil)
                while let commit = await reader.next(), commit.offset.position < head.position {}
            }
            try await bank.expectAccounts()
        }
    }
}
