import HindsightPostgres
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite("Timeouts", .timeLimit(.minutes(1)))
struct TimeoutTests {
    /// A socket that is connected to by the system's backlog and answers nothing.
    private func withSilentServer(_ body: (_ port: UInt16) async throws -> Void) async throws {
        #if canImport(Glibc)
            let type = Int32(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, type, 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = bind(descriptor, generic, length)
                _ = listen(descriptor, 8)
                _ = getsockname(descriptor, generic, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        try await body(port)
    }

    @Test func connectingToASilentServerEnds() async throws {
        try await withSilentServer { port in
            var configuration = PostgresConfiguration(
                "host=127.0.0.1 port=\(port) user=u password=very-secret sslmode=disable")
            configuration.connectTimeout = .milliseconds(100)
            let error = try await postgresError { try await TestServer.connect(configuration) }
            #expect(error.code == .timeout)
            #expect(error.isRetriable)
        }
    }

    @Test func connectingCanBeCancelled() async throws {
        try await withSilentServer { port in
            let task = Task {
                try await TestServer.connect(
                    PostgresConfiguration("host=127.0.0.1 port=\(port) user=u sslmode=disable"))
            }
            task.cancel()
            let error = try await postgresError { try await task.value }
            #expect(error.code == .cancelled)
        }
    }

    @Test func aSlowStatementEnds() async throws {
        var configuration = try await TestServer.configuration()
        configuration.statementTimeout = .milliseconds(50)
        let connection = try await TestServer.connect(configuration)
        let error = try await postgresError {
            try await connection.withSession { try $0.execute("select pg_sleep(600)") }
        }
        #expect(error.code == .timeout)
        #expect(error.sqlState == "57014")
        #expect(connection.isUsable)
        let shown: String = try await connection.withSession { try $0.query("show statement_timeout")[0].decode(0) }
        #expect(shown == "50ms")
    }

    @Test func waitingForAFreeConnectionEnds() async throws {
        let pool = PostgresPool(
            configuration: try await TestServer.configuration(), maximumConnections: 1, waitTimeout: .milliseconds(200),
            logger: TestServer.logger)
        let error = try await postgresError {
            try await pool.withConnection { _ in
                try await pool.withSession { _ in }
            }
        }
        #expect(error.code == .timeout)
        await pool.close()
    }
}
