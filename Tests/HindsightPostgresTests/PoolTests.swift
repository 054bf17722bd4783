import HindsightPostgres
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing

@Suite("Pool", .timeLimit(.minutes(2)))
struct PoolTests {
    private func pool(_ size: Int, wait: Duration = .seconds(30)) async throws -> PostgresPool {
        PostgresPool(
            configuration: try await TestServer.configuration(), maximumConnections: size, waitTimeout: wait,
            logger: TestServer.logger)
    }

    @Test func neverMoreThanTheLimitAndEverybodyIsServed() async throws {
        let pool = try await pool(3)
        let processes = Protected<Set<Int32>>([])
        let inUse = Protected((now: 0, most: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<300 {
                group.addTask {
                    try await pool.withConnection { connection in
                        inUse.change { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                        processes.change { $0.insert(connection.processID) }
                        try await connection.withSession { try $0.execute("select 1") }
                        inUse.change { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inUse.value.most <= 3)
        #expect(processes.value.count <= 3)
        await pool.close()
    }

    @Test func urgentWorkDoesNotQueueBehindTheOthers() async throws {
        let pool = try await pool(1)
        let order = Protected<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await pool.withConnection { _ in
                for number in 0..<50 {
                    group.addTask { try await pool.withConnection { _ in order.change { $0.append("\(number)") } } }
                }
                while pool.waiterCount < 50 { await Task.yield() }
                PostgresPool.$isUrgent.withValue(true) {
                    group.addTask { try await pool.withConnection { _ in order.change { $0.append("urgent") } } }
                }
                while pool.waiterCount < 51 { await Task.yield() }
            }
            try await group.waitForAll()
        }
        #expect(order.value.count == 51 && order.value.first == "urgent")
        await pool.close()
    }

    @Test func recoversFromATerminatedConnection() async throws {
        let pool = try await pool(2)
        for _ in 0..<5 {
            let error = try await postgresError {
                try await pool.withTransaction { try $0.execute("select pg_terminate_backend(pg_backend_pid())") }
            }
            #expect(error.code == .connectionLost)
            #expect(error.isRetriable)
            let one: Int = try await pool.withSession { try $0.query("select 1")[0].decode(0) }
            #expect(one == 1)
        }
        await pool.close()
    }

    @Test func aCancelledWaiterLeavesAndTheConnectionGoesOn() async throws {
        let pool = try await pool(1)
        try await pool.withConnection { _ in
            let waiter = Task { try await pool.withSession { _ in } }
            waiter.cancel()
            let error = try await postgresError { try await waiter.value }
            #expect(error.code == .cancelled)
        }
        try await pool.withSession { try $0.execute("select 1") }
        await pool.close()
    }

    @Test func aWrongDatabaseIsToldAtOnce() async throws {
        let pool = PostgresPool(
            configuration: PostgresConfiguration(try await TestServer.conninfo + " dbname=no_such_database"),
            logger: TestServer.logger)
        let error = try await postgresError { try await pool.withSession { _ in } }
        #expect(error.sqlState == "3D000")
        await pool.close()
    }

    @Test func whileNobodyAnswersCallersWaitUntilTheirTimeIsUp() async throws {
        let pool = PostgresPool(
            configuration: PostgresConfiguration("host=127.0.0.1 port=1 user=u"), maximumConnections: 1,
            waitTimeout: .milliseconds(300), logger: TestServer.logger)
        let errors = await withTaskGroup(of: PostgresError?.self) { group in
            for _ in 0..<3 {
                group.addTask { try? await postgresError { try await pool.withSession { _ in } } }
            }
            return await group.reduce(into: [PostgresError?]()) { $0.append($1) }
        }
        #expect(errors.map { $0?.code } == [.timeout, .timeout, .timeout])
        await pool.close()
    }

    @Test func closingWaitsForWorkAndRefusesMore() async throws {
        let pool = try await pool(1)
        let isClosing = AsyncStream.makeStream(of: Void.self)
        let finished = Protected(false)
        let closing = try await pool.withConnection { connection in
            let closing = Task {
                isClosing.continuation.finish()
                await pool.close()
                #expect(finished.value)
            }
            for await _ in isClosing.stream {}
            try await connection.withSession { try $0.execute("select 1") }
            finished.change { $0 = true }
            return closing
        }
        await closing.value
        let error = try await postgresError { try await pool.withSession { _ in } }
        #expect(error.code == .closed)
    }

    @Test func aGracefulShutdownClosesThePool() async throws {
        let pool = try await pool(2)
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pool.run() }
                try await pool.withSession { try $0.execute("select 1") }
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
        let error = try await postgresError { try await pool.withSession { _ in } }
        #expect(error.code == .closed)
    }
}
