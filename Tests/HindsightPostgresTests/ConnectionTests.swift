import HindsightPostgres
import Testing

@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test func aTerminatedConnectionIsLostAndRetriable() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        let task = Task { try await connection.withSession { try $0.execute("select pg_sleep(600)") } }
        var isGone = false
        while !isGone {
            isGone = try await observer.withSession { session throws in
                try session.query(
                    """
                    select coalesce(bool_or(pg_terminate_backend(pid)), false) from pg_stat_activity
                    where pid = \(connection.processID) and query like '%pg_sleep%'
                    """)[0].decode(0)
            }
        }
        let error = try await postgresError { try await task.value }
        #expect(error.code == .connectionLost)
        #expect(error.sqlState == "57P01")
        #expect(error.isRetriable)
        #expect(!connection.isUsable)
        let later = try await postgresError { try await connection.withSession { _ in } }
        #expect(later.code == .connectionLost)
    }

    @Test func anIdleConnectionNoticesThatItWasTerminated() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        let notifications = try await connection.notifications(on: "never")
        try await observer.withSession { try $0.execute("select pg_terminate_backend(\(connection.processID))") }
        await #expect(throws: PostgresError.self) {
            for try await _ in notifications {}
        }
        #expect(!connection.isUsable)
    }

    @Test func workRunsInOrderOnOneThread() async throws {
        let connection = try await TestServer.connect()
        let sums = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask { try await connection.withSession { try $0.query("select \(number)")[0].decode(0) } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sums == 19_900)
    }

    @Test func aClosedConnectionRefusesWork() async throws {
        let connection = try await TestServer.connect()
        await connection.close()
        await connection.close()
        #expect(!connection.isUsable)
        let error = try await postgresError { try await connection.withSession { _ in } }
        #expect(error.code == .closed)
    }

    @Test func aConnectionThatNobodyHoldsIsClosed() async throws {
        let observer = try await TestServer.connect()
        var connection: PostgresConnection? = try await TestServer.connect()
        let processID = try #require(connection?.processID)
        connection = nil
        var isOpen = true
        while isOpen {
            isOpen = try await observer.withSession { session throws in
                try session.query("select exists (select from pg_stat_activity where pid = \(processID))")[0].decode(0)
            }
        }
    }

    @Test func settingsAndNameReachTheServer() async throws {
        var configuration = try await TestServer.configuration()
        configuration.applicationName = "a test's name"
        configuration.settings = ["work_mem": "5MB", "hindsight.test": "it's"]
        let connection = try await TestServer.connect(configuration)
        try await connection.withSession { session throws in
            let row = try session.query(
                "select current_setting('work_mem'), current_setting('hindsight.test'), current_setting('application_name'), current_setting('default_transaction_isolation'), pg_backend_pid()"
            )[0]
            #expect(try row.decode(0) == "5MB")
            #expect(try row.decode(1) == "it's")
            #expect(try row.decode(2) == "a test's name")
            #expect(try row.decode(3) == "read committed")
            #expect(try row.decode(4) == connection.processID)
        }
        configuration.settings = ["no_such_setting": "1"]
        let error = try await postgresError { try await TestServer.connect(configuration) }
        #expect(error.code == .connectionFailed)
        #expect(error.sqlState == "42704")
        #expect(!error.isRetriable)
    }

    @Test func nobodyThereIsRetriable() async throws {
        let error = try await postgresError {
            try await TestServer.connect(PostgresConfiguration("host=127.0.0.1 port=1 user=u password=very-secret"))
        }
        #expect(error.code == .connectionFailed)
        #expect(error.isRetriable)
    }

    @Test func anUnknownDatabaseIsNotRetriable() async throws {
        let error = try await postgresError {
            try await TestServer.connect(PostgresConfiguration(TestServer.conninfo + " dbname=no_such_database"))
        }
        #expect(error.code == .connectionFailed)
        #expect(error.sqlState == "3D000")
        #expect(!error.isRetriable)
        #expect(!error.message.contains("LOCATION"))
        #expect(!error.message.contains("3D000"))
    }
}
