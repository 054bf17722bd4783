#if NATS
    /// Which message of a stream is read.
    public enum MessagePlace: Sendable, Equatable {
        /// The message with this sequence.
        case sequence(UInt64)
        /// The last message of a subject without wildcards.
        case last(NATSSubject)
        /// The first message of a subject, wildcards included, that has this sequence or a higher one.
        case next(NATSSubject, from: UInt64)
        /// The first message that was stored at this time or later.
        case time(JetStreamTime)

        var members: JSONMembers {
            switch self {
            case .sequence(let sequence): JSONMembers(["seq": sequence.json])
            case .last(let subject): JSONMembers(["last_by_subj": subject.json])
            case .next(let subject, let sequence):
                JSONMembers(["seq": sequence.json, "next_by_subj": subject.json])
            case .time(let time): JSONMembers(["start_time": time.json])
            }
        }
    }

    extension MessagePlace: CustomStringConvertible {
        /// The place in words.
        public var description: String {
            switch self {
            case .sequence(let sequence): "message \(sequence)"
            case .last(let subject): "the last message of \(subject)"
            case .next(let subject, let sequence): "the first message of \(subject) from \(sequence)"
            case .time(let time): "the first message since \(time)"
            }
        }
    }

    /// Which server of a stream answers.
    public enum ReadPlace: Sendable {
        /// The leader, which has all that was acknowledged, unless it was cut off from the others and does not know it yet.
        case leader
        /// Any server that has the stream. It can be behind, and then says that a message is not there. Needs
        /// ``StreamConfiguration/allowsDirectReads``.
        case anyReplica
    }
#endif
