import HindsightPostgres
import Testing

@Suite("Pipelines", .timeLimit(.minutes(1)))
struct PipelineTests {
    @Test func resultsComeInOrder() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            for _ in 0..<2 {
                let results = try session.pipeline((0..<500).map { "select \($0), \(unsafeSQL: String($0 % 7))" })
                #expect(try results.enumerated().allSatisfy { try $1[0].decode(0, as: Int.self) == $0 })
            }
            #expect(try session.pipeline([]).isEmpty)
        }
    }

    @Test func aPipelineAfterReadingRowByRow() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            for _ in 0..<3 {
                try session.forEachRow("select * from generate_series(1, 3)") { _ in }
                let results = try session.pipeline(["select * from generate_series(1, 5)", "select 1"])
                #expect(results.map(\.count) == [5, 1])
            }
        }
    }

    @Test func anErrorInTheMiddleUndoesAll() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (a int8)")
                do {
                    _ = try session.pipeline([
                        "insert into t values (\(1))", "insert into t values (1 / \(0))", "insert into t values (\(3))",
                    ])
                    Issue.record("no error was thrown")
                } catch let error as PostgresError {
                    #expect(error.sqlState == "22012")
                    #expect(error.statement == "insert into t values (1 / $1)")
                }
                #expect(try session.query("select count(*) from t")[0].decode(0) == 0)
                #expect(throws: PostgresError.self) { try session.pipeline(["select 1", "selec 2", "select 3"]) }
                #expect(try session.pipeline(["select 1", "select 2"]).count == 2)
            }
        }
    }

    @Test func separateTransactionsCommitOneByOne() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (a int8)")
                let results = try session.pipeline(
                    transactions: [["select txid_current()", "select txid_current()"], ["select txid_current()"]])
                let numbers = try results.map { try $0[0].decode(0, as: Int.self) }
                #expect(numbers[0] == numbers[1] && numbers[1] != numbers[2])
                #expect(throws: PostgresError.self) {
                    try session.pipeline(
                        transactions: [
                            ["insert into t values (\(1))"],
                            ["insert into t values (\(2))", "insert into t values (1 / \(0))"],
                            ["insert into t values (\(3))"],
                        ])
                }
                #expect(
                    try session.query("select a from t order by a").map { try $0.decode(0, as: Int.self) } == [1, 3])
            }
        }
    }

    @Test func largeResultsAndLargeStatementsDoNotBlockEachOther() async throws {
        let connection = try await TestServer.connect()
        let large = String(repeating: "x", count: 1_000_000)
        let lengths: [Int] = try await connection.withSession { session throws in
            try session.pipeline((0..<40).map { _ in "select \(large)" }).map { result in
                try result[0].decode(0, as: String.self).utf8.count
            }
        }
        #expect(lengths == Array(repeating: 1_000_000, count: 40))
    }

    @Test func aPipelineInsideATransactionBelongsToIt() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { try $0.script("create table t (a int8)") }
            let error = try await postgresError {
                try await connection.withTransaction { session throws in
                    _ = try session.pipeline(["insert into t values (\(1))", "insert into t values (\(2))"])
                    throw PostgresError(.misuse, "stop")
                }
            }
            #expect(error.message == "stop")
            let count: Int = try await connection.withSession { try $0.query("select count(*) from t")[0].decode(0) }
            #expect(count == 0)
        }
    }
}
