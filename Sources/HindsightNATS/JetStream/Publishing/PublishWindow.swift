#if NATS
    /// How many messages are on their way, without network and tasks: every one that was let in comes out once.
    package struct PublishWindow {
        /// How many may be on their way.
        package let size: Int
        /// How many are.
        package private(set) var open = 0
        /// How many were let in.
        package private(set) var admitted: UInt64 = 0
        /// How many were stored.
        package private(set) var stored: UInt64 = 0
        /// How many were not, or are of unknown fate.
        package private(set) var failed: UInt64 = 0
        /// The first failure that nobody has taken care of.
        package private(set) var failure: JetStreamError?
        private var isFinished = false

        package init(size: Int) {
            self.size = max(1, size)
        }

        /// What is said to somebody who wants to publish.
        package enum Admission {
            case admitted
            /// There is no room.
            case wait
            case refused(JetStreamError)
        }

        /// Lets a message in if there is room.
        package mutating func admit() -> Admission {
            if let failure { return .refused(failure) }
            if isFinished { return .refused(JetStreamError(.closed, "the publisher has finished")) }
            guard open < size else { return .wait }
            open += 1
            admitted += 1
            return .admitted
        }

        /// What came of a message.
        ///
        /// - Parameters:
        ///   - failure: what went wrong, if it did.
        ///   - isHandled: whether somebody takes care of it.
        /// - Returns: whether those who wait may look again: only when there is room for many, because waking costs more than
        ///   publishing.
        package mutating func settle(_ failure: JetStreamError?, isHandled: Bool) -> Bool {
            open -= 1
            if let failure {
                failed += 1
                if !isHandled, self.failure == nil { self.failure = failure }
            } else {
                stored += 1
            }
            return open <= size / 2 || self.failure != nil
        }

        /// Nothing is let in any more.
        package mutating func finish() {
            isFinished = true
        }
    }
#endif
