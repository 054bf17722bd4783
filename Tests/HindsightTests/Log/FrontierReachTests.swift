import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

/// What holds a log's frontier back, and what does not.
@Suite("What holds readers back", .timeLimit(.minutes(2)))
struct FrontierReachTests {
    @Test("only the log's own open appends: two logs in one database")
    func twoLogsInOneDatabase() async throws {
        try await LogFixture.withLog { fixture in
            var configuration = PostgresEventLog.Configuration()
            configuration.schema = "second"
            try await LogFixture.withLog(conninfo: fixture.database.conninfo, configuration: configuration) { second in
                let slow = try await OpenTransaction.begin(in: fixture.pool)
                try await slow.run { _ = try fixture.log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
                let result = try await second.log.append(LogFixture.event(2), to: "a-1")
                let batch = try await second.log.read(after: .beginning, limit: 10)
                #expect(batch.events.map(\.position) == [result.position] && !batch.isHeld)
                #expect(try await fixture.log.read(after: .beginning, limit: 10).isHeld)
                // One transaction appends to both.
                let both = try await OpenTransaction.begin(in: fixture.pool)
                try await both.run { session in
                    try fixture.log.append([LogFixture.event(3)], to: "b-1", in: &session)
                    try second.log.append([LogFixture.event(4)], to: "b-1", in: &session)
                }
                try await second.log.append(LogFixture.event(5), to: "c-1")
                #expect(try await second.log.read(after: .beginning, limit: 10).events.count == 1)
                try await slow.commit()
                #expect(try await fixture.log.read(after: .beginning, limit: 10).events.count == 1)
                try await both.commit()
                #expect(try await fixture.log.read(after: .beginning, limit: 10).events.count == 2)
                #expect(try await second.log.read(after: .beginning, limit: 10).events.count == 3)
                #expect(try await fixture.log.identity() != second.log.identity())
            }
        }
    }

    @Test("only the log's own open appends: two databases in one cluster")
    func twoDatabases() async throws {
        try await LogFixture.withLog { first in
            try await LogFixture.withLog { second in
                // Even with one class of locks: a copied database has its original's.
                let lockClass: Int = try await first.pool.withSession {
                    try $0.query("select hindsight.log_class()")[0].decode(0)
                }
                try await second.script(
                    "create or replace function hindsight.log_class() returns integer language sql immutable parallel safe "
                        + "return \(lockClass)")
                let slow = try await OpenTransaction.begin(in: first.pool)
                try await slow.run { _ = try first.log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
                try await second.log.append(LogFixture.event(2), to: "a-1")
                let batch = try await second.log.read(after: .beginning, limit: 10)
                #expect(batch.events.count == 1 && !batch.isHeld)
                try await first.log.append(LogFixture.event(3), to: "b-1")
                #expect(try await first.log.read(after: .beginning, limit: 10).events.isEmpty)
                try await slow.commit()
                #expect(try await first.log.read(after: .beginning, limit: 10).events.count == 2)
            }
        }
    }

    @Test("not an unrelated transaction with writes and locks, in this database or another")
    func unrelatedTransactions() async throws {
        try await LogFixture.withLog { fixture in
            try await LogFixture.withLog { elsewhere in
                for other in [fixture, elsewhere] { try await other.script("create table unrelated (id bigint)") }
                var unrelated: [OpenTransaction] = []
                for pool in [fixture.pool, elsewhere.pool] {
                    let transaction = try await OpenTransaction.begin(in: pool)
                    try await transaction.run { session in
                        try session.execute("insert into unrelated values (1)")
                        try session.execute(
                            "select pg_advisory_xact_lock(1), pg_advisory_xact_lock_shared(hindsight.log_class())")
                        try session.execute("select pg_advisory_xact_lock(0, 0), pg_advisory_xact_lock_shared(-7, 0)")
                        try session.execute("select count(*) from hindsight.events")
                    }
                    unrelated.append(transaction)
                }
                for number in 1...3 {
                    try await fixture.log.append(LogFixture.event(number), to: "a-1")
                    let batch = try await fixture.log.read(after: .beginning, limit: 10)
                    #expect(batch.events.count == number && !batch.isHeld)
                }
                for transaction in unrelated { try await transaction.commit() }
            }
        }
    }

    @Test("not a reader that is open, whatever its snapshot")
    func openReaders() async throws {
        try await LogFixture.withLog { fixture in
            let reader = try await OpenTransaction.begin(in: fixture.pool, .serializable)
            try await reader.run { try $0.execute("select count(*) from hindsight.events") }
            try await fixture.log.append(LogFixture.event(1), to: "a-1")
            let batch = try await fixture.log.read(after: .beginning, limit: 10)
            #expect(batch.events.count == 1 && !batch.isHeld)
            try await reader.commit()
        }
    }

    @Test(
        "a role whose transactions are serializable or repeatable read by default loses nothing",
        arguments: ["serializable", "repeatable read"])
    func isolationOfARole(_ isolation: String) async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withRole(["default_transaction_isolation": isolation]) { role, conninfo in
                let name = PostgresIdentifier(role).quoted
                try await fixture.script(
                    """
                    set search_path = hindsight;
                    select grant_append('\(name)'), grant_read('\(name)');
                    reset search_path
                    """)
                try await fixture.withAnotherLog(conninfo: conninfo) { log in
                    let standard: String = try await fixture.pool.withSession {
                        try $0.query(
                            "select array_to_string(setconfig, ',') from pg_db_role_setting where setrole = \(name)::text::regrole"
                        )[0]
                        .decode(0)
                    }
                    #expect(standard == "default_transaction_isolation=\(isolation)")
                    // The role's snapshot of a whole transaction would be older than the locks that it reads.
                    let slow = try await OpenTransaction.begin(in: log.pool, .serializable)
                    try await slow.run { _ = try log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
                    var reader = LogReader(log)
                    for number in 2...20 {
                        try await log.append(LogFixture.event(number), to: "b-1")
                        try await reader.readAll()
                        #expect(reader.seen.isEmpty)
                    }
                    try await slow.commit()
                    try await reader.readAll()
                    #expect(reader.seen.count == 20)
                    // And within a call each step must see what the step before waited for.
                    try await withThrowingTaskGroup { tasks in
                        for number in 0..<20 {
                            tasks.addTask { try await log.append(LogFixture.event(number), to: "c-1") }
                            tasks.addTask { try await fixture.log.append(LogFixture.event(number), to: "c-1") }
                        }
                        try await tasks.waitForAll()
                    }
                    try await reader.readAll()
                    #expect(reader.seen.count == 60)
                }
            }
        }
    }

    @Test(
        "the low half of the positions crosses a border with appends open across it",
        arguments: [1 << 31, 1 << 32, 3 << 31, 1 << 33] as [Int64])
    func bordersOfTheLowHalf(_ border: Int64) async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await fixture.drawPositions(through: border - 4)
            var reader = LogReader(log)
            var open: [(transaction: OpenTransaction, positions: [Int64])] = []
            // Each holds another floor: below, at and above the border.
            for number in 0..<8 {
                let transaction = try await OpenTransaction.begin(in: fixture.pool)
                let result = try await transaction.run {
                    try log.append([LogFixture.event(number)], to: StreamName(category: "a", id: number), in: &$0)
                }
                open.append((transaction, [result.position]))
            }
            let visible = try await log.append(LogFixture.event(100), to: "b-1")
            #expect(open.map(\.positions) == (0..<8).map { [border - 3 + $0] } && visible.position == border + 5)
            for number in 0..<8 {
                try await reader.readAll()
                #expect(reader.positions == (0..<Int64(number)).map { border - 3 + $0 })
                try await open[number].transaction.commit()
            }
            #expect(try await reader.readAll().isHeld == false)
            #expect(reader.positions == (0..<9).map { border - 3 + $0 })
        }
    }

    @Test func aFloorSettingThatSomebodyMadeUpIsNotBelieved() async throws {
        try await LogFixture.withLog { fixture in
            let lockClass: Int = try await fixture.pool.withSession {
                try $0.query("select hindsight.log_class()")[0].decode(0)
            }
            for value in ["", "1", "true", "held"] {
                try await fixture.withAnotherLog(settings: ["hindsight.floor_\(lockClass)": value]) { log in
                    let before = try await fixture.log.frontier()
                    let slow = try await OpenTransaction.begin(in: log.pool)
                    try await slow.run { _ = try log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
                    try await fixture.log.append(LogFixture.event(2), to: "b-1")
                    let batch = try await fixture.log.read(after: before, limit: 10)
                    #expect(batch.events.isEmpty && batch.isHeld)
                    try await slow.commit()
                    #expect(try await fixture.log.read(after: before, limit: 10).events.count == 2)
                }
            }
        }
    }

    @Test("a transaction's second append does not believe what the one before it left in the session")
    func aConnectionsNextTransaction() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog(maximumConnections: 1) { log in
                for number in 0..<4 {
                    let before = try await fixture.log.frontier()
                    let slow = try await OpenTransaction.begin(in: log.pool)
                    try await slow.run { _ = try log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
                    #expect(try await fixture.log.append(LogFixture.event(2), to: "b-1").version == Int64(number))
                    #expect(try await fixture.log.read(after: before, limit: 10).isHeld)
                    try await (number % 2 == 0 ? slow.commit() : slow.rollBack())
                    #expect(try await fixture.log.read(after: before, limit: 10).events.count == 2 - number % 2)
                }
            }
        }
    }

    @Test func aFloorLockThatIsTakenByHandHoldsReadersUntilItIsReleased() async throws {
        try await LogFixture.withLog { fixture in
            let first = try await fixture.log.append(LogFixture.event(1), to: "a-1")
            let hand = try await OpenTransaction.begin(in: fixture.pool)
            let low = Int32(first.position)
            try await hand.run { try $0.execute("select pg_advisory_xact_lock(hindsight.log_class(), \(low))") }
            let second = try await OpenTransaction.begin(in: fixture.pool)
            async let waiting = second.run { try fixture.log.append([LogFixture.event(2)], to: "a-1", in: &$0) }
            // The appender of that very floor waits, before it has a position.
            try await fixture.untilWaitsForLock(second.processID)
            #expect(try await fixture.log.read(after: .beginning, limit: 10).events.count == 1)
            try await hand.rollBack()
            _ = try await waiting
            try await second.commit()
            #expect(try await fixture.log.read(after: .beginning, limit: 10).events.count == 2)
        }
    }
}
