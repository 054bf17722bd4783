import HindsightPostgres
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Decimals", .timeLimit(.minutes(2)))
struct DecimalTests {
    static let texts = [
        "0", "0.00", "1", "-1", "10000", "9999", "0.0001", "0.00010", "12345.6789", "-12345.67", "100000000", "0.1",
        "2.50",
        "99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001",
        "1234567890123456789.0123456789012345678", "10000000000000000.0000", "0.000100000001", "70000.07",
    ]

    @Test(arguments: texts)
    func exactDecimal(_ text: String) async throws {
        let value = try #require(ExactDecimal(text))
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            let row = try #require(
                try session.query("select \(value), (\(value))::text, \(text)::numeric, \([value, value]), -(\(value))")
                    .first)
            let back = try row.decode(0, as: ExactDecimal.self)
            #expect(back == value)
            #expect(back.description == text)
            #expect(try row.decode(1, as: String.self) == text)
            #expect(try row.decode(2, as: ExactDecimal.self).description == text)
            #expect(try row.decode(3, as: [ExactDecimal].self) == [value, value])
            #expect(try row.decode(4, as: ExactDecimal.self) == -value)
        }
    }

    @Test(arguments: texts)
    func foundationDecimal(_ text: String) async throws {
        let value = try #require(Decimal(string: text))
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            let row = try #require(
                try session.query("select \(value), \(value) = \(text)::numeric, \(text)::numeric").first)
            #expect(try row.decode(0, as: Decimal.self) == value)
            #expect(try row.decode(1, as: Bool.self))
            #expect(try row.decode(2, as: Decimal.self) == value)
        }
    }

    @Test func randomDecimals() async throws {
        var generator = SystemRandomNumberGenerator()
        let values = (0..<2_000).map { _ in
            let digits = Int.random(in: 1...38, using: &generator)
            let limit = (0..<digits).reduce(Int128(1)) { power, _ in power * 10 }
            return ExactDecimal(
                coefficient: Int128.random(in: -limit + 1..<limit, using: &generator),
                scale: Int.random(in: 0...38, using: &generator))
        }
        let connection = try await TestServer.connect()
        try await connection.withSession { session throws in
            let rows = try session.query("select v, v::text from unnest(\(values)) with ordinality u (v, n) order by n")
            #expect(rows.count == values.count)
            for (row, value) in zip(rows, values) {
                #expect(try row.decode(0, as: ExactDecimal.self) == value)
                #expect(try row.decode(1, as: String.self) == value.description)
            }
        }
    }

    @Test func integersAreDecimalsToo() async throws {
        let connection = try await TestServer.connect()
        let values = try await connection.withSession { session throws in
            let row = try session.query("select 5::int8, 7::int2")[0]
            return try [row.decode(0, as: ExactDecimal.self), row.decode(1, as: ExactDecimal.self)]
        }
        #expect(values == [5, 7])
    }

    @Test(arguments: [
        "'NaN'::numeric", "'infinity'::numeric", "1e38::numeric", "(-1e38)::numeric", "1e-39::numeric",
        "1e300::numeric",
    ])
    func whatDoesNotFitIsAnError(_ sql: String) async throws {
        let connection = try await TestServer.connect()
        let error = try await postgresError {
            try await connection.withSession { session throws in
                _ = try session.query("select \(unsafeSQL: sql)")[0].decode(0, as: ExactDecimal.self)
            }
        }
        #expect(error.code == .decoding)
    }

    @Test func notANumberIsNotSent() async throws {
        let connection = try await TestServer.connect()
        let error = try await postgresError {
            try await connection.withSession { try $0.execute("select \(ExactDecimal.notANumber)") }
        }
        #expect(error.code == .encoding)
        let nan = try await postgresError {
            try await connection.withSession { try $0.execute("select \(Decimal.nan)") }
        }
        #expect(nan.code == .encoding)
    }
}
