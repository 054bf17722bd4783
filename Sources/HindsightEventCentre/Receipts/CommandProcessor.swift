import HindsightLog
import HindsightValues
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes commands to their receipts.
///
/// The steps are stored one after the other: taken, decided, appended, ended. A command that is handed in again goes on from where
/// it stands, on any node: what was decided is appended as it was decided, and what is in the log already is found there by the
/// ids, which derive from the command's.
struct CommandProcessor: Sendable {
    let log: any EventLog
    let store: ReceiptStore
    /// How long errors that may pass are waited for.
    let patience: Duration
    /// How often a command is decided anew because others appended to its stream.
    let maximumDecisions: Int
    let metrics: CentreMetrics
    let logger: Logger

    /// Takes a command to its end.
    ///
    /// - Returns: the receipt, byte for byte the same each time.
    func process(_ command: HandedIn) async throws -> [UInt8] {
        var entry = try await retrying { try await store.take(command.id, command.name, content: command.content) }
        var decisions = 0
        var pause = Backoff(initial: .milliseconds(2), maximum: .milliseconds(100))
        while true {
            let before = entry
            switch entry.step {
            case .answer(let receipt): return receipt
            case .append(let decision):
                guard try await append(decision, command.id, &entry) == .conflict else { continue }
                try await Task.sleep(for: pause.next())
            case .decide: break
            }
            // Undecided, or decided for a stream that has gone on: its expectation cannot come true any more.
            guard decisions < maximumDecisions else {
                throw EventCentreError(
                    .contention,
                    """
                    others appended to the stream of command \(command.id.lowercased) \(decisions) times while it was decided: repeat it
                    """)
            }
            decisions += 1
            let verdict = try await retrying { try await command.decide() }
            entry = try await retrying { try await self.note(verdict, command, after: before.attempt) }
        }
    }

    /// Appends what was decided for a command of which nothing is known but its id, and ends it. What the log refuses for good is
    /// withdrawn: only whoever has the command can decide it anew.
    ///
    /// - Returns: the receipt; nil if it is not decided, or has to be decided anew.
    func settle(_ id: UUID, _ found: ReceiptEntry) async throws -> [UInt8]? {
        var entry = found
        while true {
            switch entry.step {
            case .answer(let receipt): return receipt
            case .decide: return nil
            case .append(let decision):
                let (before, content) = (entry.attempt, entry.content)
                guard try await append(decision, id, &entry) == .conflict else { continue }
                entry = try await retrying { try await store.withdraw(id, content: content, after: before) }
            }
        }
    }

    // MARK: -

    private enum Outcome {
        /// The entry has what comes next.
        case ended
        /// The stream has gone on, or was begun by somebody else.
        case conflict
    }

    private func append(
        _ decision: CommandDecision, _ id: UUID, _ entry: inout ReceiptEntry
    ) async throws -> Outcome {
        let attempt = entry.attempt
        let receipt: CommandReceipt
        do {
            let result = try await retrying { try await decision.append(to: log) }
            receipt = .appended(decision, result, command: id, name: decision.name)
        } catch let error as EventLogError where error.code == .conflict {
            return .conflict
        } catch let error as EventLogError where error.code == .invalidAppend || error.code == .knownEvents {
            receipt = .refused(CommandRefusal(error), command: id, name: decision.name)
        }
        let content = entry.content
        entry = try await retrying { try await end(id, content, receipt, after: attempt) }
        return .ended
    }

    private func note(_ verdict: CommandVerdict, _ command: HandedIn, after attempt: Int32) async throws -> ReceiptEntry
    {
        let receipt: CommandReceipt
        switch verdict {
        case .append(let decision):
            var decision = decision
            decision.name = command.name
            return try await store.decide(command.id, content: command.content, decision, after: attempt)
        case .unchanged(let stream, let version):
            receipt = .unchanged(stream, version, command: command.id, name: command.name)
        case .conflict(let stream, let expected, let actual):
            receipt = .conflict(stream, expected, actual, command: command.id, name: command.name)
        case .refused(let refusal):
            receipt = .refused(refusal, command: command.id, name: command.name)
        }
        return try await end(command.id, command.content, receipt, after: attempt)
    }

    private func end(
        _ id: UUID, _ content: [UInt8], _ receipt: CommandReceipt, after attempt: Int32
    ) async throws -> ReceiptEntry {
        try await store.end(id, content: content, receipt, after: attempt) {
            metrics.receipted(receipt.name, receipt.status)
        }
    }

    /// Repeats what may pass by itself. Each step may be repeated: it changes nothing when it was taken before.
    private func retrying<Value>(_ body: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + patience
        var backoff = Backoff()
        while true {
            do {
                return try await body()
            } catch let error where error.isInterruption {
                let wait = backoff.next()
                guard ContinuousClock.now + wait < deadline else { throw error }
                logger.debug("command step repeated", metadata: ["error.message": "\(error)"])
                try await Task.sleep(for: wait)
            }
        }
    }
}
