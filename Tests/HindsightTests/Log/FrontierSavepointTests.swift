import Hindsight
import HindsightPostgres
import Testing

/// Rolling back to a savepoint releases the locks that were taken since.
@Suite("Appends within longer transactions", .timeLimit(.minutes(2)))
struct FrontierSavepointTests {
    private struct Fixture {
        let log: PostgresEventLog
        let other: LogFixture
        let transaction: OpenTransaction

        func append(_ number: Int) async throws -> AppendResult {
            try await transaction.run { [log] in try log.append([LogFixture.event(number)], to: "open-1", in: &$0) }
        }

        func script(_ text: String) async throws {
            try await transaction.run { try $0.script(text) }
        }

        /// Commits another append and says whether readers see it.
        func anotherAppendShows() async throws -> Bool {
            let result = try await log.append(LogFixture.event(-1), to: "other-1")
            let batch = try await log.read(after: log.offset(before: result.position), limit: 10)
            #expect(batch.isHeld == batch.events.isEmpty)
            return batch.events.contains { $0.position == result.position }
        }

        /// Commits and checks that a reader that was there before sees all.
        func commit(expecting numbers: [Int], _ reader: inout LogReader) async throws {
            try await reader.readAll()
            #expect(reader.seen.allSatisfy { $0.stream != "open-1" })
            try await transaction.commit()
            #expect(try await reader.readAll().isHeld == false)
            let seen = reader.seen.filter { $0.stream == "open-1" }
            #expect(seen.map(\.data) == numbers.map { LogFixture.event($0).data })
            #expect(reader.seen.count == (try await other.storedCount()))
            #expect(reader.positions == reader.positions.sorted())
        }
    }

    private func withOpenTransaction(_ body: (Fixture, inout LogReader) async throws -> Void) async throws {
        try await LogFixture.withLog { fixture in
            let transaction = try await OpenTransaction.begin(in: fixture.pool)
            var reader = LogReader(fixture.log)
            try await body(Fixture(log: fixture.log, other: fixture, transaction: transaction), &reader)
        }
    }

    @Test func anAppendAfterARolledBackOneHoldsReadersAnew() async throws {
        try await withOpenTransaction { fixture, reader in
            try await fixture.script("savepoint s")
            _ = try await fixture.append(1)
            #expect(try await !fixture.anotherAppendShows())
            try await fixture.script("rollback to savepoint s")
            #expect(try await fixture.anotherAppendShows())
            try await reader.readAll()
            _ = try await fixture.append(2)
            #expect(try await !fixture.anotherAppendShows())
            try await fixture.commit(expecting: [2], &reader)
        }
    }

    @Test func anAppendBeforeTheSavepointHoldsReadersAfterItsRollback() async throws {
        try await withOpenTransaction { fixture, reader in
            _ = try await fixture.append(1)
            try await fixture.script("savepoint s")
            _ = try await fixture.append(2)
            try await fixture.script("rollback to savepoint s")
            #expect(try await !fixture.anotherAppendShows())
            _ = try await fixture.append(3)
            try await fixture.commit(expecting: [1, 3], &reader)
        }
    }

    @Test func aReleasedSavepointsLockStays() async throws {
        try await withOpenTransaction { fixture, reader in
            try await fixture.script("savepoint s")
            _ = try await fixture.append(1)
            try await fixture.script("release savepoint s")
            #expect(try await !fixture.anotherAppendShows())
            _ = try await fixture.append(2)
            try await fixture.commit(expecting: [1, 2], &reader)
        }
    }

    @Test func nestedSavepoints() async throws {
        try await withOpenTransaction { fixture, reader in
            try await fixture.script("savepoint a")
            try await fixture.script("savepoint b")
            _ = try await fixture.append(1)
            try await fixture.script("release savepoint b; savepoint c")
            _ = try await fixture.append(2)
            try await fixture.script("rollback to savepoint c")
            #expect(try await !fixture.anotherAppendShows())
            // The lock was the released savepoint's, which belongs to `a` now.
            try await fixture.script("rollback to savepoint a")
            #expect(try await fixture.anotherAppendShows())
            try await reader.readAll()
            _ = try await fixture.append(3)
            #expect(try await !fixture.anotherAppendShows())
            try await fixture.script("savepoint d")
            _ = try await fixture.append(4)
            try await fixture.commit(expecting: [3, 4], &reader)
        }
    }

    @Test func manyRoundsOfSavepoints() async throws {
        try await withOpenTransaction { fixture, reader in
            var kept: [Int] = []
            for number in 0..<30 {
                try await fixture.script("savepoint s")
                _ = try await fixture.append(number)
                if number % 3 == 1 {
                    try await fixture.script("release savepoint s")
                    kept.append(number)
                } else {
                    try await fixture.script("rollback to savepoint s; release savepoint s")
                }
                #expect(try await fixture.anotherAppendShows() == kept.isEmpty)
                try await reader.readAll()
            }
            try await fixture.commit(expecting: kept, &reader)
        }
    }

    @Test func aStatementThatFailsInAFunctionsExceptionBlock() async throws {
        try await withOpenTransaction { fixture, reader in
            // An exception block is a savepoint of its own.
            try await fixture.script(
                """
                do $$ begin
                    perform hindsight.append_one('open-1', null, true, gen_random_uuid(), 'T', 1, now(), null, null, null, '0', null);
                    raise division_by_zero;
                exception when division_by_zero then null;
                end $$
                """)
            #expect(try await fixture.anotherAppendShows())
            try await reader.readAll()
            _ = try await fixture.append(1)
            #expect(try await !fixture.anotherAppendShows())
            try await fixture.commit(expecting: [1], &reader)
        }
    }

    @Test("a prepared transaction holds readers until COMMIT PREPARED")
    func preparedTransaction() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            var reader = LogReader(log)
            for (number, end) in ["commit prepared", "rollback prepared"].enumerated() {
                let name = "'\(UInt64.random(in: 0 ... .max))'"
                try await fixture.pool.withSession { session in
                    try session.script("begin")
                    try log.append([LogFixture.event(number)], to: "prepared-1", in: &session)
                    try session.script("prepare transaction \(name)")
                }
                try await log.append(LogFixture.event(10 + number), to: "b-1")
                let before = reader.seen.count
                let batch = try await reader.readAll()
                #expect(reader.seen.count == before && batch.isHeld)
                let holders: [Int32?] = try await fixture.pool.withSession { session in
                    try session.query(
                        """
                        select pid from pg_locks where locktype = 'advisory' and classid = hindsight.log_class()::bigint::oid
                            and database = (select oid from pg_database where datname = current_database())
                        """
                    ).map { try $0.decode(0) }
                }
                #expect(holders == [nil])
                // The connection's next append is its own.
                try await log.append(LogFixture.event(20 + number), to: "c-1")
                try await fixture.script("\(end) \(name)")
                try await reader.readAll()
            }
            #expect(reader.seen.map(\.data) == [0, 10, 20, 11, 21].map { LogFixture.event($0).data })
        }
    }
}
