import HindsightPostgres
import Testing

@Suite("SQL", .timeLimit(.minutes(1)))
struct SQLTests {
    @Test func valuesBecomeParameters() {
        let sql: SQL = "select \(1) + \(2 as Int?), \("x'y")"
        #expect(sql.text == "select $1 + $2, $3")
        #expect(sql.parameterCount == 3)
    }

    @Test func splicedPiecesAreRenumbered() {
        let condition: SQL = "a = \(1) and b = \(2)"
        let sql: SQL = "select \(0) from t where \(sql: condition) or c = \(3)"
        #expect(sql.text == "select $1 from t where a = $2 and b = $3 or c = $4")
        #expect(sql.parameterCount == 4)
        let first: SQL = "\(sql: condition) limit \(5)"
        #expect(first.text == "a = $1 and b = $2 limit $3")
        #expect(("x \(sql: "now()") \(7)" as SQL).text == "x now() $1")
    }

    @Test func piecesAreJoined() async throws {
        let rows = (1...12).map { "(\($0)::int8, \("name \($0)"))" as SQL }
        let sql: SQL = "select count(*), max(name) from (values \(sql: rows.joined())) v (id, name) where id > \(10)"
        #expect(sql.parameterCount == 25)
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            let row = try #require(try session.query(sql).first)
            #expect(try row.decode(0, as: Int.self) == 2)
            #expect(try row.decode(1, as: String.self) == "name 12")
        }
    }

    @Test func identifiersAreQuoted() throws {
        #expect(PostgresIdentifier("plain").quoted == "\"plain\"")
        #expect(PostgresIdentifier("we\"ird; drop").quoted == "\"we\"\"ird; drop\"")
        #expect(PostgresIdentifier(schema: "s", "t").quoted == "\"s\".\"t\"")
        let sql: SQL = "table \(identifier: PostgresIdentifier(schema: "S", "order"))"
        #expect(sql.text == "table \"S\".\"order\"")
    }

    @Test func identifiersFromOutsideAreChecked() throws {
        #expect(try PostgresIdentifier(validating: String(repeating: "ä", count: 31)).name.utf8.count == 62)
        for name in ["", "a\0b", String(repeating: "ä", count: 32)] {
            #expect(throws: PostgresError.self) { try PostgresIdentifier(validating: name) }
        }
    }

    @Test(arguments: ["plain", "it's", "back\\slash", "both ' and \\'", "", "ünï 🐘", "$1 -- x /* y */"])
    func literalsSurviveQuoting(_ text: String) async throws {
        let connection = try await TestServer.connect()
        for setting in ["on", "off"] {
            let back: String = try await connection.withSession { session throws in
                try session.execute("set standard_conforming_strings to \(unsafeSQL: setting)")
                return try session.query("select \(literal: text)")[0].decode(0)
            }
            #expect(back == text)
        }
    }

    @Test func hostileValuesStayValues() async throws {
        let connection = try await TestServer.connect()
        let hostile = "'; drop table t; --"
        let back: String = try await connection.withSession { try $0.query("select \(hostile)")[0].decode(0) }
        #expect(back == hostile)
    }

    @Test func aNULInTheTextIsRefused() async throws {
        let connection = try await TestServer.connect()
        for sql in ["select 1\0; garbage", "select \(literal: "a\0b")", "select 1 as \(identifier: "a\0b")"] as [SQL] {
            let error = try await postgresError { try await connection.withSession { try $0.execute(sql) } }
            #expect(error.code == .misuse)
        }
    }
}
