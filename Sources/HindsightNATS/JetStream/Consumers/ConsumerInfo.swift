#if NATS
    /// What a server says of a consumer.
    public struct ConsumerInfo: Sendable, Equatable {
        /// Its stream.
        public let stream: String
        /// Its name.
        public let name: String
        /// How it is configured, with the defaults of the server.
        public let configuration: ConsumerConfiguration
        /// When it was created.
        public let created: JetStreamTime?
        /// The last message that was delivered.
        public let delivered: ConsumerPosition
        /// The last message before which all are acknowledged.
        public let acknowledged: ConsumerPosition
        /// How many messages were delivered and not acknowledged.
        public let unacknowledged: Int
        /// How many of them were delivered more than once.
        public let redelivered: Int
        /// How many requests for messages wait.
        public let waiting: Int
        /// How many messages of the stream it has not delivered.
        public let pending: UInt64
        /// Which servers have it; `nil` if the server does not say.
        public let cluster: StreamCluster?

        init(_ answer: JSONMembers, _ what: String) throws(JetStreamError) {
            guard let configuration: JSONMembers = answer["config"], let name: String = answer["name"] else {
                throw JetStreamError(.unexpectedAnswer, "\(what): the answer has no configuration or no name")
            }
            stream = answer["stream_name"] ?? ""
            self.name = name
            self.configuration = ConsumerConfiguration(configuration)
            created = answer["created"]
            delivered = ConsumerPosition(answer["delivered"])
            acknowledged = ConsumerPosition(answer["ack_floor"])
            unacknowledged = answer["num_ack_pending"] ?? 0
            redelivered = answer["num_redelivered"] ?? 0
            waiting = answer["num_waiting"] ?? 0
            pending = answer["num_pending"] ?? 0
            cluster = (answer["cluster"] as JSONMembers?).map { StreamCluster($0) }
        }
    }

    /// A place of a consumer.
    public struct ConsumerPosition: Sendable, Equatable {
        /// How many deliveries there were, with repeated ones.
        public let consumerSequence: UInt64
        /// The sequence in the stream.
        public let streamSequence: UInt64

        init(_ members: JSONMembers?) {
            consumerSequence = members?["consumer_seq"] ?? 0
            streamSequence = members?["stream_seq"] ?? 0
        }
    }
#endif
