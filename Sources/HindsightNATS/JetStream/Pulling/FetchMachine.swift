#if NATS
    /// One fetch, without network and tasks: when it has all.
    package struct FetchMachine {
        /// What follows from what the server says.
        package enum Next: Equatable {
            case goOn
            /// There is nothing more to come.
            case done
            case failed(JetStreamError.Code, String)
            /// Nobody answers: the consumer is gone, or away.
            case unanswered
        }

        /// How many messages can still come.
        package private(set) var remaining: Int

        package init(count: Int) {
            remaining = count
        }

        /// A message came.
        package mutating func received() {
            remaining -= 1
        }

        /// The server said something.
        package mutating func heard(_ status: PullStatus) -> Next {
            switch status {
            case .heartbeat: return .goOn
            case .ended, .tooLarge, .noMessages:
                remaining = 0
                return .done
            case .interrupted(let text):
                remaining = 0
                return .failed(.unavailable, text)
            case .noResponders:
                remaining = 0
                return .unanswered
            case .deleted:
                remaining = 0
                return .failed(.consumerDeleted, "the consumer was deleted")
            case .refused(let text):
                remaining = 0
                return .failed(.serverError, text)
            }
        }
    }
#endif
