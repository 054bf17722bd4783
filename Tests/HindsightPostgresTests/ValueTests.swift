import HindsightPostgres
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Values", .timeLimit(.minutes(2)))
struct ValueTests {
    /// Sends values one by one and as arrays with and without nulls, and expects to get them back; the server has to agree about the
    /// text of the first one.
    private func roundTrip<T: PostgresValue & Equatable>(
        _ values: [T], text: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let withNulls: [T?] = values.flatMap { [$0, nil] }
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            for value in values {
                let row = try #require(try session.query("select \(value), \(value as T?), \(nil as T?)").first)
                #expect(try row.decode(0, as: T.self) == value, sourceLocation: sourceLocation)
                #expect(try row.decode(1, as: T?.self) == value, sourceLocation: sourceLocation)
                #expect(try row.decode(2, as: T?.self) == nil, sourceLocation: sourceLocation)
            }
            let row = try #require(try session.query("select \(values), \(withNulls), \([T]())").first)
            #expect(try row.decode(0, as: [T].self) == values, sourceLocation: sourceLocation)
            #expect(try row.decode(1, as: [T?].self) == withNulls, sourceLocation: sourceLocation)
            #expect(try row.decode(2, as: [T].self).isEmpty, sourceLocation: sourceLocation)
            if let text, let first = values.first {
                let shown = try session.query("select (\(first))::text")[0].decode(0, as: String.self)
                #expect(shown == text, sourceLocation: sourceLocation)
            }
            #expect(try session.query("select pg_typeof(\(values))::text")[0].decode(0) == T.postgresArrayType.name)
        }
        await connection.close()
    }

    @Test func booleans() async throws { try await roundTrip([true, false], text: "true") }

    @Test func integers() async throws {
        try await roundTrip([Int16.min, -1, 0, 1, .max], text: "-32768")
        try await roundTrip([Int32.min, -1, 0, 1, .max], text: "-2147483648")
        try await roundTrip([Int64.min, -1, 0, 1, .max], text: "-9223372036854775808")
        try await roundTrip([Int.min, -1, 0, 1, .max])
    }

    @Test func floatingPoint() async throws {
        try await roundTrip(
            [-1.5, 0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity], text: "-1.5")
        try await roundTrip([Float(0.1), .greatestFiniteMagnitude, -.infinity], text: "0.1")
        let connection = try await TestServer.connect()
        let isNaN = try await connection.withSession { session throws in
            try session.query("select \(Double.nan), 'NaN'::real").map { row in
                try row.decode(0, as: Double.self).isNaN && row.decode(1, as: Double.self).isNaN
            }
        }
        #expect(isNaN == [true])
    }

    @Test func text() async throws {
        try await roundTrip(["", "it's", "a\\b\"c\n\t", "Grüße 🐘", String(repeating: "ä", count: 100_000)], text: "")
    }

    @Test func bytes() async throws {
        try await roundTrip([Array(0...255), [], [0], [UInt8](repeating: 7, count: 100_000)] as [[UInt8]])
    }

    @Test func uuids() async throws {
        let fixed = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
        try await roundTrip([fixed, UUID(), UUID()], text: "00112233-4455-6677-8899-aabbccddeeff")
    }

    @Test func timestamps() async throws {
        let values = try [
            "2010-12-01T08:26:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.5Z",
        ].map {
            try #require(Timestamp($0))
        }
        let connection = try await TestServer.connect()
        let shown: String = try await connection.withSession { session throws in
            try session.query("select (\(values[0]) at time zone 'UTC')::text")[0].decode(0)
        }
        #expect(shown == "2010-12-01 08:26:00")
        try await roundTrip(values)
        try await roundTrip([Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1_291_191_960.25)])
    }

    @Test func days() async throws {
        let values = try ["2010-12-01", "0001-01-01", "9999-12-31", "2000-02-29"].map { try #require(Day($0)) }
        try await roundTrip(values, text: "2010-12-01")
    }

    @Test func infiniteTimesAreRefused() async throws {
        let connection = try await TestServer.connect()
        for sql in ["select 'infinity'::timestamptz", "select '-infinity'::timestamptz"] {
            let error = try await postgresError {
                try await connection.withSession { session throws in
                    _ = try session.query(SQL(unsafeSQL: sql))[0].decode(0, as: Timestamp.self)
                }
            }
            #expect(error.code == .decoding)
        }
        for sql in ["select 'infinity'::date", "select '-infinity'::date"] {
            let error = try await postgresError {
                try await connection.withSession { session throws in
                    _ = try session.query(SQL(unsafeSQL: sql))[0].decode(0, as: Day.self)
                }
            }
            #expect(error.code == .decoding)
        }
    }

    @Test func json() async throws {
        let texts = ["{ \"b\" : 1,  \"a\":[1,2] }", "null", "\"ü\""]
        try await roundTripJSON(texts)
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            let row = try #require(
                try session.query("select \(PostgresJSONB("{\"b\": 1, \"a\": 2}")), '{ }'::json, '{ }'::jsonb").first)
            #expect(try row.decode(0, as: PostgresJSONB.self).text == "{\"a\": 2, \"b\": 1}")
            #expect(try row.decode(0, as: String.self) == "{\"a\": 2, \"b\": 1}")
            #expect(try row.decode(0, as: PostgresJSON.self).text == "{\"a\": 2, \"b\": 1}")
            #expect(try row.decode(1, as: [UInt8].self) == Array("{ }".utf8))
            #expect(try row.decode(1, as: PostgresJSONB.self).text == "{ }")
        }
    }

    private func roundTripJSON(_ texts: [String]) async throws {
        let values = texts.map { PostgresJSON($0) }
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            // Verbatim: white space and the order of keys survive.
            var built = PostgresArray<PostgresJSON>()
            for value in values {
                value.bytes.withUnsafeBytes { built.append(bytes: $0) }
            }
            built.appendNull()
            #expect(built.count == texts.count + 1)
            let row = try #require(try session.query("select \(values), \(built), \(values[0])").first)
            #expect(try row.decode(0, as: [PostgresJSON].self) == values)
            #expect(try row.decode(1, as: [PostgresJSON?].self) == values + [nil])
            #expect(try row.decode(2, as: String.self) == texts[0])
        }
    }

    @Test func builtArrays() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            let ids = try PostgresArray([3, 1, 2])
            let sum: Int = try session.query("select sum(x)::int8 from unnest(\(ids)) x")[0].decode(0)
            #expect(sum == 6)
            #expect(try session.query("select \(ids) = '{3,1,2}'::int8[]")[0].decode(0))
            #expect(try session.query("select array_ndims(\([[UInt8]]([[1], [2]])))")[0].decode(0) == 1)
        }
    }

    @Test func wrongTypesAndNullsAreErrors() async throws {
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            let row = try #require(
                try session.query("select 'x'::text as word, null::int8 as nothing, 70000::int8, '{a}'::text[]").first)
            #expect(throws: PostgresError.self) { try row.decode("word", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.decode("nothing", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.decode(2, as: Int16.self) }
            #expect(throws: PostgresError.self) { try row.decode(2, as: String.self) }
            #expect(throws: PostgresError.self) { try row.decode(9, as: String.self) }
            #expect(throws: PostgresError.self) { try row.decode("missing", as: String.self) }
            do {
                _ = try row.decode("word", as: Int.self)
            } catch let error as PostgresError {
                #expect(error.code == .decoding)
                #expect(error.column == "word")
            }
        }
    }

    @Test func namesEnumerationsAndObjectIDs() async throws {
        try await TestServer.withConnection { connection, _ in
            try await connection.withSession { session throws in
                try session.script("create type mood as enum ('glad', 'sad')")
                let row = try #require(
                    try session.query("select 'glad'::mood, 'n'::name, 'v'::varchar, 26::oid, 'x'").first)
                #expect(try row.decode(0) == "glad")
                #expect(try row.decode(1) == "n")
                #expect(try row.decode(2) == "v")
                #expect(try row.decode(3) == 26)
                #expect(try row.decode(4) == "x")
            }
        }
    }
}
