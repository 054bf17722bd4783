#if NATS
    package import HindsightNATS

    /// Messages that are published one behind the other without waiting: each expects the one before it to be the last of the stream. So
    /// none can be stored twice, out of order, or behind a hole, whatever is lost on the way and whoever else publishes.
    ///
    /// What was answered is put in here; it decides how to go on.
    package struct MirrorChain: Sendable {
        /// What to do once everything that is on its way was answered.
        package enum Verdict: Sendable {
            /// All of it is stored.
            case unbroken
            /// Begin again behind the last message of the stream.
            case startOver(JetStreamError?)
            /// Somebody else writes to the stream.
            case contested
            /// It cannot succeed.
            case failed(JetStreamError)
        }

        private enum Break {
            case refused
            case failed(JetStreamError)
        }

        /// How often somebody else may be first, before that is an error: once may be what another process has left.
        private static let tolerance = 3

        /// The sequence of the last message of the stream when the next one comes.
        private var last: Int64
        /// The first message that was not stored.
        private var firstBreak: (expected: Int64, reason: Break)?
        /// Whether the fate of a message is unknown: it may still be stored, and be what the next chain is refused for.
        private var hasUnknown = false
        private var refusals = 0

        /// - Parameter last: the sequence of the last message of the stream; 0 for none.
        package init(after last: Int64) {
            self.last = last
        }

        package var isBroken: Bool { firstBreak != nil }

        /// Begins again behind the last message of the stream.
        package mutating func startOver(after last: Int64) {
            self.last = last
            firstBreak = nil
        }

        /// What the next message expects; nil if an earlier one was not stored.
        package mutating func admit() -> Int64? {
            guard firstBreak == nil else { return nil }
            defer { last += 1 }
            return last
        }

        /// Takes in what became of a message.
        ///
        /// - Parameter expected: what it expected.
        /// - Returns: whether the chain is broken by it, and was not before.
        package mutating func settle(_ expected: Int64, _ outcome: Result<PublishAck, JetStreamError>) -> Bool {
            let reason: Break
            switch outcome {
            case .success(let ack):
                // A known id was not stored by this message.
                guard ack.isDuplicate || Int64(ack.sequence) != expected + 1 else { return false }
                reason = .refused
            case .failure(let error) where error.code == .wrongLastSequence:
                reason = .refused
            case .failure(let error):
                if error.isRetriable || error.code == .connection || error.code == .timedOut { hasUnknown = true }
                reason = .failed(error)
            }
            let isFirst = firstBreak == nil
            // Those behind it are refused because of it, and may be answered first.
            if firstBreak.map({ expected < $0.expected }) ?? true { firstBreak = (expected, reason) }
            return isFirst
        }

        /// How to go on, when all messages were answered.
        package mutating func verdict() -> Verdict {
            switch firstBreak?.reason {
            case nil:
                return .unbroken
            case .refused where hasUnknown:
                hasUnknown = false
                return .startOver(nil)
            case .refused:
                refusals += 1
                return refusals < Self.tolerance ? .startOver(nil) : .contested
            case .failed(let error) where error.isRetriable:
                return .startOver(error)
            case .failed(let error):
                return .failed(error)
            }
        }
    }
#endif
