#if NATS
    package import HindsightNATS

    #if canImport(FoundationEssentials)
        package import FoundationEssentials
    #else
        package import Foundation
    #endif

    /// Messages that are published one behind the other without waiting: each expects the one before it to be the last of the stream. So
    /// none can be stored twice, out of order, or behind a hole, whatever is lost on the way and whoever else publishes.
    ///
    /// What was answered is put in here; it decides how to go on. Of two mirrors of one log that are at work at the same time, the one that
    /// has begun later gives up, so that one of them goes on.
    package struct MirrorChain: Sendable {
        /// What to do once everything that is on its way was answered.
        package enum Verdict: Sendable {
            /// All of it is stored.
            case unbroken
            /// Begin again behind the last message of the stream.
            case startOver(JetStreamError?)
            /// It cannot succeed.
            case failed(JetStreamError)
        }

        private enum Break {
            case refused
            case failed(JetStreamError)
        }

        /// How often an older mirror may be first, before this one gives up: once may be what a process that has ended has left.
        private static let tolerance = 3

        /// The id of this mirror, which says when it has begun.
        private let run: UUID

        /// The sequence of the last message of the stream when the next one comes.
        private var last: Int64 = 0
        /// The first message that was not stored.
        private var firstBreak: (expected: Int64, reason: Break)?
        private var refusals = 0

        /// - Parameter run: the id of this mirror, of version 7.
        package init(of run: UUID) {
            self.run = run
        }

        package var isBroken: Bool { firstBreak != nil }

        /// Begins behind the last message of the stream.
        ///
        /// - Parameters:
        ///   - last: its sequence; 0 for none.
        ///   - writer: the id of the mirror that has copied it; nil if it is none that says so.
        /// - Returns: false if this mirror has to give up, because another one that was there first was faster again and again.
        package mutating func startOver(after last: Int64, by writer: UUID?) -> Bool {
            self.last = last
            defer { firstBreak = nil }
            // What this mirror has lost sight of may have been stored since.
            guard case .refused = firstBreak?.reason, writer != run else { return true }
            // Younger ones give up by themselves. Texts of ids of version 7 are in the order of their times.
            if let writer, writer.uuidString > run.uuidString { return true }
            refusals += 1
            return refusals < Self.tolerance
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
                reason = .failed(error)
            }
            let isFirst = firstBreak == nil
            // Those behind it are refused because of it, and may be answered first.
            if firstBreak.map({ expected < $0.expected }) ?? true { firstBreak = (expected, reason) }
            return isFirst
        }

        /// How to go on, when all messages were answered.
        package func verdict() -> Verdict {
            switch firstBreak?.reason {
            case nil:
                return .unbroken
            case .refused:
                return .startOver(nil)
            case .failed(let error) where error.isRetriable:
                return .startOver(error)
            case .failed(let error):
                return .failed(error)
            }
        }
    }
#endif
