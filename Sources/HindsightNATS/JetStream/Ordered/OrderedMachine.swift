#if NATS
    /// An ordered reading of a stream, without network and tasks: what to do with each message and each silence, so that nothing
    /// is left out and nothing comes twice.
    ///
    /// The consumer behind it is thrown away whenever something is wrong, and a new one begins behind the last message that was
    /// handed over.
    package struct OrderedMachine {
        /// Why a new consumer is needed.
        package enum Reason: Equatable {
            /// There was none yet.
            case beginning
            /// Deliveries are missing between this one and the one that came.
            case gap(expected: UInt64, found: UInt64)
            /// Nothing was heard for two heartbeats.
            case silence
            /// The server says that it is there, but does not send what it has.
            case stalled
            case reconnected
            case deleted
            /// The server said so.
            case told(String)
        }

        /// What to do with a message.
        package enum Verdict: Equatable {
            case deliver
            /// It is handed over, and it is the last one.
            case deliverAndFinish
            /// It is from a consumer that was thrown away, or not wanted.
            case ignore
            /// There is nothing more to come.
            case finish
            case reset
        }

        /// Where the next consumer begins.
        package private(set) var start: StartPlace
        /// The last message that is wanted, if there is one.
        package let end: UInt64?
        /// The consumer's number: messages of those before it are ignored.
        package private(set) var serial: UInt64 = 0
        /// The last delivery of this consumer.
        package private(set) var consumerSequence: UInt64 = 0
        /// The last message that was handed over.
        package private(set) var lastSequence: UInt64?
        /// How many messages the consumer has not delivered, as far as is known.
        package private(set) var pending: UInt64 = 0
        /// Why a new consumer is needed; `nil` if there is one that works.
        package private(set) var need: Reason? = .beginning
        package private(set) var isFinished: Bool
        /// How many heartbeats have come in a row although there are messages.
        private var idleHeartbeats = 0

        package init(start: StartPlace, end: UInt64? = nil) {
            self.start = start
            self.end = end
            isFinished = if let end, case .sequence(let first) = start { first > end } else { false }
        }

        /// A new consumer is about to be made.
        package mutating func begin() {
            serial += 1
            consumerSequence = 0
            idleHeartbeats = 0
        }

        /// The consumer is there.
        ///
        /// - Parameters:
        ///   - pending: how many messages it has.
        ///   - delivered: the stream's sequence behind which it begins.
        package mutating func created(pending: UInt64, behind delivered: UInt64) {
            need = nil
            self.pending = pending
            // What is stored between this consumer and the next one is new as well.
            if start == .new { start = .sequence(delivered + 1) }
        }

        /// A message of the current consumer came.
        package mutating func receive(_ delivery: JetStreamDelivery) -> Verdict {
            guard need == nil, !isFinished else { return .ignore }
            guard delivery.consumerSequence == consumerSequence + 1, delivery.streamSequence > lastSequence ?? 0 else {
                need = .gap(expected: consumerSequence + 1, found: delivery.consumerSequence)
                return .reset
            }
            consumerSequence += 1
            idleHeartbeats = 0
            pending = delivery.pending
            if let end, delivery.streamSequence >= end {
                isFinished = true
                guard delivery.streamSequence == end else { return .finish }
                moved(to: delivery.streamSequence)
                return .deliverAndFinish
            }
            moved(to: delivery.streamSequence)
            return .deliver
        }

        private mutating func moved(to sequence: UInt64) {
            lastSequence = sequence
            start = .sequence(sequence + 1)
        }

        /// The server says that it is there.
        ///
        /// - Parameter last: its last delivery, if it says so.
        package mutating func heartbeat(last: UInt64?) {
            guard need == nil else { return }
            if let last, last > consumerSequence {
                need = .gap(expected: consumerSequence + 1, found: last)
                return
            }
            guard pending > 0 else { return }
            idleHeartbeats += 1
            if idleHeartbeats >= 2 { need = .stalled }
        }

        /// The consumer is of no use any more.
        package mutating func reset(_ reason: Reason) {
            guard need == nil else { return }
            need = reason
        }

        /// All messages up to the end are handed over, whatever the last one of them was.
        package mutating func finish() {
            isFinished = true
        }

        /// Whether everything that the stream has was delivered, so that the end may have been reached without a message at it.
        package var mayBeAtEnd: Bool { end != nil && !isFinished && need == nil && pending == 0 }

        /// How many messages can still come at most; `nil` for any number.
        ///
        /// - Parameter isFiltered: whether there are messages that do not come.
        package func remaining(isFiltered: Bool) -> Int? {
            guard !isFiltered, let end, case .sequence(let next) = start, next <= end else { return nil }
            return Int(clamping: end - next + 1)
        }
    }
#endif
