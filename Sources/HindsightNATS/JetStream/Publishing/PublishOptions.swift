#if NATS
    /// What a stream has to know of a message, and what it has to find, before it stores it.
    public struct PublishOptions: Sendable, Equatable {
        /// The message's id. A stream that has stored a message with this id within its duplicate window, on whatever subject,
        /// does not store another one: see ``PublishAck/isDuplicate``.
        public var messageID: String?
        /// The stream that the subject has to belong to.
        public var expectedStream: String?
        /// The sequence of the stream's last message; 0 if it has to be empty.
        public var expectedLastSequence: UInt64?
        /// The sequence in the stream of the last message of the subject; 0 if there must be none.
        public var expectedLastSubjectSequence: UInt64?
        /// The subject that ``expectedLastSubjectSequence`` speaks of, if it is not the message's own.
        ///
        /// - Warning: With a wildcard it is exact on one server only. On a cluster two publishers who write to different subjects
        ///   at the same moment both succeed.
        public var expectedSubject: NATSSubject?
        /// The id of the stream's last message.
        public var expectedLastMessageID: String?

        /// Conditions; none if nothing is set.
        public init(
            messageID: String? = nil, expectedStream: String? = nil, expectedLastSequence: UInt64? = nil,
            expectedLastSubjectSequence: UInt64? = nil, expectedSubject: NATSSubject? = nil,
            expectedLastMessageID: String? = nil
        ) {
            self.messageID = messageID
            self.expectedStream = expectedStream
            self.expectedLastSequence = expectedLastSequence
            self.expectedLastSubjectSequence = expectedLastSubjectSequence
            self.expectedSubject = expectedSubject
            self.expectedLastMessageID = expectedLastMessageID
        }

        /// The headers of a message with these conditions behind its own.
        func headers(with own: NATSHeaders) -> NATSHeaders {
            var headers = own
            if let messageID { headers.append(messageID, for: "Nats-Msg-Id") }
            if let expectedStream { headers.append(expectedStream, for: "Nats-Expected-Stream") }
            if let expectedLastSequence {
                headers.append(String(expectedLastSequence), for: "Nats-Expected-Last-Sequence")
            }
            if let expectedLastSubjectSequence {
                headers.append(String(expectedLastSubjectSequence), for: "Nats-Expected-Last-Subject-Sequence")
            }
            if let expectedSubject {
                headers.append(expectedSubject.rawValue, for: "Nats-Expected-Last-Subject-Sequence-Subject")
            }
            if let expectedLastMessageID { headers.append(expectedLastMessageID, for: "Nats-Expected-Last-Msg-Id") }
            return headers
        }
    }
#endif
