#if NATS
    /// A stream's word that it has stored a message, on as many of its servers as make a majority.
    ///
    /// With the server's default `sync_interval` that is no promise about a machine that loses its power.
    public struct PublishAck: Sendable, Equatable {
        /// The stream.
        public var stream: String
        /// The message's sequence; of the last message of a batch.
        public var sequence: UInt64
        /// The stream had a message with this id already, at ``sequence``, and has not stored this one. That message can have
        /// another subject and another payload.
        public var isDuplicate = false
        /// The stream's JetStream domain.
        public var domain: String?
        /// The id of the batch.
        public var batchID: String?
        /// How many messages the batch had.
        public var batchCount: Int?

        init(stream: String, sequence: UInt64) {
            self.stream = stream
            self.sequence = sequence
        }
    }

    extension PublishAck {
        /// The ack in an answer.
        ///
        /// - Throws: what the server says instead.
        init(_ answer: NATSMessage, _ what: @autoclosure () -> String) throws(JetStreamError) {
            if answer.status?.code == NATSStatus.noRespondersCode { throw JetStreamError.nobodyAnswers(what()) }
            guard let ack = answer.withPayload({ PublishAckScanner.ack(in: $0) }) else {
                throw Self.failure(in: answer, what())
            }
            self = ack
        }

        private static func failure(in answer: NATSMessage, _ what: String) -> JetStreamError {
            do throws(JetStreamError) {
                let members = try JSONMembers(of: answer, what)
                return JetStreamError(in: members, what)
                    ?? JetStreamError(.unexpectedAnswer, "\(what): the answer is neither an ack nor an error")
            } catch {
                return error
            }
        }
    }
#endif
