#if NATS
    /// How a stream is to be, or is.
    ///
    /// What is not set is left to the server. What this client does not know of a configuration that a server sent is kept, so
    /// that it can be changed and sent back:
    ///
    /// ```swift
    /// var configuration = try await jetStream.streamInfo("ORDERS").configuration
    /// configuration.maximumAge = .seconds(86_400)
    /// _ = try await jetStream.updateStream(configuration)
    /// ```
    ///
    /// Source: <https://docs.nats.io/nats-concepts/jetstream/streams>
    public struct StreamConfiguration: Sendable, Equatable {
        var members: JSONMembers

        /// A stream in files, with one replica if nothing else is set.
        ///
        /// - Parameters:
        ///   - name: 1 to 255 bytes without white space, dots, slashes and wildcards.
        ///   - subjects: what it stores. None for a mirror.
        public init(name: String, subjects: [NATSSubject]) {
            members = JSONMembers()
            members["name"] = name
            if !subjects.isEmpty { members["subjects"] = subjects }
        }

        init(_ members: JSONMembers) {
            self.members = members
        }

        /// Its name.
        public var name: String { members["name"] ?? "" }
        /// What it is for.
        public var summary: String? {
            get { members["description"] }
            set { members["description"] = newValue }
        }
        /// The subjects that it stores.
        public var subjects: [NATSSubject] {
            get { members["subjects"] ?? [] }
            set { members["subjects"] = newValue }
        }
        /// When messages are removed. Defaults to ``StreamRetention/limits``.
        public var retention: StreamRetention? {
            get { members["retention"] }
            set { members["retention"] = newValue }
        }
        /// Where messages are kept. Defaults to ``StreamStorage/file``.
        public var storage: StreamStorage? {
            get { members["storage"] }
            set { members["storage"] = newValue }
        }
        /// How many servers have it, 1 to 5. Defaults to 1.
        public var replicas: Int? {
            get { members["num_replicas"] }
            set { members["num_replicas"] = newValue }
        }
        /// What happens when a limit is reached. Defaults to ``StreamDiscard/old``, which removes history in silence.
        public var discard: StreamDiscard? {
            get { members["discard"] }
            set { members["discard"] = newValue }
        }
        /// Within which time a message id is known again. Servers default to 2 minutes.
        public var duplicateWindow: Duration? {
            get { members["duplicate_window"] }
            set { members["duplicate_window"] = newValue }
        }
        /// How many messages it keeps; `nil` for any number.
        public var maximumMessages: Int? {
            get { members[limit: "max_msgs"] }
            set { members[limit: "max_msgs"] = newValue }
        }
        /// How many messages of one subject it keeps; `nil` for any number.
        public var maximumMessagesPerSubject: Int? {
            get { members[limit: "max_msgs_per_subject"] }
            set { members[limit: "max_msgs_per_subject"] = newValue }
        }
        /// How many bytes it keeps; `nil` for any number.
        public var maximumBytes: Int? {
            get { members[limit: "max_bytes"] }
            set { members[limit: "max_bytes"] = newValue }
        }
        /// How old messages get; `nil` for any age.
        public var maximumAge: Duration? {
            get { members[limit: "max_age"] }
            set { members[limit: "max_age"] = newValue }
        }
        /// The largest message that it takes, in bytes; `nil` for what the server takes.
        public var maximumMessageSize: Int? {
            get { members[limit: "max_msg_size"] }
            set { members[limit: "max_msg_size"] = newValue }
        }
        /// How many consumers it can have at a time; `nil` for any number.
        public var maximumConsumers: Int? {
            get { members[limit: "max_consumers"] }
            set { members[limit: "max_consumers"] = newValue }
        }
        /// Whether it stores messages without answering to those who publish them.
        public var omitsAcks: Bool {
            get { members[flag: "no_ack"] }
            set { members[flag: "no_ack"] = newValue }
        }
        /// Whether messages can be read from any replica, which ``ReadPlace/anyReplica`` needs.
        public var allowsDirectReads: Bool {
            get { members[flag: "allow_direct"] }
            set { members[flag: "allow_direct"] = newValue }
        }
        /// Whether it takes atomic batches. Needs a server of 2.12.
        public var allowsBatches: Bool {
            get { members[flag: "allow_atomic"] }
            set { members[flag: "allow_atomic"] = newValue }
        }
        /// Whether no message can be deleted. It cannot be taken back.
        public var deniesDelete: Bool {
            get { members[flag: "deny_delete"] }
            set { members[flag: "deny_delete"] = newValue }
        }
        /// Whether it cannot be purged. It cannot be taken back.
        public var deniesPurge: Bool {
            get { members[flag: "deny_purge"] }
            set { members[flag: "deny_purge"] = newValue }
        }
        /// Whether a message can replace all that came before it.
        public var allowsRollup: Bool {
            get { members[flag: "allow_rollup_hdrs"] }
            set { members[flag: "allow_rollup_hdrs"] = newValue }
        }
        /// Whether messages can have an age limit of their own.
        public var allowsMessageLifetimes: Bool {
            get { members[flag: "allow_msg_ttl"] }
            set { members[flag: "allow_msg_ttl"] = newValue }
        }
        /// Whether nothing can be added or removed any more.
        public var isSealed: Bool { members[flag: "sealed"] }
        /// How files are compressed.
        public var compression: StreamCompression? {
            get { members["compression"] }
            set { members["compression"] = newValue }
        }
        /// How a file is written before a message is acknowledged: with `async`, not at all.
        public var persistMode: String? {
            get { members["persist_mode"] }
            set { members["persist_mode"] = newValue }
        }
        /// The sequence of its first message. Servers default to 1.
        public var firstSequence: UInt64? {
            get { members["first_seq"] }
            set { members["first_seq"] = newValue }
        }
        /// Names and values that somebody has given it, with those that the server adds, which begin with `_nats.`.
        public var metadata: [String: String] {
            get { members["metadata"] ?? [:] }
            set { members["metadata"] = newValue }
        }
        /// The stream of which it is a copy.
        public var mirror: StreamSource? {
            get { members["mirror"] }
            set { members["mirror"] = newValue }
        }
        /// The streams whose messages it gets.
        public var sources: [StreamSource] {
            get { members["sources"] ?? [] }
            set { members["sources"] = newValue }
        }
        /// How subjects are changed before they are stored; `nil` if they are not.
        public var subjectTransform: StreamSubjectTransform? {
            get { members["subject_transform"] }
            set { members["subject_transform"] = newValue }
        }
        /// Whether stored messages are published again under other subjects.
        public var isRepublished: Bool { members.values["republish"].map { !$0.isNothing } ?? false }
    }
#endif
