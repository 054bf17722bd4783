#if NATS
    /// Which messages of a stream are removed.
    public struct StreamPurge: Sendable {
        let members: JSONMembers

        private init(_ members: JSONMembers) {
            self.members = members
        }

        /// All messages.
        public static let all = StreamPurge(JSONMembers())

        /// All messages of a subject, wildcards included.
        public static func subject(_ subject: NATSSubject) -> Self {
            Self(JSONMembers(["filter": subject.json]))
        }

        /// All messages before a sequence, of a subject if one is given.
        public static func before(_ sequence: UInt64, of subject: NATSSubject? = nil) -> Self {
            var members = JSONMembers(["seq": sequence.json])
            members["filter"] = subject
            return Self(members)
        }

        /// All messages but the last ones, of a subject if one is given.
        public static func keepingLast(_ count: Int, of subject: NATSSubject? = nil) -> Self {
            var members = JSONMembers(["keep": count.json])
            members["filter"] = subject
            return Self(members)
        }
    }
#endif
