import HindsightPostgres
import Testing

@Suite("Statements", .timeLimit(.minutes(2)))
struct StatementTests {
    @Test func rowsAffectedAndColumnNames() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.execute("create table t (id int8 primary key, name text)")
                #expect(try session.execute("insert into t select g, 'n' || g from generate_series(1, 5) g") == 5)
                #expect(try session.execute("update t set name = 'x' where id > \(3)") == 2)
                #expect(try session.execute("delete from t where id = \(99)") == 0)
                let result = try session.query("select id, name as \"the name\" from t order by id")
                #expect(result.columnNames == ["id", "the name"])
                #expect(result.columnTypes == [.int8, .text])
                #expect(result.rowsAffected == 5)
                #expect(try result.map { try $0.decode("the name", as: String.self) } == ["n1", "n2", "n3", "x", "x"])
                #expect(try result[4].withBytes(1) { $0.map { Array($0) } } == Array("x".utf8))
            }
        }
    }

    @Test("A plan that looks rows up is kept for all parameters, and is not compiled however many rows it counts on")
    func lookUps() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (id int8 primary key); set jit_above_cost = 0")
                func plan(_ session: inout PostgresSession) throws -> String {
                    let query: SQL = "explain (analyze) select from t where id > \(1) and id <= \(2)"
                    return try session.query(query).map { try $0.decode(0, as: String.self) }.joined(separator: "\n")
                }
                let isAvailable: Bool = try session.query("select pg_jit_available()")[0].decode(0)
                #expect(try plan(&session).contains("JIT:") == isAvailable)
                try session.execute("begin")
                _ = try session.query(.preferKeyLookUps)
                let lookUp = try plan(&session)
                #expect(lookUp.contains("Index") && !lookUp.contains("JIT:"), "\(lookUp)")
                let mode: String = try session.query("show plan_cache_mode")[0].decode(0)
                #expect(mode == "force_generic_plan")
                try session.execute("commit")
                let jit: String = try session.query("show jit")[0].decode(0)
                #expect(jit == "on", "it ends with the transaction")
            }
        }
    }

    @Test func preparedStatementsAreReusedAndTheOldestLeave() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            for _ in 0..<3 {
                for number in 0..<10 {
                    _ = try session.query("select \(number), \(unsafeSQL: String(number))")
                }
            }
            let few: Int = try session.query("select count(*) from pg_prepared_statements")[0].decode(0)
            #expect(few == 11)
            for number in 0..<300 {
                _ = try session.query("select \(number), \(unsafeSQL: String(number))")
            }
            let many: Int = try session.query("select count(*) from pg_prepared_statements")[0].decode(0)
            #expect((256...258).contains(many))
        }
    }

    @Test func withoutPreparingNothingIsPrepared() async throws {
        var configuration = try await TestServer.configuration()
        configuration.preparesStatements = false
        let connection = try await TestServer.connect(configuration)
        try await connection.withSession { session throws in
            for number in 0..<3 {
                #expect(try session.query("select \(number)")[0].decode(0) == number)
            }
            try session.forEachRow("select count(*) from pg_prepared_statements") { row in
                let count: Int = try row.decode(0)
                #expect(count == 0)
            }
            #expect(try session.pipeline(["select \(1)", "select \(2)"]).count == 2)
        }
    }

    @Test func aPlanThatWentStaleIsMadeAnew() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (a int); insert into t values (1)")
                #expect(try session.query("select * from t").columnNames == ["a"])
                try session.script("alter table t add b text")
                #expect(try session.query("select * from t").columnNames == ["a", "b"])
                try session.script("alter table t add c text")
                try session.forEachRow("select * from t") { #expect($0.columnCount == 3) }
                try session.script("alter table t add d text")
                #expect(try session.pipeline(["select 1", "select * from t"])[1].columnNames.count == 4)
                try session.script("deallocate all")
                #expect(try session.query("select * from t").count == 1)
                try session.script("do $$ begin execute 'deallocate all'; end $$")
                #expect(try session.query("select * from t").count == 1)
            }
            // A pipeline that begins a transaction of its own is not begun anew inside it.
            let pipeline: [SQL] = ["begin", "select * from t", "commit"]
            try await connection.withSession { session throws in _ = try session.pipeline(pipeline) }
            let stale = try await postgresError {
                try await connection.withSession { session throws in
                    try session.script("do $$ begin execute 'deallocate all'; end $$")
                    _ = try session.pipeline(pipeline)
                }
            }
            #expect(stale.sqlState == "26000" && stale.isRetriable)
            try await connection.withSession { session throws in #expect(try session.pipeline(pipeline)[1].count == 1) }
            // Inside a transaction the error is told, and doing it all again succeeds.
            let error = try await postgresError {
                try await connection.withTransaction { session throws in
                    try session.script("alter table t add e text")
                    _ = try session.query("select * from t")
                }
            }
            #expect(error.sqlState == "0A000")
            #expect(error.isRetriable)
            try await connection.withTransaction { session throws in
                try session.script("alter table t add e text")
                #expect(try session.query("select * from t").columnNames.count == 5)
            }
        }
    }

    @Test func aServerErrorIsToldInFullAndLeavesTheConnectionUsable() async throws {
        try await TestServer.withConnection { connection, _ in
            let error = try await postgresError {
                try await connection.withSession { session throws in
                    try session.script("create table t (secret text constraint only_once unique)")
                    try session.execute("insert into t values (\("hidden"))")
                    try session.execute("insert into t values (\("hidden"))")
                }
            }
            #expect(error.code == .server)
            #expect(error.sqlState == "23505")
            #expect(error.constraint == "only_once")
            #expect(error.table == "t")
            #expect(error.statement == "insert into t values ($1)")
            #expect(!error.isRetriable)
            #expect(!error.description.contains("hidden"))
            #expect(error.debugDescription.contains("hidden"))
            #expect(connection.isUsable)
            let one: Int = try await connection.withSession { try $0.query("select 1")[0].decode(0) }
            #expect(one == 1)
        }
    }

    @Test func dataInMessagesStaysOutOfDescriptions() async throws {
        let connection = try await TestServer.connect()
        let error = try await postgresError {
            try await connection.withSession { _ = try $0.query("select \("hidden")::int") }
        }
        #expect(error.sqlState == "22P02")
        #expect(error.description == "server error (22P02): invalid input syntax for type integer")
        #expect(error.debugDescription.contains("hidden"))
    }

    @Test func rowsAreStreamed() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            for _ in 0..<2 {
                var sum = 0
                try session.forEachRow("select g from generate_series(1, \(10_000)) g") {
                    sum += try $0.decode(0, as: Int.self)
                }
                #expect(sum == 50_005_000)
            }
            #expect(throws: PostgresError.self) {
                try session.forEachRow("select 1 / (g - 3) from generate_series(1, 5) g") { _ in }
            }
            #expect(throws: Stop.self) {
                try session.forEachRow("select generate_series(1, 100000000)") { _ in throw Stop() }
            }
            #expect(try session.query("select 5")[0].decode(0) == 5)
        }
    }

    @Test func scriptsRunAllOrNothing() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (a int); insert into t values (1), (2);")
                #expect(throws: PostgresError.self) { try session.script("insert into t values (3); select 1/0") }
                #expect(try session.query("select count(*) from t")[0].decode(0) == 2)
            }
        }
    }

    @Test func copyAndEmptyStatementsAreRefusedWhereTheyDoNotBelong() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            try session.script("create temp table t (a int)")
            for text in ["copy t from stdin", "copy t to stdout", "copy t to stdout (format binary)"] {
                #expect(throws: PostgresError.self) { try session.script(text) }
                #expect(throws: PostgresError.self) { try session.execute(SQL(unsafeSQL: text)) }
                #expect(throws: PostgresError.self) { try session.pipeline(["select 1", SQL(unsafeSQL: text)]) }
                #expect(throws: PostgresError.self) { try session.forEachRow(SQL(unsafeSQL: text)) { _ in } }
            }
            try session.script("")
            #expect(try session.query("select 5")[0].decode(0) == 5)
        }
        #expect(connection.isUsable)
    }

    @Test func tooManyParametersAreRefused() async throws {
        let connection = try await TestServer.connect()
        let list = (0..<65_536).map { "\($0)" as SQL }.joined()
        let error = try await postgresError {
            try await connection.withSession { _ = try $0.query("select \(sql: list)") }
        }
        #expect(error.code == .misuse)
        #expect(connection.isUsable)
    }

    private struct Stop: Error {}
}
