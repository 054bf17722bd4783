import Hindsight
import HindsightPostgres
import Testing

@Suite("Comparing new rows with old ones", .serialized, .timeLimit(.minutes(3)))
struct VerificationTests {
    /// A second version with other folds and other columns.
    private struct Second: ViewRow {
        var id = ""
        var entries = 0
        var balance = ""
        var note: String?
        static let table = ViewTable("account", of: Self(), key: \.id, \.entries, \.balance, \.note)

        /// Account 1 has an entry too many, account 3 is left out, and nothing is closed.
        static let projection = ViewProjection(Second.self, version: 2)
            .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, _, context in
                guard context.stream.id != "3" else { return }
                var account = row ?? Second(id: context.stream.id, entries: context.stream.id == "1" ? 1 : 0)
                account.entries += 1
                row = account
            }
    }

    @Test("Counts, examples and columns that were not compared are said, and the new rows are swapped in")
    func differences() async throws {
        try await Bank.open { bank in
            for account in 1...6 { try await bank.append(Bank.Deposited(amount: account), to: "\(account)") }
            try await bank.append(Bank.Closed(), to: "5")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let report = try await bank.rebuild(Second.projection) { $0.verification = .compare }
            #expect(report.outcome == .swapped)
            let comparison = try #require(report.comparison)
            #expect(comparison.equal == 3)
            #expect(comparison.changed == 1)
            #expect(comparison.added == 1)
            #expect(comparison.missing == 1)
            #expect(!comparison.isEqual)
            #expect(comparison.columns == ["entries"])
            #expect(comparison.otherColumns == ["balance", "note", "last_position"])
            #expect(comparison.oldOffset == 7 && comparison.newOffset == 7)
            #expect(comparison.examples.map(\.change) == [.changed, .added, .missing])
            #expect(comparison.examples.map(\.key) == [#"{"id": "1"}"#, #"{"id": "5"}"#, #"{"id": "3"}"#])
            #expect(comparison.examples.map(\.old) == [#"{"entries": 1}"#, nil, #"{"entries": 1}"#])
            #expect(comparison.examples.map(\.new) == [#"{"entries": 2}"#, #"{"entries": 1}"#, nil])
            #expect(try await bank.shownTable("account") == "account_v2")
        }
    }

    @Test("Of many rows that differ, five of each kind are examples, each with the columns that differ")
    func examples() async throws {
        try await Bank.open { bank in
            for account in 1...20 { try await bank.append(Bank.Deposited(amount: account), to: "\(account)") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let report = try await bank.rebuild(Doubled.projection()) { $0.verification = .compare }
            let comparison = try #require(report.comparison)
            #expect(comparison.changed == 20 && comparison.equal == 0)
            #expect(comparison.examples.count == 5)
            #expect(comparison.examples.first?.old == #"{"balance": 1}"#)
            #expect(comparison.examples.first?.new == #"{"balance": 2}"#)
            #expect(comparison.otherColumns.isEmpty)
        }
    }

    @Test("Null is a value like any other, and keys may have two columns")
    func nullsAndPairs() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Turnover.projection()).runUntilCaughtUp()
            let rows: Int64 = try await bank.value("select count(*) from turnover")
            let report = try await bank.rebuild(Turnover.projection()) { $0.verification = .compare }
            let comparison = try #require(report.comparison)
            #expect(comparison.isEqual && comparison.equal == rows)

            try await bank.script("update turnover set largest = null where kind = 'Deposited' and digit = 3")
            let second = try #require(
                try await bank.rebuild(Turnover.projection()) { $0.verification = .compare }.comparison)
            #expect(second.changed == 1)
            #expect(second.examples.first?.key == #"{"kind": "Deposited", "digit": 3}"#)
            #expect(second.examples.first?.old == #"{"largest": null}"#)
            try await bank.expectTurnover()
        }
    }

    @Test("Where nobody keeps the old rows up to date, both offsets are said")
    func oldRowsBehind() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.append(Bank.Deposited(amount: 1), to: "2")
            let report = try await bank.rebuild(Account.projection()) { $0.verification = .compare }
            #expect(report.comparison?.oldOffset == 1)
            #expect(report.comparison?.newOffset == 2)
            #expect(report.comparison?.added == 1 && report.comparison?.equal == 1)
        }
    }

    @Test("The first rows of all have nothing to be compared with")
    func nothingToCompare() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let report = try await bank.rebuild(Account.projection()) { $0.verification = .compare }
            #expect(report.outcome == .swapped && report.comparison == nil)
            #expect(report.notCompared == "nothing is shown yet")
        }
    }

    @Test("Rows with another key cannot be compared, and it is said why")
    func otherKey() async throws {
        struct ByNumber: ViewRow {
            var position: Int64 = 0
            static let table = ViewTable("account", of: Self(), key: \.position)
        }
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let second = ViewProjection(ByNumber.self, version: 2)
                .onOptional(Bank.Deposited.self, key: { $1.position }) { row, _, context in
                    row = ByNumber(position: context.position)
                }
            let report = try await bank.rebuild(second) { $0.verification = .compare }
            #expect(report.outcome == .swapped && report.comparison == nil)
            #expect(report.notCompared == "the old rows have the key (id text), the new ones (position bigint)")
        }
    }

    @Test("Under live traffic, rows of one moment are compared with rows of the same moment")
    func underAppends() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(500)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                for round in 2..<6 {
                    async let appends: Void = bank.appendRandom(400, seed: UInt64(round), batch: 2)
                    let report = try await bank.rebuild(Account.projection()) { $0.verification = .compare }
                    let comparison = try #require(report.comparison)
                    #expect(comparison.isEqual, "\(comparison)")
                    #expect(comparison.oldOffset == comparison.newOffset)
                    try await appends
                    try await bank.untilApplied("account")
                    try await bank.expectAccounts()
                }
            }
        }
    }

    @Test("Only comparing swaps nothing, and the next rebuild goes on from there")
    func only() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                let shown = try await bank.shownTable("account")
                let report = try await bank.rebuild(Doubled.projection()) { $0.verification = .only }
                #expect(report.outcome == .verified)
                #expect(report.comparison?.isEqual == false)
                #expect(try await bank.shownTable("account") == shown)
                let status = try #require(try await bank.rebuildStatus(of: Doubled.projection()))
                #expect(status.phase == .verified && status.node == nil && status.checkpoint == report.offset)

                try await bank.appendRandom(100, seed: 2)
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
                let next = try await bank.rebuild(Doubled.projection())
                #expect(next.outcome == .swapped && next.offset > report.offset)
                try await bank.expect("account", equals: Doubled.recount)
                try await bank.expectApplied("account", version: 2, ["Deposited", "Withdrawn", "Closed"])
            }
            #expect(try await bank.administration(Doubled.projection()).rebuilds().isEmpty)
        }
    }

    @Test("A connection that is lost before the comparison is waited for")
    func connectionLost() async throws {
        try await Bank.open { bank in
            let (engineGate, rebuildGate) = (Gate(), Gate())
            defer {
                engineGate.open()
                rebuildGate.open()
            }
            let engine = bank.engine(Account.projection { event, _ in if event.amount == 1_001 { engineGate.pass() } })
            try await bank.running(engine) { _ in
                // The engine hangs at the first event and knows of no other.
                try await bank.append(Bank.Deposited(amount: 1_001), to: "1")
                try await engineGate.untilReached()
                let ahead = try await bank.append(Bank.Deposited(amount: 1_002), to: "1")
                let projection = Account.projection { event, _ in if event.amount == 1_003 { rebuildGate.pass() } }
                async let report = bank.rebuild(projection) { $0.verification = .compare }
                try await Bank.until("the rebuild waits for the engine") {
                    let status = try await bank.rebuildStatus(of: projection)
                    return status?.phase == .verifying && status?.checkpoint == ahead.position
                }
                // The engine takes both at once, so that the rebuild has to come after it.
                try await bank.append(Bank.Deposited(amount: 1_003), to: "1")
                engineGate.open()
                try await rebuildGate.untilReached()
                let ended: Int = try await bank.value(
                    "select count(pg_terminate_backend(owner_pid)) from hindsight.offsets where kind = 'rebuild'")
                #expect(ended == 1)
                rebuildGate.open()
                let done = try await report
                #expect(done.outcome == .swapped && done.comparison?.isEqual == true)
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
            }
        }
    }
}
