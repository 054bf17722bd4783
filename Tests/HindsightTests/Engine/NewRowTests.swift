import Hindsight
import HindsightPostgres
import HindsightProjections
import Testing

/// Where the key is the stream's id, the first event of a stream is presumed to be the first of its row, which is then inserted without
/// having been looked for. The views must be the same where that is wrong.
@Suite("Rows presumed to be new", .serialized, .timeLimit(.minutes(3)))
struct NewRowTests {
    private func accounts(_ bank: Bank) async throws -> [Account] {
        try await Views(pool: bank.views).fetch(Account.query.order(by: \.id))
    }

    /// Has the table of the accounts made, without a row.
    private func createTable(_ bank: Bank) async throws {
        try await bank.append(Bank.Deposited(amount: 1), to: "100")
        try await bank.engine(Account.byStream(), Turnover.projection()).runUntilCaughtUp()
        #expect(try await accounts(bank) == [Account(id: "100", entries: 1, balance: 1, lastPosition: 1)])
    }

    @Test("A row that somebody else has left there is folded on, and what comes with it and after it is right")
    func rowIsThere() async throws {
        try await Bank.open { bank in
            try await createTable(bank)
            try await bank.script(
                "insert into account (id, entries, balance, last_position) values ('102', 10, 100, 0)")
            for name in ["101", "102", "103", "100"] { try await bank.append(Bank.Deposited(amount: 5), to: name) }
            try await bank.append(Bank.Withdrawn(amount: 2), to: "103")
            let engine = bank.engine(Account.byStream(), Turnover.projection())
            try await engine.runUntilCaughtUp()
            #expect(
                try await accounts(bank) == [
                    Account(id: "100", entries: 2, balance: 6, lastPosition: 5),
                    Account(id: "101", entries: 1, balance: 5, lastPosition: 2),
                    Account(id: "102", entries: 11, balance: 105, lastPosition: 3),
                    Account(id: "103", entries: 2, balance: 3, lastPosition: 6),
                ])
            #expect(try await bank.offset(of: "account")?.applied == 6)
            try await bank.expectTurnover()
        }
    }

    @Test("Streams of two categories that have one id share its row")
    func sharedKey() async throws {
        try await Bank.open { bank in
            try await createTable(bank)
            var configuration = Bank.impatient
            configuration.liveBatch = 2
            for number in 1...3 {
                for category in ["savings", "account"] {
                    try await bank.log.append(
                        try Bank.registry.encode(Bank.Deposited(amount: number)),
                        to: StreamName(category: category, id: "\(number)"))
                }
                try await bank.engine(Account.byStream(), Turnover.projection(), configuration: configuration)
                    .runUntilCaughtUp()
            }
            #expect(try await accounts(bank).map(\.balance) == [2, 1, 4, 6])
            #expect(try await accounts(bank).map(\.entries) == [2, 1, 2, 2])
            #expect(try await bank.offset(of: "account")?.stoppedAt == nil)
            try await bank.expectTurnover()
        }
    }

    @Test("An event that begins a stream and leaves no row deletes the one that was there")
    func deletedAtOnce() async throws {
        try await Bank.open { bank in
            try await createTable(bank)
            try await bank.script(
                "insert into account (id, entries, balance, last_position) values ('102', 10, 100, 0)")
            try await bank.append(Bank.Deposited(amount: 5), to: "101")
            try await bank.append(Bank.Closed(), to: "102")
            try await bank.append(Bank.Closed(), to: "103")
            try await bank.engine(Account.byStream(), Turnover.projection()).runUntilCaughtUp()
            #expect(try await accounts(bank).map(\.id) == ["100", "101"])
            #expect(try await bank.offset(of: "account")?.applied == 4)
        }
    }

    @Test("A stream whose first event parks has no row, and its key waits")
    func failing() async throws {
        struct Refused: Error {}
        try await Bank.open { bank in
            let parking = ViewProjection(Account.self, version: 1)
                .onOptional(Bank.Deposited.self) { row, event, context in
                    if event.amount == 13 { throw Refused() }
                    Account.add(event.amount, to: &row, context)
                }
                .parking()
            try await bank.append(Bank.Deposited(amount: 1), to: "100")
            try await bank.engine(parking).runUntilCaughtUp()
            try await bank.append(Bank.Deposited(amount: 13), to: "101")
            try await bank.append(Bank.Deposited(amount: 5), to: "102")
            try await bank.append(Bank.Deposited(amount: 5), to: "101")
            try await bank.engine(parking).runUntilCaughtUp()
            #expect(try await accounts(bank).map(\.id) == ["100", "102"])
            let parked: String = try await bank.value(
                "select string_agg(key, ' ' order by first_position) from hindsight.parked_keys")
            #expect(parked == #"["101"]"#)
        }
    }

    /// What folds demand of a row that is there.
    private struct NoRow: Error {}

    /// An account that must be there for what comes from the category of savings.
    private static func demanding() -> ViewProjection<Account> {
        ViewProjection(Account.self, version: 1)
            .onOptional(Bank.Deposited.self) { row, event, context in
                if context.stream.category == "savings", row == nil { throw NoRow() }
                Account.add(event.amount, to: &row, context)
            }
    }

    @Test(
        "A fold that demands the row gets it, whether failures stop, park or end the process", arguments: [false, true])
    func demanded(parks: Bool) async throws {
        try await Bank.open { bank in
            let projection = parks ? Self.demanding().parking() : Self.demanding()
            try await bank.append(Bank.Deposited(amount: 1), to: "100")
            try await bank.engine(projection).runUntilCaughtUp()
            try await bank.log.append(
                try Bank.registry.encode(Bank.Deposited(amount: 5)), to: StreamName(category: "savings", id: "100"))
            try await bank.append(Bank.Deposited(amount: 3), to: "101")
            // Another process, which has no rows in memory.
            try await bank.engine(projection).runUntilCaughtUp()
            #expect(try await accounts(bank).map(\.balance) == [6, 3])
            #expect(try await bank.administration(projection).parked("account").isEmpty)
            // One that fails with its row as well is treated as ever.
            try await bank.log.append(
                try Bank.registry.encode(Bank.Deposited(amount: 5)), to: StreamName(category: "savings", id: "102"))
            if parks {
                try await bank.engine(projection).runUntilCaughtUp()
                #expect(try await bank.administration(projection).parked("account").map(\.key) == [["102"]])
            } else {
                await #expect(throws: ProjectionError.self) { try await bank.engine(projection).runUntilCaughtUp() }
                #expect(try await bank.offset(of: "account")?.stoppedAt == 4)
            }
            #expect(try await accounts(bank).map(\.balance) == [6, 3])
        }
    }

    /// Appends to new streams, and runs two views by stream over them in batches of a size.
    ///
    /// - Returns: whose presumptions were refuted, in order.
    private func refuted(_ bank: Bank, streams: ClosedRange<Int>, batch: Int) async throws -> [String] {
        for stream in streams { try await bank.append(Bank.Deposited(amount: 5), to: "\(stream)") }
        let names = RefutationRecorder.Names()
        var configuration = Bank.impatient
        configuration.liveBatch = batch
        configuration.catchUpBatch = batch
        try await ProjectionEngine(
            ProjectionContext(
                log: bank.log, database: bank.viewsDatabase, pool: bank.views,
                projections: [Account.byStream(), Visits.byStream()], events: Bank.registry,
                configuration: configuration, logger: RefutationRecorder.logger(into: names))
        ).runUntilCaughtUp()
        return names.all
    }

    @Test("A row that was there refutes the presumption of its own view only, and of two views one after the other")
    func namesOneView() async throws {
        try await Bank.open { bank in
            #expect(try await refuted(bank, streams: 100...100, batch: 100).isEmpty)
            try await bank.script(
                "insert into account (id, entries, balance, last_position) values ('102', 10, 100, 0)")
            #expect(try await refuted(bank, streams: 101...103, batch: 100) == ["account"])
            try await bank.script(
                """
                insert into account (id, entries, balance, last_position) values ('105', 10, 100, 0);
                insert into visits (id, count) values ('105', 7)
                """)
            #expect(try await refuted(bank, streams: 104...106, batch: 100).sorted() == ["account", "visits"])
            #expect(try await accounts(bank).map(\.entries) == [1, 1, 11, 1, 1, 11, 1])
            #expect(
                try await Views(pool: bank.views).fetch(Visits.query.order(by: \.id)).map(\.count)
                    == [1, 1, 1, 1, 1, 8, 1])
        }
    }

    @Test("After some batches rows are presumed to be new again, and that is refuted as well where it is wrong")
    func comesBack() async throws {
        try await Bank.open { bank in
            #expect(try await refuted(bank, streams: 100...100, batch: 1).isEmpty)
            let last = 101 + NewRowPresumption.batchesWithout
            // The second one is met while rows are looked up.
            for id in [101, 110, last] {
                try await bank.script(
                    "insert into account (id, entries, balance, last_position) values ('\(id)', 10, 100, 0)")
            }
            #expect(try await refuted(bank, streams: 101...last + 1, batch: 1) == ["account", "account"])
            let rows = try await accounts(bank)
            #expect(rows.count == last + 2 - 100)
            #expect(rows.filter { $0.entries == 11 }.map(\.id) == ["101", "110", "\(last)"])
        }
    }

    @Test("A random history with batches of every size is what a recount says")
    func recounted() async throws {
        try await Bank.open { bank in
            for (round, size) in [1, 7, 200, 1_000].enumerated() {
                try await bank.appendRandom(500, seed: UInt64(round + 1))
                var configuration = Bank.impatient
                configuration.liveBatch = size
                configuration.catchUpBatch = size
                try await bank.engine(Account.byStream(), configuration: configuration).runUntilCaughtUp()
                try await bank.expectAccounts()
            }
        }
    }
}
