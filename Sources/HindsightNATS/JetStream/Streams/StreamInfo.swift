#if NATS
    /// What a server says of a stream.
    ///
    /// A server that was cut off from the others goes on answering with what it knows: ``cluster`` says whether to believe it.
    public struct StreamInfo: Sendable, Equatable {
        /// How it is configured, with the defaults of the server.
        public let configuration: StreamConfiguration
        /// When it was created. A stream that lost messages keeps the time.
        public let created: JetStreamTime?
        /// What it holds.
        public let state: StreamState
        /// Which servers have it; `nil` if the server does not say.
        public let cluster: StreamCluster?
        /// When the server said so.
        public let time: JetStreamTime?

        init(_ answer: JSONMembers, _ what: String) throws(JetStreamError) {
            guard let configuration: JSONMembers = answer["config"], let state: JSONMembers = answer["state"] else {
                throw JetStreamError(.unexpectedAnswer, "\(what): the answer has no configuration or no state")
            }
            self.configuration = StreamConfiguration(configuration)
            self.state = StreamState(state)
            created = answer["created"]
            cluster = (answer["cluster"] as JSONMembers?).map { StreamCluster($0) }
            time = answer["ts"]
        }
    }

    /// What a stream holds.
    public struct StreamState: Sendable, Equatable {
        /// How many messages.
        public let messages: UInt64
        /// How many bytes they take in the store.
        public let bytes: UInt64
        /// The sequence of the first message; of the next one if there is none. 0 before the first message ever.
        public let firstSequence: UInt64
        /// The sequence of the last message that was ever stored; 0 if none was.
        public let lastSequence: UInt64
        /// When the first message was stored; `nil` if there is none.
        public let firstTime: JetStreamTime?
        /// When the last message was stored; `nil` if none was.
        public let lastTime: JetStreamTime?
        /// How many messages between the first and the last were removed.
        public let deleted: UInt64
        /// How many subjects have messages; `nil` if the server does not say.
        public let subjectCount: Int?
        /// How many messages each subject has, if that was asked for.
        public let subjects: [String: UInt64]
        /// How many consumers there are.
        public let consumers: Int

        init(_ members: JSONMembers) {
            messages = members["messages"] ?? 0
            bytes = members["bytes"] ?? 0
            firstSequence = members["first_seq"] ?? 0
            lastSequence = members["last_seq"] ?? 0
            firstTime = members["first_ts"]
            lastTime = members["last_ts"]
            deleted = members["num_deleted"] ?? 0
            subjectCount = members["num_subjects"]
            subjects = members["subjects"] ?? [:]
            consumers = members["consumer_count"] ?? 0
        }
    }

    /// Which servers have a stream or a consumer.
    public struct StreamCluster: Sendable, Equatable {
        /// The name of the cluster; `nil` for a server alone.
        public let name: String?
        /// The server that leads; `nil` while one is elected.
        public let leader: String?
        /// The others.
        public let replicas: [StreamReplica]

        init(_ members: JSONMembers) {
            name = members["name"]
            leader = (members["leader"] as String?).flatMap { $0.isEmpty ? nil : $0 }
            replicas = (members["replicas"] as [JSONMembers]? ?? []).map { StreamReplica($0) }
        }
    }

    /// A server that has a copy of a stream or a consumer, as its leader sees it.
    public struct StreamReplica: Sendable, Equatable {
        /// The server.
        public let name: String
        /// Whether it has all that the leader has.
        public let isCurrent: Bool
        /// Whether the leader takes it to be gone.
        public let isOffline: Bool
        /// When the leader last heard of it, as a time before now.
        public let lastHeard: Duration
        /// How many operations it is behind.
        public let lag: UInt64

        init(_ members: JSONMembers) {
            name = members["name"] ?? ""
            isCurrent = members[flag: "current"]
            isOffline = members[flag: "offline"]
            lastHeard = members["active"] ?? .zero
            lag = members["lag"] ?? 0
        }
    }
#endif
