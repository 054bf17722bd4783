import Hindsight
import HindsightPostgres
import Testing

/// Rows that are folded anew alone, and exchanged.
@Suite("Rebuilding some rows", .timeLimit(.minutes(3)))
struct RebuildSomeRowsTests {
    /// Spoils every row of the view that is shown.
    private func spoil(_ bank: Bank) async throws {
        let table = try #require(try await bank.shownTable("account"))
        try await bank.script("update hindsight.\(table) set balance = balance + 1000000")
    }

    @Test("One key is folded anew, the others stay as they are, and a running engine goes on from the new row")
    func oneKey() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(400)
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                try await spoil(bank)
                let rebuilder = bank.rebuilder(Account.projection())
                let report = try await rebuilder.rebuild(.key(["7"]), of: "account")
                #expect(report.keys == 1)
                let spoilt: Int = try await bank.value("select count(*) from account where balance > 500000")
                let all: Int = try await bank.value("select count(*) from account")
                #expect(spoilt == all - 1)
                let other: Int = try await bank.value(
                    "select count(*) from account where id = '7' and balance < 500000")
                #expect(other == 1)
                // The rest of them, and then the engine goes on.
                try await rebuilder.rebuild(.category("account"), of: "account")
                try await bank.appendRandom(200, seed: 2)
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
            }
        }
    }

    @Test("A row whose key has no events, or whose last event deleted it, is taken out")
    func noRow() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), Bank.Closed(), to: "1")
            try await bank.append(Bank.Deposited(amount: 5), to: "2")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let table = try #require(try await bank.shownTable("account"))
            try await bank.script(
                "insert into hindsight.\(table) values ('1', 1, 1, 1), ('never', 1, 1, 1)")
            let rebuilder = bank.rebuilder(Account.projection())
            try await rebuilder.rebuild(.key(["1"]), of: "account")
            try await rebuilder.rebuild(.key(["never"]), of: "account")
            try await bank.expectAccounts()
        }
    }

    @Test("While events are appended, the rows are brought to where the view stands")
    func underAppends() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(400)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                let rebuilder = bank.rebuilder(Account.projection())
                async let appends: Void = bank.appendRandom(600, seed: 2, batch: 2)
                for _ in 0..<5 {
                    try await spoil(bank)
                    try await rebuilder.rebuild(.category("account"), of: "account")
                }
                try await appends
                try await bank.untilApplied("account")
                // Keys that came while keys were chosen are as the engine has folded them.
                try await rebuilder.rebuild(.category("account"), of: "account")
                try await bank.expectAccounts()
            }
        }
    }

    @Test("A swap in the meantime is noticed, and nothing is changed")
    func swappedMeanwhile() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let gate = Gate()
            defer { gate.open() }
            let rebuilder = bank.rebuilder(
                Account.projection { event, _ in if event.amount == 1_313 { gate.pass() } })
            async let some = rebuilder.rebuild(.category("account"), of: "account")
            try await gate.untilReached()
            try await bank.rebuild(Account.projection())
            gate.open()
            do {
                _ = try await some
                Issue.record("rows of a table that is not shown any more were exchanged")
            } catch let error as ProjectionError {
                #expect(error.code == .cannotRebuild && error.description.contains("try again"))
            }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.expectAccounts()
        }
    }

    @Test("What is no key, or not shown, is refused and changes nothing")
    func refused() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            try await bank.engine(Turnover.projection()).runUntilCaughtUp()
            let rebuilder = bank.rebuilder(Turnover.projection())
            for key in [["Deposited"], ["Deposited", "nine"], []] {
                let error = await #expect(throws: ProjectionError.self) {
                    try await rebuilder.rebuild(.key(key), of: "turnover")
                }
                #expect(error?.code == .cannotRebuild)
            }
            try await rebuilder.rebuild(.key(["Deposited", "3"]), of: "turnover")
            try await bank.expectTurnover()
            let newer = await #expect(throws: ProjectionError.self) {
                try await bank.rebuilder(Turnover.projection(version: 2)).rebuild(.category("account"), of: "turnover")
            }
            #expect(newer?.code == .cannotRebuild)
        }
    }
}
