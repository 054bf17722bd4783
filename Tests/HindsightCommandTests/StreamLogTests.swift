#if NATS
    import HindsightCommand
    import HindsightNATS
    import HindsightTestSupport
    import Subprocess
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// The sample application with its log in a stream, and its views in PostgreSQL.
    @Suite("The command line over a log on JetStream", .timeLimit(.minutes(5)))
    struct StreamLogTests {
        private struct Row: Decodable, Hashable {
            var order_id: String
            var total: String
        }

        private static func address(_ stream: String = NATSTestServer.uniqueName("SHOP")) async throws -> String {
            "\(try await NATSTestServer.shared().url)/\(stream)"
        }

        private static func jetStream(_ change: (inout NATSServerOptions) -> Void) -> NATSServerOptions {
            .with {
                $0.jetStream = NATSServerJetStream()
                change(&$0)
            }
        }

        /// A database that would be an error if somebody opened it.
        private static let unreachable = "postgres://127.0.0.1:1/none"

        @Test func readsAndWritesEventsWithoutADatabase() async throws {
            let log = try await Self.address()
            let shop = ShopProcess(url: Self.unreachable, variables: ["HINDSIGHT_LOG": log])
            let imported = try await shop("events", "import", "-", input: Lines.orders(0..<3))
            #expect(imported.status == .exited(0), "\(imported.error)")
            let again = try await shop("events", "import", "-", "--json", input: Lines.orders(0..<3))
            #expect(again.output.contains("\"stored\":0"), "\(again.output)")
            let append = try await shop("events", "append", "note-1", "--type", "Noted", "--data", "{}", "--force")
            #expect(append.output == "appended: note-1 version 0, position 10\n", "\(append.error)")
            let conflict = try await shop(
                "events", "append", "note-1", "--type", "Noted", "--data", "{}", "--force", "--expected", "no-stream")
            #expect(conflict.status == .exited(1))
            #expect(try await shop("events", "read", "--json").lines.count == 10)
            #expect(try await shop("events", "read", "--stream", "note-1", "--json").lines.count == 1)
            let exported = try await shop("events", "export")
            #expect(exported.lines.count == 10)
            let followed = try await shop(
                "events", "read", "--follow", "--json", send: .terminate, afterOutput: 10)
            #expect(followed.status == .exited(0) && followed.lines.count == 10, "\(followed.error)")

            // The same events in another stream.
            let copy = ShopProcess(url: Self.unreachable)
            let other = try await Self.address()
            #expect(
                try await copy.run(["events", "import", "-", "--log", other], input: exported.output).status
                    == .exited(0))
            let second = try await copy("events", "export", "--log", other)
            #expect(second.output == exported.output)
        }

        @Test func storesNothingOfLinesOfWhichOneHasAnIDThatIsTaken() async throws {
            let shop = ShopProcess(url: Self.unreachable, variables: ["HINDSIGHT_LOG": try await Self.address()])
            let taken = "0191d5f0-0000-7000-8000-000000000001"
            let noted = try await shop(
                "events", "append", "a-1", "--type", "Noted", "--data", "{}", "--id", taken, "--force")
            #expect(noted.status == .exited(0), "\(noted.error)")
            let streams = (1...5).map { "u-\($0)" } + ["t-1"] + (7...9).map { "u-\($0)" }
            func lines(id: String?) -> String {
                streams.map { stream in
                    let id = stream == "t-1" ? id.map { #","id":"\#($0)""# } ?? "" : ""
                    return #"{"stream":"\#(stream)","type":"Noted","at":"2026-01-01T10:00:00Z","data":{}\#(id)}\#n"#
                }.joined()
            }
            let refused = try await shop("events", "import", "-", input: lines(id: taken))
            #expect(refused.status == .exited(1))
            #expect(
                refused.error.contains(":6: id \(taken) is stored at position 1 with another stream, type or data"),
                "\(refused.error)")
            #expect(try await shop("events", "export").lines.count == 1)
            // Mended, all of it is there in its order.
            let mended = try await shop("events", "import", "-", input: lines(id: nil))
            #expect(mended.status == .exited(0), "\(mended.error)")
            let stored = try await shop("events", "export").lines.map { line in
                streams.first { line.contains("\"\($0)\"") } ?? "a-1"
            }
            #expect(stored == ["a-1"] + streams)
        }

        @Test func keepsTheSameViewsAsTheLogInTheDatabase() async throws {
            let log = try await Self.address()
            let plain = try await ShopProcess.inOwnDatabase()
            let shop = ShopProcess(
                url: try await TestCluster.shared.makeDatabase(), variables: ["HINDSIGHT_LOG": log])
            for app in [plain, shop] {
                let simulated = try await app("simulate", "--orders", "60", "--seed", "7")
                #expect(simulated.status == .exited(0), "\(simulated.error)")
                let run = try await app("run", "--until-caught-up")
                #expect(run.status == .exited(0), "\(run.error)")
            }
            // What is stored already is not stored again.
            let before = try await shop("database", "status", "--json").output
            #expect(try await shop("simulate", "--orders", "60", "--seed", "7").status == .exited(0))
            #expect(try await shop("database", "status", "--json").output == before)
            for view in ["order_summary", "customer_value", "product_sales", "daily_revenue"] {
                let rows = try await shop("projections", "export", view)
                #expect(rows.lines.count > 1)
                #expect(rows.output == (try await plain("projections", "export", view).output))
            }
            let rebuilt = try await shop("projections", "rebuild", "order_summary", "--verify")
            #expect(rebuilt.status == .exited(0), "\(rebuilt.error)")
            #expect(try await shop("projections", "verify").status == .exited(0))
            #expect(try await shop("doctor").error == "")
            // Its database holds no log: without the option the views belong to another one.
            let astray = try await ShopProcess(url: Self.unreachable)("projections", "list", "--log", log)
            #expect(astray.status == .exited(1) && astray.error.contains("DATABASE_URL"))
        }

        @Test func preparesStreamAndSchemaOnRequest() async throws {
            let stream = NATSTestServer.uniqueName("SHOP")
            let log = try await Self.address(stream)
            let shop = ShopProcess(
                url: try await TestCluster.shared.makeDatabase(), variables: ["HINDSIGHT_LOG": log])
            let missing = try await shop("events", "read")
            #expect(missing.status == .exited(1))
            #expect(
                missing.error
                    == "shop: there is no event log in the stream \(stream) of \(try await NATSTestServer.shared().url) yet: run `shop database migrate` with the same --log, or mend the name of the stream\n"
            )
            let status = try await shop("database", "status")
            #expect(status.status == .exited(0) && status.error.contains("there is no event log in the stream"))
            let migrated = try await shop("database", "migrate")
            #expect(migrated.status == .exited(0) && migrated.output.contains("applied"), "\(migrated.error)")
            let after = try await shop("database", "status")
            #expect(after.output.contains("in the stream \(stream) of"), "\(after.output)")
            #expect(after.output.contains("0 events in 0 streams"))
            // The log's part of the schema is not there.
            #expect(!after.output.contains("0002_append.sql"))
            #expect(try await shop("events", "read").status == .exited(0))
        }

        @Test func saysWhereItIsThatCannotBeReached() async throws {
            let shop = ShopProcess(url: Self.unreachable)
            let nobody = "nats://127.0.0.1:1/SHOP"
            for command in [["events", "read"], ["events", "append", "a", "--type", "T", "--data", "1", "--force"]] {
                let outcome = try await shop.run(command + ["--log", nobody])
                #expect(outcome.status == .exited(1))
                #expect(outcome.error.hasPrefix("shop: the stream SHOP of nats://127.0.0.1:1 cannot be reached: "))
                #expect(outcome.error.contains("start the server, or mend --log or HINDSIGHT_LOG"))
            }
            let malformed = try await shop("events", "read", "--log", "nats://127.0.0.1:1")
            #expect(malformed.status == .exited(64) && malformed.error.contains("it names no stream"))
            let variable = try await ShopProcess(url: Self.unreachable, variables: ["HINDSIGHT_LOG": "SHOP"])(
                "events", "read")
            #expect(variable.status == .exited(1) && variable.error.hasPrefix("shop: HINDSIGHT_LOG: \"SHOP\" is not"))
            let secret = try await shop("events", "read", "--log", "nats://me:secret@127.0.0.1:1/SHOP")
            #expect(secret.status == .exited(64) && !(secret.error + secret.output).contains("secret"))
            let database = try await ShopProcess(url: try await TestCluster.shared.makeDatabase())(
                "doctor", "--log", nobody)
            #expect(database.status == .exited(1) && database.output.contains("The log cannot be reached."))
        }

        @Test func hasADoctorLookAtTheStreamAlsoWithoutTheDatabase() async throws {
            let log = try await Self.address()
            try await ShopFixture.with { fixture in
                let shop = ShopProcess(
                    url: fixture.pool.configuration.conninfo, variables: ["HINDSIGHT_LOG": log])
                #expect(try await shop("events", "import", "-", input: Lines.orders(0..<5)).status == .exited(0))
                #expect(try await shop("run", "--until-caught-up").status == .exited(0))
                let sound = try await shop("doctor", "--read-log")
                #expect(sound.status == .exited(0) && sound.error.isEmpty, "\(sound.output) \(sound.error)")
                #expect(sound.output.contains("NOTE: One server alone has the log"), "\(sound.output)")
                #expect(sound.output.contains("Not looked at: whether the servers of the log write to the disk"))

                let away = try await ShopProcess(url: Self.unreachable, variables: ["HINDSIGHT_LOG": log])(
                    "doctor", "--read-log")
                #expect(away.status == .exited(1))
                #expect(away.lines.first == "DANGER: The database cannot be reached.", "\(away.output)")
                #expect(away.output.contains("NOTE: One server alone has the log"), "\(away.output)")

                // As after the log was put back to an earlier state.
                try await fixture.pool.withSession { session in
                    try session.script("update hindsight.offsets set position = 1000 where name = 'order_summary'")
                }
                let behind = try await shop("doctor")
                #expect(behind.status == .exited(1))
                #expect(
                    behind.output.contains("DANGER: Projection order_summary does not belong to this log"),
                    "\(behind.output)")
                let none = try await shop("doctor", "--log", try await Self.address("NONE"))
                #expect(none.status == .exited(1) && none.output.contains("DANGER: There is no stream NONE."))
            }
        }

        @Test func showsWhoItIsByTheEnvironmentOnly() async throws {
            let issuer = TestOperator()
            let folder = FileManager.default.temporaryDirectory.appending(
                path: NATSTestServer.uniqueName("hindsight-creds"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appending(path: "shop.creds").path
            try Data(issuer.credentials().file.utf8).write(to: URL(filePath: file))
            try await withNATSServer(Self.jetStream { $0.authorization = .jwt(issuer) }) { server in
                let log = "\(server.url)/SHOP"
                let nobody = try await ShopProcess(url: Self.unreachable)("events", "import", "-", "--log", log)
                #expect(nobody.status == .exited(1) && nobody.error.contains("HINDSIGHT_NATS_CREDENTIALS"))
                let shop = ShopProcess(url: Self.unreachable, variables: ["HINDSIGHT_NATS_CREDENTIALS": file])
                let known = try await shop.run(["events", "import", "-", "--log", log], input: Lines.orders(0..<1))
                #expect(known.status == .exited(0), "\(known.error)")
            }
            try await withNATSServer(Self.jetStream { $0.authorization = .user("me", password: "hush-hush") }) {
                server in
                let log = "\(server.url)/SHOP"
                func shop(_ password: String) -> ShopProcess {
                    ShopProcess(
                        url: Self.unreachable,
                        variables: ["HINDSIGHT_NATS_USER": "me", "HINDSIGHT_NATS_PASSWORD": password])
                }
                let known = try await shop("hush-hush").run(
                    ["events", "import", "-", "--log", log, "--log-level", "trace"], input: Lines.orders(0..<1))
                #expect(known.status == .exited(0), "\(known.error)")
                let wrong = try await shop("hush-hosh").run(
                    ["events", "import", "-", "--log", log, "--log-level", "trace"], input: Lines.orders(0..<1))
                #expect(wrong.status == .exited(1))
                #expect(!(known.error + known.output + wrong.error + wrong.output).contains("hush"))
            }
        }

        @Test func refusesAnEnvironmentThatContradictsItself() throws {
            #expect(throws: CommandError.self) {
                try StreamAccess(environment: ["HINDSIGHT_NATS_TOKEN": "t", "HINDSIGHT_NATS_USER": "u"]).configuration()
            }
            #expect(throws: CommandError.self) {
                try StreamAccess(environment: ["HINDSIGHT_NATS_USER": "u"]).configuration()
            }
            #expect(throws: CommandError.self) {
                try StreamAccess(environment: ["HINDSIGHT_NATS_CREDENTIALS": "/not/there"]).configuration()
            }
            #expect(throws: CommandError.self) {
                try StreamAccess(environment: ["HINDSIGHT_NATS_AUTHORITY": "/not/there"]).configuration()
            }
            let token = try StreamAccess(environment: ["HINDSIGHT_NATS_TOKEN": "t"]).configuration()
            #expect("\(token.credentials)" == "a token")
        }
    }
#endif
