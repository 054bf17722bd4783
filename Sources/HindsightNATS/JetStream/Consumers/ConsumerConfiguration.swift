#if NATS
    /// How a consumer is to be, or is: a place in a stream that a server keeps.
    ///
    /// What is not set is left to the server, and what this client does not know of a configuration that a server sent is kept.
    ///
    /// Source: <https://docs.nats.io/nats-concepts/jetstream/consumers>
    public struct ConsumerConfiguration: Sendable, Equatable {
        var members: JSONMembers

        /// A consumer that remembers its place until it is deleted, and whose messages are acknowledged one by one.
        ///
        /// - Parameter name: 1 to 255 bytes without white space, dots, slashes and wildcards.
        /// - Returns: a configuration to go on with.
        public static func durable(_ name: String) -> Self {
            var configuration = Self(JSONMembers())
            configuration.members["name"] = name
            configuration.members["durable_name"] = name
            configuration.acknowledgement = .explicit
            return configuration
        }

        /// A consumer that a server deletes when nobody has asked it for messages for a while.
        ///
        /// - Parameters:
        ///   - name: as for a durable one.
        ///   - duration: for how long nobody has to have asked.
        public static func ephemeral(_ name: String, inactiveFor duration: Duration) -> Self {
            var configuration = Self(JSONMembers())
            configuration.members["name"] = name
            configuration.acknowledgement = .explicit
            configuration.inactiveThreshold = duration
            return configuration
        }

        init(_ members: JSONMembers) {
            self.members = members
        }

        /// Its name.
        public var name: String { members["name"] ?? members["durable_name"] ?? "" }
        /// Whether it stays when nobody asks it for messages.
        public var isDurable: Bool { members.values["durable_name"] != nil }
        /// What it is for.
        public var summary: String? {
            get { members["description"] }
            set { members["description"] = newValue }
        }
        /// How messages are acknowledged.
        public var acknowledgement: ConsumerAcknowledgement? {
            get { members["ack_policy"] }
            set { members["ack_policy"] = newValue }
        }
        /// How long a message may be without acknowledgement before it is delivered again. Servers default to 30 seconds.
        public var acknowledgementWait: Duration? {
            get { members["ack_wait"] }
            set { members["ack_wait"] = newValue }
        }
        /// How many messages may be without acknowledgement at a time; with 1 the order is kept also when messages are delivered
        /// again. Servers default to 1,000.
        public var maximumUnacknowledged: Int? {
            get { members[limit: "max_ack_pending"] }
            set { members[limit: "max_ack_pending"] = newValue }
        }
        /// How often a message is delivered; `nil` until it is acknowledged. Beyond it the message is passed over in silence.
        public var maximumDeliveries: Int? {
            get { members[limit: "max_deliver"] }
            set { members[limit: "max_deliver"] = newValue }
        }
        /// After which times a message is delivered again, the last of them for ever; instead of ``acknowledgementWait``.
        public var backoff: [Duration] {
            get { members["backoff"] ?? [] }
            set { members["backoff"] = newValue }
        }
        /// The subjects that it wants, wildcards included; none for all. More than one makes a server slow: it walks through all
        /// subjects for each message.
        public var filters: [NATSSubject] {
            get {
                if let one: NATSSubject = members["filter_subject"] { return [one] }
                return members["filter_subjects"] ?? []
            }
            set {
                members["filter_subject"] = newValue.count == 1 ? newValue[0] : nil
                members["filter_subjects"] = newValue.count > 1 ? newValue : nil
            }
        }
        /// Whether only headers are delivered, without payloads.
        public var deliversHeadersOnly: Bool {
            get { members[flag: "headers_only"] }
            set { members[flag: "headers_only"] = newValue }
        }
        /// For how long nobody has to have asked for messages before it is deleted; `nil` for never, if it is durable.
        public var inactiveThreshold: Duration? {
            get { members[limit: "inactive_threshold"] }
            set { members[limit: "inactive_threshold"] = newValue }
        }
        /// How many servers have it; `nil` for as many as the stream.
        public var replicas: Int? {
            get { members[limit: "num_replicas"] }
            set { members[limit: "num_replicas"] = newValue }
        }
        /// Whether its state is kept in memory, even if the stream is in files.
        public var isInMemory: Bool {
            get { members[flag: "mem_storage"] }
            set { members[flag: "mem_storage"] = newValue }
        }
        /// How many requests for messages may wait at a time. Servers default to 512.
        public var maximumWaiting: Int? {
            get { members[limit: "max_waiting"] }
            set { members[limit: "max_waiting"] = newValue }
        }
        /// Names and values that somebody has given it, with those that the server adds, which begin with `_nats.`.
        public var metadata: [String: String] {
            get { members["metadata"] ?? [:] }
            set { members["metadata"] = newValue }
        }
        /// Where it begins. Defaults to ``StartPlace/first``.
        public var start: StartPlace? {
            get { StartPlace(of: members) }
            set { (newValue ?? .first).write(into: &members) }
        }
    }
#endif
