import HindsightPostgres
import Testing

@Suite("Cancellation", .timeLimit(.minutes(2)))
struct CancellationTests {
    /// Waits until a server process runs a statement that contains this text.
    private func awaitStatement(_ text: String, of processID: Int32, _ observer: PostgresConnection) async throws {
        var isRunning = false
        while !isRunning {
            isRunning = try await observer.withSession { session throws in
                try session.query(
                    """
                    select exists (select from pg_stat_activity where pid = \(processID) and state = 'active'
                        and query like \("%\(text)%"))
                    """)[0].decode(0)
            }
        }
    }

    @Test func aSleepingStatementIsStoppedAndTheConnectionStaysUsable() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        for _ in 0..<5 {
            let task = Task {
                try await connection.withTransaction { try $0.execute("select pg_sleep(600)") }
            }
            try await awaitStatement("pg_sleep", of: connection.processID, observer)
            task.cancel()
            let error = try await postgresError { try await task.value }
            #expect(error.code == .cancelled)
            #expect(error.sqlState == "57014")
            #expect(connection.isUsable)
            let one: Int = try await connection.withSession { try $0.query("select 1")[0].decode(0) }
            #expect(one == 1)
        }
    }

    @Test func cancellingNeverHitsTheNextStatement() async throws {
        let connection = try await TestServer.connect()
        for round in 0..<400 {
            let task = Task {
                try await connection.withSession { session throws in
                    try session.execute("select 1 from generate_series(1, \(round * 10))")
                }
            }
            // Cancelled at a different moment each time: before, during and after the statement.
            for _ in 0..<(round % 20) {
                await Task.yield()
            }
            task.cancel()
            // The next statement is queued behind the cancelled one at once.
            let value: Int = try await connection.withSession { session throws in
                try session.execute("select pg_sleep(0.0005)")
                return try session.query("select \(round)")[0].decode(0)
            }
            #expect(value == round)
            if case .failure(let error) = await task.result {
                #expect((error as? PostgresError)?.code == .cancelled)
            }
        }
    }

    @Test func noStatementStartsInACancelledUnitOfWork() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        let task = Task {
            try await connection.withSession { session throws in
                #expect(throws: PostgresError.self) { try session.execute("select pg_sleep(600)") }
                // The body goes on although it was cancelled.
                try session.execute("select 1")
            }
        }
        try await awaitStatement("pg_sleep", of: connection.processID, observer)
        task.cancel()
        let error = try await postgresError { try await task.value }
        #expect(error.code == .cancelled)
        #expect(error.sqlState == nil)
    }

    @Test func aUnitOfWorkThatWaitsIsNotRun() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        let first = Task { try await connection.withSession { try $0.execute("select pg_sleep(600)") } }
        try await awaitStatement("pg_sleep", of: connection.processID, observer)
        let second = Task { try await connection.withSession { _ in Issue.record("the body was run") } }
        second.cancel()
        first.cancel()
        #expect(try await postgresError { try await first.value }.code == .cancelled)
        #expect(try await postgresError { try await second.value }.code == .cancelled)
    }

    @Test func streamsAndCopiesAreStopped() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        let works: [@Sendable (inout PostgresSession) throws -> Void] = [
            {
                try $0.copyOut("copy (select generate_series(1, 1000000000)) to stdout (format binary)") { _ in }
            },
            { try $0.forEachRow("select generate_series(1, 1000000000)") { _ in } },
            { session in
                try session.script("create temp table if not exists t (a int8)")
                _ = try session.copyIn("copy t from stdin (format binary) /* 1000000000 */") { writer in
                    for number in 0... { try writer.row { try $0.append(number) } }
                }
            },
            { _ = try $0.pipeline(["select 1", "select pg_sleep(600) /* 1000000000 */", "select 2"]) },
        ]
        for work in works {
            let task = Task { try await connection.withSession { try work(&$0) } }
            try await awaitStatement("1000000000", of: connection.processID, observer)
            task.cancel()
            #expect(try await postgresError { try await task.value }.code == .cancelled)
            let one: Int = try await connection.withSession { try $0.query("select 1")[0].decode(0) }
            #expect(one == 1)
        }
    }

    @Test func theStateMachineSendsOneRequestForAnActiveStatement() {
        var state = CancellationState()
        #expect(state.stopStatement() == .nothing)
        #expect(state.begin() == true)
        #expect(state.cancel() == .sendRequest)
        #expect(state.cancel() == .nothing)
        #expect(state.end() == false)
        state.requestReturned()
        #expect(state.begin() == false)
        #expect(state.isCancelled)
        var other = CancellationState()
        #expect(other.begin() == true)
        #expect(other.stopStatement() == .sendRequest)
        #expect(other.end() == false)
        other.requestReturned()
        #expect(other.begin() == true)
        #expect(other.end() == true)
    }
}
