import Hindsight
import HindsightPostgres
import Testing

@Suite("Appending in a transaction of one's own", .timeLimit(.minutes(2)))
struct JoinedAppendTests {
    private struct Stop: Error {}

    private func withAccounts(
        settings: [String: String] = [:], _ body: (LogFixture) async throws -> Void
    ) async throws {
        try await LogFixture.withLog(settings: settings) { fixture in
            try await fixture.script("create table account (id bigint primary key)")
            try await body(fixture)
        }
    }

    private func accounts(_ fixture: LogFixture) async throws -> [Int64] {
        try await fixture.pool.withSession { session in
            try session.query("select id from account order by id").map { try $0.decode(0) }
        }
    }

    @Test func bothTheUsersRowAndTheEventsOrNeither() async throws {
        try await withAccounts { fixture in
            let log = fixture.log
            let result = try await log.withTransaction { session in
                try session.execute("insert into account values (1)")
                let result = try log.append([LogFixture.event(1)], to: "account-1", expected: .noStream, in: &session)
                try session.execute("insert into account values (2)")
                return result
            }
            #expect(try await log.frontier().position == result.position)
            await #expect(throws: Stop.self) {
                try await log.withTransaction { session in
                    try session.execute("insert into account values (3)")
                    try log.append([LogFixture.event(2)], to: "account-1", in: &session)
                    throw Stop()
                }
            }
            // A row that cannot be written takes the events along.
            await #expect(throws: PostgresError.self) {
                try await log.withTransaction { session in
                    try log.append([LogFixture.event(3)], to: "account-1", in: &session)
                    try session.execute("insert into account values (1)")
                }
            }
            #expect(try await accounts(fixture) == [1, 2])
            #expect(try await log.readStream("account-1").count == 1)
        }
    }

    @Test func aRefusedAppendLeavesTheTransactionUsable() async throws {
        try await withAccounts { fixture in
            let log = fixture.log
            let known = LogFixture.event(0)
            try await log.append(known, to: "account-1")
            try await log.withTransaction { session in
                try session.execute("insert into account values (1)")
                for events in [[LogFixture.event(1)], [LogFixture.event(1), LogFixture.event(2)]] {
                    let conflict = #expect(throws: EventLogError.self) {
                        try log.append(events, to: "account-1", expected: .noStream, in: &session)
                    }
                    #expect(conflict?.code == .conflict)
                }
                let second = #expect(throws: EventLogError.self) {
                    try log.append([known], to: "account-2", in: &session)
                }
                #expect(second?.code == .knownEvents)
                let third = #expect(throws: EventLogError.self) { try log.append([], to: "account-2", in: &session) }
                #expect(third?.code == .invalidAppend)
                let result = try log.append([LogFixture.event(3)], to: "account-1", expected: .exact(0), in: &session)
                #expect(result.version == 1)
            }
            #expect(try await accounts(fixture) == [1])
            #expect(try await log.readStream("account-1").count == 2)
        }
    }

    @Test func anAppendThatWasUndoneBySavepointCanBeMadeAgain() async throws {
        try await withAccounts { fixture in
            let log = fixture.log
            let event = LogFixture.event(1)
            let result = try await log.withTransaction { session in
                #expect(throws: Stop.self) {
                    try session.withSavepoint { session in
                        try session.execute("insert into account values (1)")
                        try log.append([event], to: "account-1", in: &session)
                        throw Stop()
                    }
                }
                return try session.withSavepoint { session in
                    try session.execute("insert into account values (2)")
                    return try log.append([event], to: "account-1", expected: .noStream, in: &session)
                }
            }
            #expect(result.version == 0 && !result.isDuplicate)
            #expect(try await accounts(fixture) == [2])
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(reader.seen.map(\.id) == [event.id] && reader.positions == [result.position])
        }
    }

    @Test func severalAppendsOfATransactionSeeEachOther() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let versions = try await log.withTransaction { session in
                try (0..<5).map { number in
                    let expected: ExpectedVersion = number == 0 ? .noStream : .exact(Int64(number - 1))
                    return try log.append([LogFixture.event(number)], to: "a-1", expected: expected, in: &session)
                        .version
                }
            }
            #expect(versions == [0, 1, 2, 3, 4])
        }
    }

    @Test("appends to A, B and B, A: one transaction is told to retry, the other succeeds")
    func deadlock() async throws {
        try await withAccounts(settings: ["deadlock_timeout": "200ms"]) { fixture in
            let log = fixture.log
            let first = try await OpenTransaction.begin(in: fixture.pool)
            let second = try await OpenTransaction.begin(in: fixture.pool)
            try await first.run { _ = try log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
            try await second.run { _ = try log.append([LogFixture.event(2)], to: "b-1", in: &$0) }
            func finish(_ transaction: OpenTransaction, _ stream: StreamName) async -> PostgresError? {
                do {
                    try await transaction.run { _ = try log.append([LogFixture.event(3)], to: stream, in: &$0) }
                    try await transaction.commit()
                    return nil
                } catch {
                    // What failed must let the other go on.
                    try? await transaction.rollBack()
                    return error as? PostgresError
                }
            }
            async let crossing = finish(first, "b-1")
            try await fixture.untilWaitsForLock(first.processID)
            let outcomes = [await finish(second, "a-1"), await crossing]
            let failures = outcomes.compactMap { $0 }
            #expect(failures.count == 1)
            #expect(failures.first?.sqlState == "40P01")
            #expect(failures.first?.isRetriable == true)
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(reader.seen.count == 2)
        }
    }

    @Test func anAppendAgainstOneThatIsOpenWaitsForItAndSeesIt() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let open = try await OpenTransaction.begin(in: fixture.pool)
            try await open.run { _ = try log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
            async let other = log.append(LogFixture.event(2), to: "a-1", expected: .exact(0))
            try await open.commit()
            #expect(try await other.version == 1)
        }
    }

    @Test(
        "in a transaction of any isolation",
        arguments: [TransactionOptions.readCommitted, .repeatableRead, .serializable])
    func anyIsolation(_ options: TransactionOptions) async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append(LogFixture.event(0), to: "a-1")
            let open = try await OpenTransaction.begin(in: fixture.pool, options)
            try await open.run { session in
                try log.append([LogFixture.event(1)], to: "a-1", expected: .exact(0), in: &session)
                try log.append(
                    [LogFixture.event(2), LogFixture.event(3)], to: "a-1", expected: .exact(1), in: &session)
            }
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(reader.seen.count == 1)
            try await log.append(LogFixture.event(4), to: "b-1")
            try await reader.readAll()
            #expect(reader.seen.count == 1)
            try await open.commit()
            try await reader.readAll()
            #expect(reader.seen.map(\.data) == [0, 1, 2, 3, 4].map { LogFixture.event($0).data })
        }
    }

    /// Its snapshot is older than the other append: it can be neither a success nor an error that means something else.
    @Test("a transaction whose snapshot is older than the stream is told to retry", arguments: [1, 2])
    func oldSnapshot(_ count: Int) async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let open = try await OpenTransaction.begin(in: fixture.pool, .repeatableRead)
            try await open.run { try $0.execute("select 1") }
            try await log.append(LogFixture.event(0), to: "a-1")
            let events = (1...count).map { LogFixture.event($0) }
            let error = try await #require(throws: PostgresError.self) {
                try await open.run { _ = try log.append(events, to: "a-1", in: &$0) }
            }
            #expect(error.isRetriable, "\(error)")
            try await open.rollBack()
        }
    }
}
