import Hindsight
import HindsightPostgres
import Logging

#if NATS
    import HindsightJetStream
    import HindsightNATS
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Opens a log on JetStream; the only place in the command line that knows this kind.
struct LogOpening {
    let address: StreamAddress
    /// By which name the servers know the connection.
    let client: String
    let logger: Logger
    /// The database with the index of the log's ids, and the schema of its tables; nil if none is used.
    var ids: (pool: PostgresPool, schema: String)?

    #if NATS
        /// Runs `body` with the log, while this process is connected to its servers. Nothing was asked of the log yet.
        ///
        /// - Throws: ``UnreachableLog``; what `body` throws.
        func open<Value>(_ body: (JetStreamEventLog) async throws -> Value) async throws -> Value {
            var configuration = try StreamAccess(environment: ProcessInfo.processInfo.environment).configuration()
            configuration.servers = address.servers
            configuration.name = client
            try await check(configuration)
            let settings = settings
            // What `body` returns never leaves this task, so it need not be sendable.
            var outcome: Result<Value, any Error>?
            do {
                try await NATSClient.withClient(configuration, logger: logger) { client in
                    let log = JetStreamEventLog(
                        client, stream: address.stream, configuration: settings, logger: logger)
                    do {
                        outcome = .success(try await body(log))
                    } catch {
                        outcome = .failure(error)
                    }
                }
            } catch  where outcome != nil {
                // However the connection ended, `body` has come to its end.
            }
            guard let outcome else { throw CancellationError() }
            return try outcome.get()
        }

        private var settings: JetStreamEventLog.Configuration {
            var settings = JetStreamEventLog.Configuration()
            if let ids {
                var index = IDIndex(pool: ids.pool)
                index.schema = ids.schema
                settings.idIndex = index
            }
            return settings
        }

        /// Connects once, so that unreachable servers are reported at once, with the reason and nothing else.
        private func check(_ configuration: NATSConfiguration) async throws {
            var quiet = logger
            quiet.logLevel = .critical
            do {
                try await NATSClient.withClient(configuration, logger: quiet) { _ in }
            } catch let error as NATSError where error.code != .cancelled {
                let cause = error.underlying.map { " (\($0))" } ?? ""
                throw UnreachableLog(place: "\(address)", reason: error.message + cause)
            }
        }

        /// Whether an error says that there is no stream for the log.
        static func isMissing(_ error: any Error) -> Bool {
            ((error as? EventLogError)?.underlying as? JetStreamError)?.code == .streamNotFound
        }
    #else
        /// Refuses: this program has no client of NATS.
        func open<Value>(_ body: (any EventLog) async throws -> Value) async throws -> Value {
            throw CommandError.withoutNATS("\(address) cannot be opened")
        }

        /// Never: there are no such logs without NATS.
        static func isMissing(_ error: any Error) -> Bool { false }
    #endif
}
