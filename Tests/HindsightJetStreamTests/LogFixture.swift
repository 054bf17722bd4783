#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightTestSupport
    import Logging

    /// A log in a stream of its own, with the connection that it uses.
    struct LogFixture: Sendable {
        let client: NATSClient
        let log: JetStreamEventLog

        static let logger: Logger = {
            var logger = Logger(label: "test")
            logger.logLevel = .error
            return logger
        }()

        /// Another log object on the same stream.
        func another() -> JetStreamEventLog {
            JetStreamEventLog(client, stream: log.streamName, configuration: log.configuration, logger: Self.logger)
        }

        /// Waits until the servers have forgotten the ids of all events that are stored when this is called. Appends two events more.
        func waitUntilIDsAreForgotten() async throws {
            let marker = NewEvent(type: "Marker", data: Array("{}".utf8))
            let number = NATSTestServer.uniqueName()
            try await log.append([marker], to: StreamName(category: "marker", id: "\(number)-1"), expected: .noStream)
            while true {
                do throws(any Error) {
                    try await another().append(
                        [marker], to: StreamName(category: "marker", id: "\(number)-2"), expected: .noStream)
                    return
                } catch let error as EventLogError where error.code == .knownEvents {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }

        /// Connects to a server.
        static func withClient<Value: Sendable>(
            _ urls: [String], _ body: (NATSClient) async throws -> Value
        ) async throws -> Value {
            var configuration = NATSConfiguration()
            configuration.servers = urls
            return try await NATSClient.withClient(configuration, logger: logger, body)
        }

        /// Runs `body` with an empty log on the server that all tests share.
        static func withLog<Value: Sendable>(
            _ change: (inout JetStreamEventLog.Configuration) -> Void = { _ in },
            _ body: (LogFixture) async throws -> Value
        ) async throws -> Value {
            let server = try await NATSTestServer.shared()
            return try await withClient([server.url]) { client in
                try await withLog(client, change, body)
            }
        }

        /// Runs `body` with an empty log of a connection.
        static func withLog<Value: Sendable>(
            _ client: NATSClient, _ change: (inout JetStreamEventLog.Configuration) -> Void = { _ in },
            _ body: (LogFixture) async throws -> Value
        ) async throws -> Value {
            var configuration = JetStreamEventLog.Configuration()
            configuration.pollInterval = .milliseconds(100)
            change(&configuration)
            let name = NATSTestServer.uniqueName("log")
            let log = JetStreamEventLog(client, stream: name, configuration: configuration, logger: logger)
            try await log.prepare()
            let fixture = LogFixture(client: client, log: log)
            do {
                let value = try await body(fixture)
                try? await JetStream(client).deleteStream(name)
                return value
            } catch {
                try? await JetStream(client).deleteStream(name)
                throw error
            }
        }
    }
#endif
