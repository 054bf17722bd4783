#if NATS
    /// Which messages are read at once from any replica.
    public struct MessageSelection: Sendable {
        /// What is asked for, without the limits.
        var members: JSONMembers
        /// How many messages at most.
        public var maximumMessages = 1000
        /// How many bytes the server sends at most, with at least one message. Defaults to 8 MiB. Without it a server sends all at
        /// once, and closes the connection of a client that does not keep up.
        public var maximumBytes = 8 << 20

        private init(_ members: JSONMembers) {
            self.members = members
        }

        /// The messages of a subject, wildcards included, from a sequence on.
        public static func from(_ sequence: UInt64, of subject: NATSSubject = ">") -> Self {
            Self(JSONMembers(["seq": sequence.json, "next_by_subj": subject.json]))
        }

        /// The messages of a subject that were stored at a time or later.
        public static func since(_ time: JetStreamTime, of subject: NATSSubject = ">") -> Self {
            Self(JSONMembers(["start_time": time.json, "next_by_subj": subject.json]))
        }

        /// The last message of each subject, wildcards included; of those up to a sequence, if one is given.
        public static func last(of subjects: [NATSSubject], upTo sequence: UInt64? = nil) -> Self {
            var members = JSONMembers(["multi_last": subjects.json])
            members["up_to_seq"] = sequence
            return Self(members)
        }

        /// So many messages at most.
        public func limited(toMessages messages: Int, bytes: Int = 8 << 20) -> Self {
            var limited = self
            limited.maximumMessages = messages
            limited.maximumBytes = bytes
            return limited
        }

        /// What is asked for.
        var request: JSONMembers {
            var request = members
            request["batch"] = max(1, maximumMessages)
            request["max_bytes"] = max(1, maximumBytes)
            return request
        }
    }

    /// Messages that were read at once.
    public struct StoredMessages: Sendable {
        /// The messages, in the order of the stream.
        public let messages: [StoredMessage]
        /// How many more there are that were asked for.
        public let pending: UInt64
        /// The sequence up to which the server answered for ``MessageSelection/last(of:upTo:)``, if it says so. Ask for the rest
        /// with it, so that all are of one moment.
        public let upTo: UInt64?
    }
#endif
