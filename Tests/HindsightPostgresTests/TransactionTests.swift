import HindsightPostgres
import Testing

@Suite("Transactions", .timeLimit(.minutes(1)))
struct TransactionTests {
    private struct Stop: Error {}

    private func withTable(_ body: (PostgresConnection) async throws -> Void) async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession {
                try $0.script("create table t (a int8 unique deferrable initially deferred)")
            }
            try await body(connection)
        }
    }

    private func count(_ connection: PostgresConnection) async throws -> Int {
        try await connection.withSession { try $0.query("select count(*) from t")[0].decode(0) }
    }

    @Test func commitsOnReturnAndRollsBackOnThrow() async throws {
        try await withTable { connection in
            let value = try await connection.withTransaction { session throws in
                try session.execute("insert into t values (\(1))")
                let isInTransaction = session.isInTransaction
                #expect(isInTransaction)
                return "done"
            }
            #expect(value == "done")
            await #expect(throws: Stop.self) {
                try await connection.withTransaction { session throws in
                    try session.execute("insert into t values (\(2))")
                    throw Stop()
                }
            }
            #expect(try await count(connection) == 1)
            #expect(connection.isUsable)
        }
    }

    @Test(arguments: [
        (TransactionOptions.readCommitted, "read committed", "off"), (.repeatableRead, "repeatable read", "off"),
        (TransactionOptions(.serializable, isReadOnly: true, isDeferrable: true), "serializable", "on"),
    ])
    func optionsAreSaidExplicitly(_ options: TransactionOptions, _ isolation: String, _ readOnly: String) async throws {
        var configuration = try await TestServer.configuration()
        configuration.settings["default_transaction_isolation"] = "serializable"
        configuration.settings["default_transaction_read_only"] = "on"
        let connection = try await TestServer.connect(configuration)
        try await connection.withTransaction(options) { session throws in
            let row = try session.query(
                "select current_setting('transaction_isolation'), current_setting('transaction_read_only')")[0]
            #expect(try row.decode(0) == isolation)
            #expect(try row.decode(1) == readOnly)
        }
    }

    @Test func aSwallowedErrorMakesTheCommitFail() async throws {
        try await withTable { connection in
            let error = try await postgresError {
                try await connection.withTransaction { session throws in
                    try session.execute("insert into t values (\(1))")
                    #expect(throws: PostgresError.self) { try session.execute("select 1 / 0") }
                }
            }
            #expect(error.code == .server)
            #expect(error.sqlState == "25P02")
            #expect((error.underlying as? PostgresError)?.sqlState == "22012")
            #expect(try await count(connection) == 0)
        }
    }

    @Test func anErrorOfTheCommitItselfIsTold() async throws {
        try await withTable { connection in
            let error = try await postgresError {
                try await connection.withTransaction { session throws in
                    try session.execute("insert into t values (1), (1)")
                }
            }
            #expect(error.code == .server)
            #expect(error.sqlState == "23505")
            #expect(try await count(connection) == 0)
        }
    }

    @Test func savepointsUndoTheirPart() async throws {
        try await withTable { connection in
            try await connection.withTransaction { session throws in
                try session.execute("insert into t values (1)")
                #expect(throws: PostgresError.self) {
                    try session.withSavepoint { session throws in
                        try session.execute("insert into t values (2)")
                        try session.execute("select 1 / 0")
                    }
                }
                try session.withSavepoint { session throws in
                    try session.execute("insert into t values (3)")
                    #expect(throws: Stop.self) {
                        try session.withSavepoint { session throws in
                            try session.execute("insert into t values (4)")
                            throw Stop()
                        }
                    }
                }
            }
            let values = try await connection.withSession { session throws in
                try session.query("select a from t order by a").map { try $0.decode(0, as: Int.self) }
            }
            #expect(values == [1, 3])
            let error = try await postgresError {
                try await connection.withSession { try $0.withSavepoint { _ in } }
            }
            #expect(error.code == .misuse)
        }
    }

    @Test func aTransactionLeftOpenIsRolledBack() async throws {
        try await withTable { connection in
            let error = try await postgresError {
                try await connection.withSession { session throws in
                    try session.script("begin")
                    try session.execute("insert into t values (1)")
                }
            }
            #expect(error.code == .misuse)
            await #expect(throws: Stop.self) {
                try await connection.withSession { session throws in
                    try session.script("begin")
                    throw Stop()
                }
            }
            let ended = try await postgresError {
                try await connection.withTransaction { try $0.script("commit") }
            }
            #expect(ended.code == .misuse)
            #expect(try await count(connection) == 0)
        }
    }

    @Test func aConnectionLostBeforeTheCommitIsRetriable() async throws {
        try await withTable { connection in
            let error = try await postgresError {
                try await connection.withTransaction { session throws in
                    try session.execute("insert into t values (1)")
                    try session.execute("select pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error.code == .connectionLost)
            #expect(error.isRetriable)
            #expect(!connection.isUsable)
        }
    }

    @Test func aConnectionLostInTheCommitLeavesItsOutcomeUnknown() async throws {
        try await withTable { connection in
            try await connection.withSession { session throws in
                // A deferred trigger makes COMMIT itself end the server process.
                try session.script(
                    """
                    create function leave() returns trigger language plpgsql as
                        $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(60); return null; end $$;
                    create constraint trigger leave after insert on t deferrable initially deferred
                        for each row execute function leave();
                    """)
            }
            let error = try await postgresError {
                try await connection.withTransaction { try $0.execute("insert into t values (1)") }
            }
            #expect(error.code == .commitUnknown)
            #expect(!error.isRetriable)
            #expect(!connection.isUsable)
        }
    }

    @Test func theOriginalErrorSurvivesAFailedRollback() async throws {
        try await withTable { connection in
            let other = try await TestServer.connect()
            await #expect(throws: Stop.self) {
                try await connection.withTransaction { session throws in
                    try session.execute("insert into t values (1)")
                    #expect(throws: PostgresError.self) {
                        try session.execute("select pg_terminate_backend(pg_backend_pid())")
                    }
                    throw Stop()
                }
            }
            #expect(!connection.isUsable)
            await other.close()
        }
    }
}
