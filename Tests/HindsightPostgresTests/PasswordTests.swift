import HindsightPostgres
import HindsightTestSupport
import Testing

/// No part of a password shows, however the connection string is written and wherever it fails.
@Suite("Passwords", .timeLimit(.minutes(2)))
struct PasswordTests {
    /// What passwords are made of here; none of it is part of anything else that is shown.
    private static let parts = ["zebra", "okapi", "lemur"]
    private static let separators = [
        "@", "/", ":", "?", "#", "&", "=", "%", "[", "]", " ", "\\", "'", "\"", ",", ";", "+", "$", "ä", "e\u{301}",
        "@@",
        "@:", "@/", "/@", "?@", "%40", "%zz", "@[", "\\'", "''", "://",
    ]

    /// Every way to write a connection string with this password.
    private static func conninfos(_ password: String) -> [String] {
        let encoded = password.utf8.map { byte in
            "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        let escaped = password.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
        return [
            "postgres://user:\(password)@127.0.0.1:1/db", "postgresql://user:\(encoded)@127.0.0.1:1/db",
            "postgres://:\(password)@127.0.0.1:1/db", "postgres://user:\(password)@127.0.0.1:1,127.0.0.1:2/db",
            "postgres://user:\(password)@127.0.0.1:port/db", "postgres://user:\(password)@/db?host=127.0.0.1&port=1",
            "postgres://user@127.0.0.1:1/db?password=\(password)", "postgres://127.0.0.1:1/db?password=\(encoded)",
            "host=127.0.0.1 port=1 user=u dbname=d password='\(String(escaped))'",
            "host=127.0.0.1 port=1 user=u dbname=d password=\(String(escaped))",
            "host=127.0.0.1 port=1 user=u dbname=d password=\(password)",
            "host=127.0.0.1 port=1 user=u dbname=d sslpassword='\(String(escaped))'",
            "host=127.0.0.1 port=1 password='\(String(escaped))' sslmode=wrong",
            "host=127.0.0.1 port=1 dbname='postgres://user:\(encoded)@host/db'",
            "host=127.0.0.1 port=1 dbname='postgres://user:\(String(escaped))@host/db'",
            "postgres:/user:\(password)@127.0.0.1:1/db", "user:\(password)@127.0.0.1:1/db", password,
        ]
    }

    /// All that this layer says about a configuration and a failure.
    private static func shown(_ values: Any...) -> String {
        values.map { value in
            var dumped = ""
            dump(value, to: &dumped)
            return "\(value) \(String(reflecting: value)) \(dumped)"
        }.joined(separator: "\n")
    }

    @Test(arguments: separators)
    func neverShow(_ separator: String) async throws {
        let passwords = [
            Self.parts.joined(separator: separator), separator + Self.parts[0], Self.parts[0] + separator,
            Self.parts[0] + separator + Self.parts[1] + "@" + Self.parts[2],
        ]
        for conninfo in passwords.flatMap(Self.conninfos) {
            let lines = Protected<[String]>([])
            let configuration = PostgresConfiguration(conninfo)
            let error = try await postgresError {
                try await PostgresConnection.connect(configuration, logger: RecordingLogHandler.logger(into: lines))
            }
            let shown = Self.shown(error, configuration) + lines.value.joined(separator: "\n")
            #expect(Self.parts.allSatisfy { !shown.contains($0) }, "\(conninfo): \(error)")
        }
    }

    @Test func randomOnesNeverShow() async throws {
        var generator = SeededGenerator(seed: 16)
        for _ in 0..<200 {
            var password = ""
            for part in Self.parts.shuffled(using: &generator) {
                password += part
                for _ in 0..<Int.random(in: 0...2, using: &generator) {
                    password += Self.separators.randomElement(using: &generator) ?? ""
                }
            }
            let conninfo = Self.conninfos(password).randomElement(using: &generator) ?? ""
            let configuration = PostgresConfiguration(conninfo)
            let error = try await postgresError { try await TestServer.connect(configuration) }
            let shown = Self.shown(error, configuration)
            #expect(Self.parts.allSatisfy { !shown.contains($0) }, "\(conninfo): \(error)")
        }
    }

    @Test func anUnescapedOneIsRefusedWithItsRemedy() async throws {
        for conninfo in [
            "postgres://user:p@ss@host/db", "postgres://user:p/ss@host/db", "postgres://user:p@s/s@host/db",
            "postgresql://user:@@host/db", "postgres://user:1234/x@host/db",
        ] {
            let error = try await postgresError { try await TestServer.connect(PostgresConfiguration(conninfo)) }
            #expect(error.code == .misuse)
            #expect(error.message.contains("%40"))
            #expect(!error.isRetriable)
            #expect("\(PostgresConfiguration(conninfo))" == "PostgresConfiguration(invalid connection string)")
        }
        // These have none, or say clearly where it ends.
        for conninfo in [
            "postgres://user:p%40ss@host:1/db", "postgres://host/d@b", "postgres:///db?host=/tmp&user=a@b",
            "postgres://user:p?ss@host/db", "postgresql://user@host/d@b",
            "postgres://user:pass@host/db?application_name=a@b",
        ] {
            #expect("\(PostgresConfiguration(conninfo))" != "PostgresConfiguration(invalid connection string)")
        }
    }

    @Test func neverShowOnAConnectionThatWorks() async throws {
        let secret = "zebra okapi"
        let lines = Protected<[String]>([])
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(try await TestServer.conninfo + " password='\(secret)'"),
            logger: RecordingLogHandler.logger(into: lines))
        let error = try await postgresError {
            try await connection.withSession { session throws in
                try session.script("do $$ begin raise notice '\(secret)'; end $$")
                try session.script("set role '\(secret)'; alter role nobody_at_all password '\(secret)'")
            }
        }
        #expect(lines.value.contains { $0.contains("********") })
        let shown = Self.shown(error, connection) + lines.value.joined(separator: "\n")
        #expect(Self.parts.allSatisfy { !shown.contains($0) }, "\(String(reflecting: error))")
    }

    @Test func aShortOneLeavesTheRestReadable() async throws {
        for password in ["a", "e", "1", "db"] {
            let conninfo = try await TestServer.conninfo + " dbname=no_such_database password=\(password)"
            let error = try await postgresError { try await TestServer.connect(PostgresConfiguration(conninfo)) }
            #expect(error.message.contains(#"database "no_such_database" does not exist"#), "\(error)")
        }
    }

    @Test func aLongerOneIsScrubbedBeforeItsBeginning() async throws {
        let conninfo = try await TestServer.conninfo + " password=zebra sslpassword=zebraokapi"
        let connection = try await TestServer.connect(PostgresConfiguration(conninfo))
        let error = try await postgresError {
            try await connection.withSession { try $0.script("do $$ begin raise 'zebra, zebraokapi'; end $$") }
        }
        #expect(error.message == "********, ********")
    }
}
