import Hindsight
import HindsightPostgres
import Testing

@Suite("Queries in words", .serialized, .timeLimit(.minutes(3)))
struct TextualViewTests {
    private let table: PostgresIdentifier = "person"

    private func view() throws -> TextualView {
        switch ViewProjection(Person.self, version: 1).definition.kind {
        case .view(let view): view.textual
        case .sql: preconditionFailure("a view was declared")
        }
    }

    private func rows(
        _ pool: PostgresPool, where equalities: [TextualView.Equality] = [],
        order: [(column: String, isDescending: Bool)] = [], limit: Int? = nil
    ) async throws -> [[String?]] {
        let view = try view()
        let statement = try view.select(table, equalities, order, limit)
        return try await pool.withSession { session in try session.query(statement).map { try view.text($0) } }
    }

    @Test("Columns stand in declared order, as text")
    func text() async throws {
        try await Person.withAll { _, pool in
            let rows = try await rows(
                pool, where: [.init(column: "city", value: "Bonn")], order: [("number", false)], limit: 3)
            #expect(
                rows == [
                    ["Bonn", "0", nil, nil, "-0.5", "1970-01-01"], ["Bonn", "1", "bob", "1", "0.5", nil],
                    ["Bonn", "2", "Zoë", "2", "-0.5", nil],
                ])
            #expect(try view().shape.columns.map(\.name) == ["city", "number", "name", "age", "score", "born"])
        }
    }

    @Test("Conditions hold together and are values, whatever they look like")
    func conditions() async throws {
        try await Person.withAll { _, pool in
            let found = try await rows(
                pool, where: [.init(column: "city", value: "Bonn"), .init(column: "age", value: "1")],
                order: [("number", true)])
            #expect(found.map { $0[1] } == ["17", "13", "5", "1"])
            #expect(try await rows(pool, where: [.init(column: "name", value: "' or true --")]).isEmpty)
            #expect(try await rows(pool, where: [.init(column: "name", value: "O'Neill")]).count == 8)
            #expect(try await rows(pool, where: [.init(column: "born", value: "1970-01-06")]).count == 2)
        }
    }

    @Test("Bytes are written as PostgreSQL writes them, and read back")
    func bytes() throws {
        let bytes: [UInt8] = [0, 1, 0x5C, 0xFF]
        #expect(bytes.columnText == #"\x00015cff"#)
        #expect([UInt8](columnText: #"\x00015CfF"#) == bytes)
        #expect([UInt8](columnText: #"\x"#) == [])
        for text in ["", "00", #"\x0"#, #"\x0g"#, #"\xé"#] { #expect([UInt8](columnText: text) == nil) }
    }

    @Test("What does not fit the view is said in words")
    func errors() async throws {
        let view = try view()
        let unknown = #expect(throws: ViewQueryError.self) {
            try view.select(table, [.init(column: "town", value: "Bonn")], [], nil)
        }
        #expect(
            unknown?.description
                == "view \"person\" has no column \"town\"; it has city, number, name, age, score, born")
        let injected = #expect(throws: ViewQueryError.self) {
            try view.select(table, [], [("city; drop table person", false)], nil)
        }
        #expect(injected?.description.contains("no column") == true)
        let value = #expect(throws: ViewQueryError.self) {
            try view.select(table, [.init(column: "number", value: "many")], [], nil)
        }
        #expect(value?.description == "\"many\" is not a value of column \"number\", which is bigint")
    }
}
