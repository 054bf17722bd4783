import Hindsight
import HindsightPostgres
import HindsightProjections
import HindsightTesting
import Testing

/// Rows whose key is the id of their streams: folded anew from those streams alone.
@Suite("Rebuilding a row from its streams", .timeLimit(.minutes(3)))
struct RebuildByStreamTests {
    private struct WholeLogWasRead: Error {}

    private func spoil(_ bank: Bank) async throws {
        let table = try #require(try await bank.shownTable("account"))
        try await bank.script("update hindsight.\(table) set balance = balance + 1000000")
    }

    private func rebuilder(_ bank: Bank, _ projection: any Projection) -> ProjectionRebuilder {
        ProjectionRebuilder(
            ProjectionContext(
                log: MeddledLog(bank.log, beforeRange: { _ in throw WholeLogWasRead() }), database: bank.viewsDatabase,
                pool: bank.views, projections: [projection], events: Bank.registry, configuration: Bank.small,
                logger: LogFixture.logger))
    }

    @Test("The row is what a reading of the whole log makes of it, and the log is not read")
    func sameRow() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(400)
            // Another stream with the same id, whose events stand between those of the first.
            for amount in 1...5 {
                try await bank.append(Bank.Deposited(amount: amount), to: "7")
                try await bank.log.append(
                    [try Bank.registry.encode(Bank.Deposited(amount: 100 * amount))], to: "savings-7")
            }
            try await bank.log.append([try Bank.registry.encode(Bank.Deposited(amount: 1))], to: "savings-77")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let row: SQL = "select entries || ' ' || balance || ' ' || last_position from account where id = '7'"
            let expected: String = try await bank.value(row)
            try await spoil(bank)
            let report = try await rebuilder(bank, Account.byStream()).rebuild(.key(["7"]), of: "account")
            #expect(report.keys == 1)
            let found: String = try await bank.value(row)
            #expect(found == expected)
            let spoilt: Int = try await bank.value("select count(*) from account where balance > 500000")
            let all: Int = try await bank.value("select count(*) from account")
            #expect(spoilt == all - 1)
        }
    }

    @Test("A key that its folds say, and the rows of a category, take the whole log")
    func otherwise() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            await #expect(throws: WholeLogWasRead.self) {
                try await rebuilder(bank, Account.projection()).rebuild(.key(["1"]), of: "account")
            }
            await #expect(throws: WholeLogWasRead.self) {
                try await rebuilder(bank, Account.byStream()).rebuild(.category("account"), of: "account")
            }
        }
    }

    @Test("A key without events has no row afterwards")
    func noRow() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), Bank.Closed(), to: "1")
            try await bank.append(Bank.Deposited(amount: 5), to: "2")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let table = try #require(try await bank.shownTable("account"))
            try await bank.script("insert into hindsight.\(table) values ('1', 1, 1, 1), ('never', 1, 1, 1)")
            for key in ["1", "never"] {
                try await rebuilder(bank, Account.byStream()).rebuild(.key([key]), of: "account")
            }
            try await bank.expectAccounts()
        }
    }

    @Test("While events are appended to its stream, the row is brought to where the view stands")
    func underAppends() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                async let appends: Void = {
                    for amount in 1...300 { try await bank.append(Bank.Deposited(amount: amount), to: "7") }
                }()
                let rebuilder = rebuilder(bank, Account.byStream())
                for _ in 0..<10 { try await rebuilder.rebuild(.key(["7"]), of: "account") }
                try await appends
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
            }
        }
    }

    @Test(
        "Pages are merged in the order of positions, cut by bytes, and go on behind what was read",
        .timeLimit(.minutes(1)))
    func pages() async throws {
        let log = InMemoryEventLog()
        for number in 0..<60 {
            try await log.append(
                [NewEvent(type: "T", data: Array(repeating: 0x31, count: 1 + number % 7))],
                to: ["a-1", "b-1", "c-2"][number % 3])
        }
        let pages = StreamPages(log)
        pages.look(into: ["a-1", "b-1"])
        let buffer = RawEventBuffer()
        func read(after start: Int64, through end: Int64) async throws -> [Int64] {
            var found: [Int64] = []
            var start = start
            repeat {
                try await pages.read(after: start, through: end, maximumBytes: 40, into: buffer)
                #expect(buffer.through > start)
                found += buffer.events.map(\.position)
                start = buffer.through
            } while start < end
            return found
        }
        let wanted = (1...60).filter { $0 % 3 != 0 }.map(Int64.init)
        #expect(try await read(after: 0, through: 29) == wanted.filter { $0 <= 29 })
        // What a reader of the whole log has seen meanwhile is passed over.
        #expect(try await read(after: 33, through: 60) == wanted.filter { $0 > 33 })
        try await log.append([NewEvent(type: "T", data: [0x31])], to: "b-1")
        try await log.append([NewEvent(type: "T", data: [0x31])], to: "d-1")
        pages.look(into: ["a-1", "b-1", "d-1"])
        #expect(try await read(after: 60, through: 62) == [61, 62])
    }
}
