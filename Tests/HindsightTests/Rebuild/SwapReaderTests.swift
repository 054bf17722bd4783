import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Synchronization
import Testing

/// What readers of a stable name see while one version takes the place of another.
@Suite("Reading across swaps", .serialized, .timeLimit(.minutes(4)))
struct SwapReaderTests {
    /// How many rows, and what all their balances come to.
    private struct Total: Hashable, Sendable {
        var rows: Int
        var balance: Int

        static let query = "select count(*), coalesce(sum(balance), 0)::bigint from account"

        init(rows: Int, balance: Int) {
            self.rows = rows
            self.balance = balance
        }

        init(_ row: PostgresRow) throws {
            rows = try row.decode(0)
            balance = try row.decode(1)
        }
    }

    /// Readers in tasks of their own, each on its own connection, until they are told to end.
    private final class Readers: Sendable {
        private let isEnding = Atomic(false)
        let simple = Recorder<Total>()
        let prepared = Recorder<Total>()
        let repeatable = Recorder<[Total]>()

        func run(_ database: PostgresConfiguration) async throws {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    // Another text each time, so that nothing is kept of it.
                    var number = 0
                    try await self.loop(on: database) { connection in
                        number += 1
                        let text = "\(Total.query) where \(number) > 0"
                        self.simple.note(
                            try await connection.withSession { try Total($0.query("\(unsafeSQL: text)")[0]) })
                    }
                }
                tasks.addTask {
                    try await self.loop(on: database) { connection in
                        self.prepared.note(
                            try await connection.withSession { try Total($0.query("\(unsafeSQL: Total.query)")[0]) })
                    }
                }
                tasks.addTask {
                    try await self.loop(on: database) { connection in
                        let seen = try await connection.withTransaction(TransactionOptions(.repeatableRead)) {
                            session in
                            try (0..<5).map { _ in try Total(session.query("\(unsafeSQL: Total.query)")[0]) }
                        }
                        self.repeatable.note(seen)
                    }
                }
                try await tasks.waitForAll()
            }
        }

        private func loop(
            on database: PostgresConfiguration, _ body: (PostgresConnection) async throws -> Void
        ) async throws {
            let connection = try await PostgresConnection.connect(database, logger: LogFixture.logger)
            while !isEnding.load(ordering: .relaxed) { try await body(connection) }
            await connection.close()
        }

        func end() { isEnding.store(true, ordering: .relaxed) }

        /// Waits until each of them has looked once more from beginning to end.
        func untilLooked() async throws {
            let (first, second, third) = (simple.count, prepared.count, repeatable.count)
            try await Bank.until("each reader looks again") {
                simple.count > first + 1 && prepared.count > second + 1 && repeatable.count > third + 1
            }
        }
    }

    private func total(_ bank: Bank) async throws -> Total {
        try await bank.views.withSession { try Total($0.query("\(unsafeSQL: Total.query)")[0]) }
    }

    @Test("Readers see old rows or new rows, across twenty swaps", arguments: [false, true])
    func twentySwaps(withEngine: Bool) async throws {
        try await Bank.open { bank in
            for account in 0..<200 { try await bank.append(Bank.Deposited(amount: account + 1), to: "\(account)") }
            try await bank.rebuild(Account.projection())
            let single = try await total(bank)
            let double = Total(rows: single.rows, balance: 2 * single.balance)
            try #require(single == Total(rows: 200, balance: 20_100))

            let readers = Readers()
            let database = bank.viewsDatabase
            let reading = Task { try await readers.run(database) }
            let engine = bank.engine(Account.projection(), Doubled.projection())
            let running = withEngine ? RunningEngine(engine) : nil
            do {
                try await readers.untilLooked()
                for swap in 1...20 {
                    if swap.isMultiple(of: 2) {
                        try await bank.rebuild(Account.projection()) {
                            $0.keepsOld = swap.isMultiple(of: 3)
                            $0.replacesNewer = true
                        }
                    } else {
                        try await bank.rebuild(Doubled.projection()) { $0.keepsOld = swap.isMultiple(of: 3) }
                    }
                    #expect(try await total(bank) == (swap.isMultiple(of: 2) ? single : double))
                    try await readers.untilLooked()
                }
            } catch {
                readers.end()
                _ = await reading.result
                await running?.cancel()
                throw error
            }
            readers.end()
            try await reading.value
            try await running?.shutDown()
            #expect(Set(readers.simple.all) == [single, double])
            #expect(Set(readers.prepared.all) == [single, double])
            #expect(Set(readers.repeatable.all.joined()) == [single, double])
            // A transaction that has read the view is waited for, so that it sees the same rows to its end.
            #expect(readers.repeatable.all.allSatisfy { Set($0).count == 1 })
        }
    }

    @Test("A reader whose snapshot is older than the new rows is waited for, and sees the old ones")
    func olderSnapshot() async throws {
        try await Bank.open { bank in
            for account in 0..<50 { try await bank.append(Bank.Deposited(amount: 2), to: "\(account)") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let reader = try await OpenTransaction.begin(in: bank.views, TransactionOptions(.repeatableRead))
            let before = try await reader.run { try Total($0.query("\(unsafeSQL: Total.query)")[0]) }
            #expect(before == Total(rows: 50, balance: 100))
            async let report = bank.rebuild(Doubled.projection())
            try await Bank.until("the rebuild waits for the reader") {
                try await bank.rebuildStatus(of: Doubled.projection())?.phase == .swapping
            }
            for _ in 0..<20 {
                #expect(try await reader.run { try Total($0.query("\(unsafeSQL: Total.query)")[0]) } == before)
            }
            #expect(try await total(bank) == before)
            try await reader.commit()
            #expect(try await report.outcome == .swapped)
            #expect(try await total(bank) == Total(rows: 50, balance: 200))
        }
    }

    @Test("A reader of another role is waited for as well, though its snapshot is hidden from the engine's role")
    func otherRole() async throws {
        let conninfo = try await TestCluster.shared.makeDatabase()
        let admin = PostgresPool(configuration: PostgresConfiguration(conninfo), logger: LogFixture.logger)
        let role = "engine \(UInt64.random(in: 0 ... .max))"
        try await admin.withSession { session in
            try session.script(
                """
                create role "\(role)" login;
                do $$ begin execute format('alter database %I owner to "\(role)"', current_database()); end $$;
                """)
        }
        let result: Result<Void, any Error>
        do {
            try await Bank.open(conninfo: conninfo + " user='\(role)'") { bank in
                for account in 0..<50 { try await bank.append(Bank.Deposited(amount: 2), to: "\(account)") }
                try await bank.engine(Account.projection()).runUntilCaughtUp()
                let reader = try await OpenTransaction.begin(in: admin, TransactionOptions(.repeatableRead))
                // A snapshot, and no lock on the view.
                try await reader.run { _ = try $0.query("select 1") }
                async let report = bank.rebuild(Account.projection())
                try await Bank.until("the rebuild comes to the swap") {
                    let status = try await bank.rebuildStatus(of: Account.projection())
                    let shown = try await bank.shownTable("account")
                    return status?.phase == .swapping || shown != "account_v1"
                }
                // It is to be waited for, which takes time to be sure of.
                for _ in 0..<50 where try await bank.shownTable("account") == "account_v1" {
                    try await Task.sleep(for: .milliseconds(5))
                }
                let seen = try await reader.run { try Total($0.query("\(unsafeSQL: Total.query)")[0]) }
                #expect(seen == Total(rows: 50, balance: 100))
                try await reader.commit()
                #expect(try await report.outcome == .swapped)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await admin.withSession { session in
            try session.script(
                """
                do $$ begin execute format('alter database %I owner to %I', current_database(), current_user); end $$;
                drop owned by "\(role)" cascade; drop role "\(role)";
                """)
        }
        await admin.close()
        try result.get()
    }

    @Test("A reader's snapshot never goes back to before an event that it has seen")
    func snapshotDuringCatchUp() async throws {
        try await Bank.open { bank in
            let (loading, catchingUp) = (Gate(), Gate())
            defer {
                loading.open()
                catchingUp.open()
            }
            try await bank.append(Bank.Deposited(amount: 1_001), to: "1")
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                let projection = Account.projection { event, _ in
                    if event.amount == 1_001 { loading.pass() }
                    if event.amount == 1_002 { catchingUp.pass() }
                }
                async let report = bank.rebuild(projection)
                try await loading.untilReached()
                try await bank.append(Bank.Deposited(amount: 1_002), to: "1")
                try await bank.untilApplied("account")
                loading.open()
                try await catchingUp.untilReached()
                // The rebuilt table lacks the second deposit, which the reader sees in the old one.
                let reader = try await OpenTransaction.begin(in: bank.views, TransactionOptions(.repeatableRead))
                let before = try await reader.run { try Total($0.query("\(unsafeSQL: Total.query)")[0]) }
                #expect(before == Total(rows: 1, balance: 2_003))
                catchingUp.open()
                // The swap waits for the reader; were it done, the rows would have to be as new as what the reader has seen.
                for _ in 0..<100 {
                    let now = try await reader.run { try Total($0.query("\(unsafeSQL: Total.query)")[0]) }
                    try #require(now == before)
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await reader.commit()
                #expect(try await report.outcome == .swapped)
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
            }
        }
    }

    @Test("A version with other columns is shown under the same name")
    func otherColumns() async throws {
        struct Other: ViewRow {
            var id = ""
            var text: String?
            static let table = ViewTable("account", of: Self(), key: \.id, \.text)
        }
        let second = ViewProjection(Other.self, version: 2)
            .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, event, context in
                row = Other(id: context.stream.id, text: "\(event.amount)")
            }
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), to: "1")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(second) { $0.keepsOld = true }
            #expect(try await Views(pool: bank.views).fetch(Other.query).map(\.text) == ["5"])
            try await bank.administration(Account.projection(), second).rollBack("account")
            #expect(try await Views(pool: bank.views).fetch(Account.query).map(\.balance) == [5])
            try await bank.administration(Account.projection(), second).rollBack("account")
            #expect(try await Views(pool: bank.views).fetch(Other.query).map(\.text) == ["5"])
        }
    }
}
