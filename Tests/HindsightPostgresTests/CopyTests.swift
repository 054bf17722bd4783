import HindsightPostgres
import HindsightValues
import Testing

@Suite("COPY", .timeLimit(.minutes(2)))
struct CopyTests {
    private struct Stop: Error {}

    @Test func whatGoesInComesOut() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script(
                    "create table t (id int8, name text, amount numeric, payload json); create table u (like t)")
                let count = try session.copyIn("copy t from stdin (format binary)") { writer in
                    for number in 0..<20_000 {
                        try writer.row {
                            try $0.append(number)
                            try $0.append(number % 3 == 0 ? nil : "name \(number)")
                            try $0.append(ExactDecimal(coefficient: Int128(number), scale: 2))
                            try $0.append(PostgresJSON("{ \"n\": \(number) }"))
                        }
                    }
                }
                #expect(count == 20_000)
                let sum = try session.query(
                    "select sum(id)::int8, sum(amount), count(name), max(payload->>'n') from t")[0]
                #expect(try sum.decode(0) == 199_990_000)
                #expect(try sum.decode(1) == ExactDecimal(coefficient: 199_990_000, scale: 2))
                #expect(try sum.decode(2) == 13_333)
                var tuples: [[UInt8]] = []
                try session.copyOut("copy (select * from t order by id) to stdout (format binary)") {
                    tuples.append(Array($0))
                }
                #expect(tuples.count == 20_000)
                #expect(tuples[0].prefix(2) == [0, 4])
                // Tuples can go into another table as they are.
                let copied = try session.copyIn("copy u from stdin (format binary)") { writer in
                    for tuple in tuples {
                        try tuple.withUnsafeBytes { try writer.row(bytes: $0) }
                    }
                }
                #expect(copied == 20_000)
                #expect(
                    try session.query(
                        "select count(*) from (select id, name, amount, payload::text from t except select id, name, amount, payload::text from u) d"
                    )[0].decode(0) == 0)
            }
        }
    }

    @Test func emptyCopies() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (id int8)")
                #expect(try session.copyIn("copy t from stdin (format binary)") { _ in } == 0)
                try session.copyOut("copy t to stdout (format binary)") { _ in Issue.record("no row expected") }
            }
        }
    }

    @Test("A large copy in never waits for a server that waits for data")
    func largeCopyIn() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            try session.execute("create temp table t (number bigint, filling text)")
            let filling = String(repeating: "x", count: 200)
            let count = try session.copyIn("copy t from stdin (format binary)") { writer in
                for number in 0..<300_000 {
                    try writer.row { row in
                        try row.append(Int64(number))
                        try row.append(filling)
                    }
                }
            }
            #expect(count == 300_000)
        }
        await connection.close()
    }

    @Test func throwingEndsACopyOut() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            for limit in [0, 1, 1_000] {
                var count = 0
                #expect(throws: Stop.self) {
                    try session.copyOut("copy (select generate_series(1, 100000000)) to stdout (format binary)") { _ in
                        if count == limit { throw Stop() }
                        count += 1
                    }
                }
                #expect(try session.query("select \(limit)")[0].decode(0) == limit)
            }
        }
        #expect(connection.isUsable)
    }

    @Test func anErrorInTheMiddleOfACopyOut() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            var count = 0
            do {
                try session.copyOut(
                    "copy (select 1 / (g - 5000) from generate_series(1, 10000) g) to stdout (format binary)"
                ) { _ in count += 1 }
                Issue.record("no error was thrown")
            } catch let error as PostgresError {
                #expect(error.sqlState == "22012")
            }
            #expect(count == 4_999)
            #expect(try session.query("select 1")[0].decode(0) == 1)
        }
    }

    @Test func throwingAbortsACopyIn() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (id int8)")
                for limit in [0, 10, 100_000] {
                    #expect(throws: Stop.self) {
                        try session.copyIn("copy t from stdin (format binary)") { writer in
                            for number in 0..<limit { try writer.row { try $0.append(number) } }
                            throw Stop()
                        }
                    }
                    #expect(try session.query("select count(*) from t")[0].decode(0) == 0)
                }
            }
        }
    }

    @Test func rowsThatTheServerRefusesAreAnError() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (id int8 check (id < 100000))")
                // Early, so that the copy is still going on when the server objects, and late.
                for bad in [10, 199_999] {
                    do {
                        _ = try session.copyIn("copy t from stdin (format binary)") { writer in
                            for number in 0..<200_000 {
                                try writer.row { try $0.append(number == bad ? 100_000 : number % 100_000) }
                            }
                        }
                        Issue.record("no error was thrown")
                    } catch let error as PostgresError {
                        #expect(error.sqlState == "23514")
                    }
                    #expect(try session.query("select count(*) from t")[0].decode(0) == 0)
                }
                // A field too many.
                #expect(throws: PostgresError.self) {
                    try session.copyIn("copy t from stdin (format binary)") { writer in
                        try writer.row {
                            try $0.append(1)
                            try $0.append(2)
                        }
                    }
                }
            }
            #expect(connection.isUsable)
        }
    }

    @Test func theWrongDirectionOrFormatIsRefused() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create table t (id int8)")
                for sql in [
                    "copy t from stdin (format binary)", "copy t to stdout", "select 1",
                    "copy none to stdout (format binary)",
                ] as [SQL] {
                    #expect(throws: PostgresError.self) { try session.copyOut(sql) { _ in } }
                }
                for sql in ["copy t to stdout (format binary)", "copy t from stdin", "insert into t values (1)", ""]
                    as [SQL]
                {
                    #expect(throws: PostgresError.self) { try session.copyIn(sql) { _ in } }
                }
                #expect(try session.query("select 1")[0].decode(0) == 1)
            }
            #expect(connection.isUsable)
        }
    }

    @Test func anUnencodableValueAbortsTheCopy() async throws {
        try await TestServer.withConnection { connection, _ in
            let error = try await postgresError {
                try await connection.withSession { session throws in
                    try session.script("create table t (n numeric)")
                    _ = try session.copyIn("copy t from stdin (format binary)") { writer in
                        try writer.row { try $0.append(ExactDecimal(1)) }
                        try writer.row { try $0.append(ExactDecimal.notANumber) }
                    }
                }
            }
            #expect(error.code == .encoding)
            #expect(connection.isUsable)
        }
    }
}
