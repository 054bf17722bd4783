#if NATS
    public import HindsightLog
    public import HindsightNATS
    import HindsightValues
    public import Logging
    import Synchronization

    #if canImport(FoundationEssentials)
        public import FoundationEssentials
    #else
        public import Foundation
    #endif

    /// The event log in one stream of JetStream, on one server or a cluster.
    ///
    /// ```swift
    /// let client = try NATSClient(NATSConfiguration(), logger: logger)
    /// let log = JetStreamEventLog(client, stream: "SHOP", logger: logger)
    /// try await log.prepare()
    /// try await log.append([placed], to: "order-1", expected: .noStream)
    /// ```
    ///
    /// The client is run by whoever made it; what is called while it is not connected waits and then fails with `unavailable`.
    ///
    /// ## Appending
    /// Each append says where its streams end, and the server refuses it if they do not: appends need no lock and are safe to repeat.
    /// Several events are an atomic batch. On a server alone a batch takes ten times as long as one event, on a cluster about as long.
    ///
    /// ## Reading
    /// Positions are the sequences of the stream, without holes. Whether a place is still the same is asked of the stream's leader, and
    /// what a server says that may have been cut off from the others is only believed when a majority confirms it.
    ///
    /// ## What it cannot do
    /// Without an index of ids (``Configuration/idIndex``), an id that comes back in another stream later than the stream's duplicate window
    /// is not recognised, and events are not found by their ids. A boundary wider than the streams of an append is not to be had, and types are chosen by reading everything. A promise about
    /// power loss needs `sync_interval: always` in the servers' configuration, which a client cannot see.
    public final class JetStreamEventLog: EventLog {
        /// The settings of a log.
        public struct Configuration: Sendable {
            /// What the subjects of the log's events begin with, one token: letters, digits, `_` and `-`. Defaults to the name of the
            /// stream.
            public var subjectPrefix: String?
            /// How many servers have the stream when it is created, 1 to 5; `nil` for 3 on a cluster, and 1 on a server alone.
            public var replicas: Int?
            /// Within which time the server knows an id again when the stream is created. Defaults to 2 minutes.
            public var duplicateWindow = Duration.seconds(120)
            /// For how long an append is tried while a leader is elected or others are in the way, without the time that it takes to look
            /// through streams for its ids as long as answers come. Defaults to 15 seconds.
            public var appendTimeout = Duration.seconds(15)
            /// How long one answer of a server may take. Defaults to 5 seconds.
            public var answerTimeout = Duration.seconds(5)
            /// For how long the leader of a cluster must repeat what would stop readers, such as that an event is gone, or what makes
            /// an append fail because its stream is shorter than expected: longer than an election takes, and than a server takes to
            /// find out that it was cut off. Defaults to 10 seconds.
            public var confirmationTime = Duration.seconds(10)
            /// Of how many streams the end is remembered, so that an append need not ask for it. Defaults to `100_000`, some 20 MB.
            public var rememberedStreams = 100_000
            /// How often a reader looks for events without being woken. Defaults to one second.
            public var pollInterval = Duration.seconds(1)
            /// An index in PostgreSQL, with which ids are found again in any stream, however long ago they were stored. Defaults to none.
            ///
            /// An append asks it only if an id was not made by this process lately. It must be filled by then: a program that runs the
            /// log (``JetStreamEventLog/run()``) does that, else the append does. ``JetStreamEventLog/prepare()`` fills it for the first
            /// time, which reads the headers of the whole log. A message that is on its way for longer than the servers' window is not
            /// recognised.
            public var idIndex: IDIndex?

            /// The defaults.
            public init() {}

            /// How long a reader waits for an event that must be there, as the log reaches further.
            var messageTimeout: Duration { answerTimeout * 3 }
        }

        /// The log's settings.
        public let configuration: Configuration

        /// The connection that the log uses.
        public var client: NATSClient { stream.jetStream.client }
        /// The name of the stream that the log is in.
        public var streamName: String { stream.name }

        let stream: LogStream
        let logger: Logger
        let signal: LogSignal
        let tails: TailCache
        let imported = ImportedIDs(capacity: 8_000_000)
        let suspicions: Suspicions
        /// What is fixed for the life of a log.
        let description = Mutex<LogDescription?>(nil)
        /// The highest place that any server has told of.
        let highest = Mutex<Offset>(.beginning)

        /// A log in a stream. Nothing happens before its first use; the stream must be there by then (``prepare()``).
        ///
        /// - Parameters:
        ///   - client: the connection, which somebody else runs.
        ///   - stream: the name of the stream, without white space, dots, slashes and wildcards.
        ///   - configuration: the settings.
        ///   - logger: gets what endangers the log.
        public init(
            _ client: NATSClient, stream: String, configuration: Configuration = Configuration(), logger: Logger
        ) {
            self.configuration = configuration
            self.logger = logger
            self.stream = LogStream(
                jetStream: JetStream(
                    client, timeout: configuration.answerTimeout, patience: configuration.appendTimeout),
                name: stream, mapping: SubjectMapping(prefix: configuration.subjectPrefix ?? stream))
            signal = LogSignal(pollInterval: configuration.pollInterval)
            tails = TailCache(capacity: configuration.rememberedStreams)
            suspicions = Suspicions(
                confirmationTime: configuration.confirmationTime, pause: configuration.messageTimeout)
        }

        /// Events, with their headers, fit into the server's messages; an append is one batch of at most 1,000.
        public var limits: EventLogLimits {
            LogStream.limits(maximumPayload: stream.jetStream.client.serverInfo?.maximumPayload ?? 1 << 20)
        }

        /// Events of another log are taken as they are, the server counts its messages and subjects, and an index finds ids.
        public var abilities: LogAbilities {
            configuration.idIndex == nil ? [.verbatimImport, .size] : [.verbatimImport, .size, .eventsByID]
        }

        /// The log's identity, which is in the stream's metadata.
        public func identity() async throws -> UUID {
            try await describe().identity
        }

        /// Creates the stream if it is missing, and refuses one whose settings could remove or change events. If the log has an index
        /// of ids, it is filled.
        ///
        /// - Throws: ``EventLogError`` with `unusableLog` and what is wrong with the stream or the index, `notPermitted` for the index, or
        ///   `unavailable`.
        public func prepare() async throws {
            let found = try await stream.prepare(
                replicas: configuration.replicas, duplicateWindow: configuration.duplicateWindow)
            for warning in found.warnings {
                logger.warning(
                    "the log's stream has a setting that endangers it",
                    metadata: ["nats.stream": "\(stream.name)", "nats.warning": "\(warning)"])
            }
            description.withLock { $0 = found }
            guard let store = try await idStore() else { return }
            _ = try await serversMemory()
            try await fillIDIndex(store, until: nil)
        }

        /// Checks that the stream still holds the log that it did: after a sign that it may be another one, or an older copy.
        ///
        /// - Throws: ``EventLogError`` with `unusableLog`.
        func checkIdentity() async throws {
            let (known, found) = (try await describe(), try await stream.describe())
            guard known.identity == found.identity else {
                throw EventLogError(
                    .unusableLog,
                    "the stream \(stream.name) holds another log than before, \(found.identity.uuidString.lowercased()) in place of \(known.identity.uuidString.lowercased()): it was deleted and created again. Restore the log, or start the program again to use the new one"
                )
            }
        }

        func describe() async throws -> LogDescription {
            if let known = description.withLock({ $0 }) { return known }
            let found = try await stream.describe()
            description.withLock { $0 = found }
            return found
        }
    }
#endif
