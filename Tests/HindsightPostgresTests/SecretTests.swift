import HindsightPostgres
import Testing

@Suite("Secrets", .timeLimit(.minutes(1)))
struct SecretTests {
    private static let secret = "s3cr3t-zebra"

    /// Connection strings that hold the password and cannot work, each in its own way.
    static let conninfos = [
        "host=127.0.0.1 port=1 user=u password=\(secret)", "postgresql://u:\(secret)@127.0.0.1:1/d",
        "postgresql://u:\(secret)@127.0.0.1:not-a-port/d", "postgresql://u:x?\(secret)@127.0.0.1/d", "user=u \(secret)",
        "password=\(secret) \(secret)=1", "host='\(secret)", "postgresql://u:%zz\(secret)@h/d",
        "host=127.0.0.1 port=1 user=\(secret) password=\(secret)", "host=/\(secret)/none password=\(secret)",
    ]

    @Test(arguments: conninfos)
    func neverInAnError(_ conninfo: String) async throws {
        let configuration = PostgresConfiguration(conninfo)
        let error = try await postgresError { try await TestServer.connect(configuration) }
        var dumped = ""
        dump(error, to: &dumped)
        dump(configuration, to: &dumped)
        for text in [
            "\(error)", String(reflecting: error), "\(configuration)", String(reflecting: configuration), dumped,
        ] {
            #expect(!text.contains(Self.secret))
        }
    }

    @Test func neverInADescriptionOfAConfiguration() {
        let configuration = PostgresConfiguration("postgresql://u:\(Self.secret)@h:5/d")
        #expect("\(configuration)" == "PostgresConfiguration(user=u dbname=d host=h port=5)")
    }

    @Test func aMessageThatQuotesThePasswordIsScrubbed() async throws {
        let configuration = PostgresConfiguration(try await TestServer.conninfo + " password=\(Self.secret)")
        let connection = try await TestServer.connect(configuration)
        let error = try await postgresError {
            try await connection.withSession {
                try $0.script("do $$ begin raise exception 'it is \(Self.secret)!'; end $$")
            }
        }
        #expect(error.message == "it is ********!")
    }
}
