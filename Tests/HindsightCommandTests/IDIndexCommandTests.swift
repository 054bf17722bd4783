#if NATS
    import HindsightCommand
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import Subprocess
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// The index in PostgreSQL of the ids of a log in a stream, as commands use it.
    @Suite("The command line with an index of ids", .timeLimit(.minutes(3)))
    struct IDIndexCommandTests {
        private static let unreachable = "postgres://127.0.0.1:1/none"

        private static func append(_ id: UUID, to stream: String) -> [String] {
            ["events", "append", stream, "--type", "Noted", "--data", "{}", "--id", id.uuidString, "--force"]
        }

        /// A log, and the ids of its events, each of a stream of its own, which the servers have forgotten.
        private static func forgetfulLog(events count: Int) async throws -> (address: String, ids: [UUID]) {
            let server = try await NATSTestServer.shared()
            let stream = NATSTestServer.uniqueName("SHOP")
            var configuration = NATSConfiguration()
            configuration.servers = [server.url]
            let ids = try await NATSClient.withClient(configuration, logger: ShopFixture.logger) { client in
                var shortly = JetStreamEventLog.Configuration()
                shortly.duplicateWindow = .milliseconds(100)
                let log = JetStreamEventLog(client, stream: stream, configuration: shortly, logger: ShopFixture.logger)
                try await log.prepare()
                let events = (0...count).map { _ in NewEvent(type: "Noted", data: Array("{}".utf8)) }
                for (number, event) in events.enumerated() {
                    try await log.append([event], to: StreamName("known-\(number)"), expected: .noStream)
                }
                // The last one of them is stored a second time when the servers know none any more.
                try await eventually("the ids are forgotten") {
                    do {
                        try await log.append([events[count]], to: "again-1", expected: .noStream)
                        return true
                    } catch let error as EventLogError where error.code == .knownEvents {
                        return false
                    }
                }
                // What was forgotten stays forgotten, and commands find the usual window.
                let jetStream = JetStream(client)
                var settings = try await jetStream.streamInfo(stream).configuration
                settings.duplicateWindow = .seconds(120)
                _ = try await jetStream.updateStream(settings)
                return events.prefix(count).map(\.id)
            }
            return ("\(server.url)/\(stream)", ids)
        }

        @Test("an id of another stream beyond the window is refused with the index, and stored without")
        func idsOfOtherStreams() async throws {
            let (log, ids) = try await Self.forgetfulLog(events: 3)
            let database = try await TestCluster.shared.makeDatabase()
            let plain = ShopProcess(url: Self.unreachable, variables: ["HINDSIGHT_LOG": log])
            let stored = try await plain.run(Self.append(ids[2], to: "other-1"))
            #expect(stored.status == .exited(0) && stored.output.hasPrefix("appended"), "\(stored.error)")
            let count = try await plain("events", "export").lines.count

            // It makes the tables of the index, and fills it.
            let shop = ShopProcess(url: database, variables: ["HINDSIGHT_LOG": log])
            let refused = try await shop.run(Self.append(ids[0], to: "other-2") + ["--id-index"])
            #expect(refused.status == .exited(1), "\(refused.output)")
            #expect(refused.error.contains("events are stored already, with another stream"), "\(refused.error)")
            #expect(refused.error.contains(ids[0].uuidString.lowercased()))

            let indexed = ShopProcess(url: database, variables: ["HINDSIGHT_LOG": log, "HINDSIGHT_ID_INDEX": "1"])
            let line =
                #"{"stream":"other-3","type":"Noted","at":"2026-01-01T10:00:00Z","data":{},"id":"\#(ids[1].uuidString)"}"#
            let imported = try await indexed("events", "import", "-", input: line + "\n")
            #expect(imported.status == .exited(1), "\(imported.output)")
            #expect(
                imported.error.contains("is stored at position 2 with another stream, type or data"),
                "\(imported.error)")

            #expect(try await indexed("events", "export").lines.count == count)
            let again = try await indexed.run(Self.append(ids[0], to: "known-0"))
            #expect(again.output.hasPrefix("stored already"), "\(again.error)")
            let new = try await indexed.run(Self.append(UUID(), to: "other-4"))
            #expect(new.status == .exited(0) && new.output.hasPrefix("appended"), "\(new.error)")
        }

        @Test("run keeps the index filled, and commands that read open no database for it")
        func fillsTheIndex() async throws {
            try await ShopFixture.with { fixture in
                let log = "\(try await NATSTestServer.shared().url)/\(NATSTestServer.uniqueName("SHOP"))"
                let elsewhere = ShopProcess(
                    url: Self.unreachable, variables: ["HINDSIGHT_LOG": log, "HINDSIGHT_ID_INDEX": "0"])
                let imported = try await elsewhere.run(["events", "import", "-"], input: Lines.orders(0..<3))
                #expect(imported.status == .exited(0), "\(imported.error)")
                let shop = ShopProcess(
                    url: fixture.pool.configuration.conninfo,
                    variables: ["HINDSIGHT_LOG": log, "HINDSIGHT_ID_INDEX": "1"])
                let run = try await shop("run", "--until-caught-up")
                #expect(run.status == .exited(0), "\(run.error)")
                let filled = try await fixture.pool.withSession { session in
                    try session.query(
                        "select l.position, (select count(*) from hindsight.event_ids) from hindsight.indexed_logs l"
                    ).map { [try $0.decode(0, as: Int64.self), try $0.decode(1, as: Int64.self)] }
                }
                #expect(filled == [[9, 9]])
                let read = try await ShopProcess(
                    url: Self.unreachable, variables: ["HINDSIGHT_LOG": log, "HINDSIGHT_ID_INDEX": "1"])(
                        "events", "read", "--json")
                #expect(read.status == .exited(0) && read.lines.count == 9, "\(read.error)")
            }
        }

        @Test("an index that has no meaning is an error that says what to do")
        func wrongUse() async throws {
            let log = "\(try await NATSTestServer.shared().url)/\(NATSTestServer.uniqueName("SHOP"))"
            let shop = ShopProcess(url: Self.unreachable)
            let reading = try await shop("events", "read", "--id-index", "--log", log)
            #expect(reading.status == .exited(1))
            #expect(reading.error.hasPrefix("shop: --id-index is for commands that append to the log"))
            for command in [["events", "read"], Self.append(UUID(), to: "a-1")] {
                let inDatabase = try await shop.run(command + ["--id-index"])
                #expect(inDatabase.status == .exited(1))
                #expect(
                    inDatabase.error.hasPrefix("shop: --id-index is for a log in a stream")
                        && inDatabase.error.contains("leave it out, or name the stream with --log or HINDSIGHT_LOG"))
            }
            // It is opened for the index alone.
            let nowhere = try await shop.run(Self.append(UUID(), to: "a-1") + ["--id-index", "--log", log])
            #expect(nowhere.status == .exited(1) && nowhere.error.contains("DATABASE_URL"), "\(nowhere.error)")
        }

        @Test("the variable is for all commands, and those that need no index pass it over")
        func variable() throws {
            let stream = try LogChoice(option: "nats://a/A", environment: [:])
            func uses(_ log: LogChoice, _ value: String?, _ preparation: SchemaPreparation) throws -> Bool {
                try log.usesIDIndex(
                    option: false, environment: value.map { ["HINDSIGHT_ID_INDEX": $0] } ?? [:],
                    preparation: preparation)
            }
            #expect(try uses(stream, "1", .migrate))
            for value in [nil, "", "0"] { #expect(try !uses(stream, value, .migrate)) }
            for preparation in [SchemaPreparation.require, .leave] { #expect(try !uses(stream, "1", preparation)) }
            #expect(try !uses(.database, "1", .migrate))
            let error = #expect(throws: CommandError.self) { try uses(.database, "yes", .require) }
            #expect(
                error?.description
                    == #"HINDSIGHT_ID_INDEX is "yes": it should be 1 for an index of the log's ids in the database, or 0"#
            )
        }
    }
#endif
