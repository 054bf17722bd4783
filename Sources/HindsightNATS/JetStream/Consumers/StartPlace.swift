#if NATS
    /// Where the reading of a stream begins.
    public enum StartPlace: Sendable, Equatable {
        /// With the first message.
        case first
        /// With this message, or the first one behind it. If it is not stored yet it is waited for.
        case sequence(UInt64)
        /// With the first message that was stored at this time or later.
        case time(JetStreamTime)
        /// With the last message that is there.
        case last
        /// With the last message of each subject.
        case lastOfEachSubject
        /// With what is stored from now on.
        case new

        init?(of members: JSONMembers) {
            switch members["deliver_policy"] as String? {
            case "all": self = .first
            case "last": self = .last
            case "last_per_subject": self = .lastOfEachSubject
            case "new": self = .new
            case "by_start_sequence": self = .sequence(members["opt_start_seq"] ?? 1)
            case "by_start_time":
                guard let time: JetStreamTime = members["opt_start_time"] else { return nil }
                self = .time(time)
            case nil, _?: return nil
            }
        }

        func write(into members: inout JSONMembers) {
            members["opt_start_seq"] = nil as UInt64?
            members["opt_start_time"] = nil as JetStreamTime?
            switch self {
            case .first: members["deliver_policy"] = "all"
            case .last: members["deliver_policy"] = "last"
            case .lastOfEachSubject: members["deliver_policy"] = "last_per_subject"
            case .new: members["deliver_policy"] = "new"
            case .sequence(let sequence):
                members["deliver_policy"] = "by_start_sequence"
                members["opt_start_seq"] = sequence
            case .time(let time):
                members["deliver_policy"] = "by_start_time"
                members["opt_start_time"] = time
            }
        }
    }
#endif
