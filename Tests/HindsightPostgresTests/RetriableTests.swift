import HindsightPostgres
import Testing

/// What may pass by itself, and what never does.
@Suite("Retriable errors", .timeLimit(.minutes(1)))
struct RetriableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let code: PostgresError.Code
        let sqlState: String?
        let why: String
        var testDescription: String { "\(code) \(sqlState ?? "without SQLSTATE"): \(why)" }

        init(_ code: PostgresError.Code, _ sqlState: String?, _ why: String) {
            (self.code, self.sqlState, self.why) = (code, sqlState, why)
        }

        var error: PostgresError { PostgresError(code, "message", sqlState: sqlState) }
    }

    @Test(arguments: [
        Case(.connectionLost, nil, "the network, or a killed server"), Case(.connectionLost, "57P01", "stopping"),
        Case(.connectionLost, "25P03", "idle in a transaction for too long"),
        Case(.connectionFailed, nil, "nobody answered"), Case(.connectionFailed, "57P03", "starting"),
        Case(.connectionFailed, "57P01", "stopping"), Case(.connectionFailed, "53300", "too many connections"),
        Case(.connectionFailed, "08P01", "a pooler without a free connection"),
        Case(.server, "08006", "connection failure behind a foreign table"),
        Case(.server, "40001", "serialization failure"),
        Case(.server, "40P01", "deadlock"), Case(.server, "55P03", "lock timeout or nowait"),
        Case(.server, "57P01", "stopping"), Case(.server, "57P02", "another session crashed"),
        Case(.server, "57P03", "starting"), Case(.server, "53000", "insufficient resources"),
        Case(.server, "53100", "disk full"), Case(.server, "53200", "out of memory"),
        Case(.server, "53300", "too many connections"), Case(.server, "58000", "the system's own failure"),
        Case(.server, "58030", "input or output failed"), Case(.server, "72000", "snapshot too old"),
        Case(.server, "57014", "an operator cancelled it, not its task"), Case(.timeout, nil, "no connection in time"),
        Case(.timeout, "55P03", "lock timeout"),
    ])
    func passByThemselves(_ example: Case) {
        #expect(example.error.isRetriable)
    }

    @Test(arguments: [
        Case(.connectionFailed, "28P01", "wrong password"), Case(.connectionFailed, "28000", "no such role"),
        Case(.connectionFailed, "3D000", "no such database"), Case(.connectionFailed, "42501", "no right to connect"),
        Case(.connectionFailed, "42704", "no such setting"), Case(.cancelled, "57014", "the task was cancelled"),
        Case(.cancelled, nil, "the task was cancelled"), Case(.timeout, "57014", "the statement is too slow"),
        Case(.commitUnknown, nil, "it may have been committed"),
        Case(.commitUnknown, "57P01", "it may have been committed"),
        Case(.server, "40003", "it may have been completed"), Case(.server, "08007", "it may have been committed"),
        Case(.server, "08P01", "a message that the server does not understand"),
        Case(.server, "40002", "an integrity constraint at the commit"), Case(.server, "53400", "a configured limit"),
        Case(.server, "25006", "a write in a transaction that only reads"),
        Case(.server, "25P02", "a failed transaction"),
        Case(.server, "23505", "unique violation"), Case(.server, "23503", "foreign key"),
        Case(.server, "23514", "check"),
        Case(.server, "23502", "not null"), Case(.server, "23P01", "exclusion"), Case(.server, "22003", "out of range"),
        Case(.server, "22012", "division by zero"), Case(.server, "42P01", "no such table"),
        Case(.server, "42601", "syntax error"), Case(.server, "42501", "no right"),
        Case(.server, "0A000", "not supported"),
        Case(.server, "54000", "program limit"), Case(.server, "55000", "wrong state"),
        Case(.server, "57P04", "dropped"),
        Case(.server, "58P01", "a file is missing"), Case(.server, "P0001", "raised by a function"),
        Case(.server, "HS001", "fenced off"), Case(.server, "XX000", "a bug of the server"),
        Case(.server, "XX001", "corrupt data"), Case(.decoding, nil, "a bug"), Case(.encoding, nil, "a bug"),
        Case(.misuse, nil, "a bug"), Case(.closed, nil, "closed on purpose"),
    ])
    func neverPass(_ example: Case) {
        #expect(!example.error.isRetriable)
    }

    @Test func aFailedTransactionPassesIfItsCauseDoes() {
        func failed(by sqlState: String) -> PostgresError {
            PostgresError(
                .server, "rolled back", sqlState: "25P02",
                underlying: PostgresError(.server, "the cause", sqlState: sqlState))
        }
        #expect(failed(by: "40001").isRetriable)
        #expect(!failed(by: "23505").isRetriable)
    }

    /// As after a failover, or where the provider lets nobody write until the disk has room.
    @Test func aServerThatOnlyReadsIsLeftForAnother() async throws {
        var configuration = try await TestServer.configuration()
        configuration.settings["default_transaction_read_only"] = "on"
        let connection = try await TestServer.connect(configuration)
        let error = try await postgresError {
            try await connection.withSession { try $0.execute("create table never_made (a int8)") }
        }
        #expect(error.sqlState == "25006")
        #expect(error.isRetriable)
        #expect(!connection.isUsable, "the next attempt makes a new connection")
    }

    @Test func aTransactionThatIsToReadOnlyIsNot() async throws {
        let connection = try await TestServer.connect()
        let error = try await postgresError {
            try await connection.withTransaction(TransactionOptions(.readCommitted, isReadOnly: true)) {
                try $0.execute("create table never_made (a int8)")
            }
        }
        #expect(error.sqlState == "25006")
        #expect(!error.isRetriable)
        #expect(connection.isUsable)
    }

    @Test func whatAnOperatorCancelsPasses() async throws {
        let connection = try await TestServer.connect()
        let error = try await postgresError {
            try await connection.withSession {
                try $0.execute("select pg_cancel_backend(pg_backend_pid()), pg_sleep(600)")
            }
        }
        #expect(error.code == .server)
        #expect(error.sqlState == "57014")
        #expect(error.isRetriable)
    }
}
