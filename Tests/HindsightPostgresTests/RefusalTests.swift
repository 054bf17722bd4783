import HindsightPostgres
import HindsightTestSupport
import Testing

/// Why a server refuses a connection is told in its own words, by a connection and by a pool.
@Suite("Refused connections", .timeLimit(.minutes(2)))
struct RefusalTests {
    /// A server that asks the role `clerk` for a password and lets three sessions in.
    private func withServer(_ body: (PrivateTestCluster) async throws -> Void) async throws {
        let server = try await PrivateTestCluster.start(settings: [
            "max_connections": "5", "superuser_reserved_connections": "1", "max_wal_senders": "0",
        ])
        let connection = try await TestServer.connect(PostgresConfiguration(server.conninfo))
        try await connection.withSession { session throws in
            try session.script("create role clerk login password 'right-one'")
            // The rules are read anew for each connection after the reload; the first one that fits holds.
            try session.script(
                """
                copy (select 'local all clerk scram-sha-256' union all select 'local all postgres trust' union all
                    select 'local all all trust') to program 'cat > pg_hba.conf'
                """)
            try session.execute("select pg_reload_conf()")
            var isRead = false
            while !isRead {
                isRead = try session.query(
                    "select exists (select from pg_hba_file_rules where auth_method = 'scram-sha-256')")[0]
                    .decode(0)
            }
        }
        await connection.close()
        try await body(server)
    }

    @Test func areToldInTheServersWords() async throws {
        try await withServer { server in
            let cases = [
                ("user=nobody_here password=zebra", "28000", #"role "nobody_here" does not exist"#),
                (
                    "user=clerk dbname=no_such_database password=right-one", "3D000",
                    #"database "no_such_database" does not exist"#
                ),
                ("user=clerk password=zebra", "28P01", #"password authentication failed for user "clerk""#),
            ]
            for (change, sqlState, reason) in cases {
                let configuration = PostgresConfiguration("\(server.conninfo) \(change)")
                let pool = PostgresPool(configuration: configuration, logger: TestServer.logger)
                for error in [
                    try await eventually(sqlState) { try await TestServer.connect(configuration) },
                    try await postgresError { try await pool.withSession { _ in } },
                ] {
                    #expect(error.code == .connectionFailed)
                    #expect(error.sqlState == sqlState)
                    #expect("\(error)".contains(reason), "\(error)")
                    #expect(!"\(error)".contains("zebra"))
                    #expect(!error.isRetriable)
                }
                await pool.close()
            }
            let error = try await postgresError {
                try await TestServer.connect(PostgresConfiguration("\(server.conninfo) user=clerk passfile=/dev/null"))
            }
            #expect("\(error)".contains("no password supplied"))
            #expect(!error.isRetriable, "nothing gets better by waiting")
        }
    }

    @Test func tooManyConnectionsAreToldByAPoolThatWaitedInVain() async throws {
        try await withServer { server in
            let configuration = PostgresConfiguration("\(server.conninfo) user=clerk password=right-one")
            var connections: [PostgresConnection] = []
            let error = try await postgresError {
                while true { connections.append(try await TestServer.connect(configuration)) }
            }
            #expect(error.sqlState == "53300")
            #expect(error.isRetriable)
            let pool = PostgresPool(
                configuration: configuration, waitTimeout: .milliseconds(300), logger: TestServer.logger)
            let later = try await postgresError { try await pool.withSession { _ in } }
            #expect(later.code == .timeout)
            #expect(
                "\(later)".contains("remaining connection slots are reserved") || "\(later)".contains("too many"),
                "\(later)")
            #expect("\(later)".contains("53300"))
            await pool.close()
            for connection in connections { await connection.close() }
        }
    }

    /// Connects until the server refuses for this reason; the postmaster may still know its old rules.
    private func eventually(
        _ sqlState: String, _ body: () async throws -> PostgresConnection
    ) async throws -> PostgresError {
        while true {
            do {
                await (try await body()).close()
            } catch let error as PostgresError where error.sqlState == sqlState {
                return error
            }
        }
    }
}
