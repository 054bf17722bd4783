import HindsightValues
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes commands to their end whose node has died after it had decided them, and that nobody repeats or asks for.
///
/// It decides nothing: what was decided is appended as it was decided, or found in the log, and receipted. What the log refuses is
/// withdrawn, and then open, as what was not decided is: only whoever handed it in has its content.
struct AbandonedCommands: Sendable {
    let store: ReceiptStore
    let processor: CommandProcessor
    /// How long ago they were decided.
    let age: Duration
    let metrics: CentreMetrics
    let logger: Logger

    /// How many are taken up at once, one after the other.
    static let batch = 16

    /// Looks for them until the task is cancelled.
    func run() async throws {
        while true {
            // At another time than the other nodes.
            try await Task.sleep(for: age * Double.random(in: 0.25...0.5))
            do {
                while try await takeUp() {}
            } catch {
                try Task.checkCancellation()
                logger.log(
                    level: error.isInterruption ? .debug : .error, "abandoned commands not looked for",
                    metadata: ["error.message": "\(error)"])
            }
        }
    }

    /// - Returns: whether there may be more.
    private func takeUp() async throws -> Bool {
        let commands = try await store.takeUp(decidedBefore: age, atMost: Self.batch)
        for command in commands {
            do {
                try await settle(command)
            } catch {
                try Task.checkCancellation()
                // The next one can be ended all the same; this one is taken up again later.
                logger.log(
                    level: error.isInterruption ? .info : .error, "abandoned command not ended",
                    metadata: ["command.id": "\(command.lowercased)", "error.message": "\(error)"])
            }
        }
        return commands.count == Self.batch
    }

    private func settle(_ command: UUID) async throws {
        guard let entry = try await store.find(command) else { return }
        let isEnded = try await processor.settle(command, entry) != nil
        metrics.tookUp(isEnded: isEnded)
        logger.info(
            "abandoned command taken up",
            metadata: ["command.id": "\(command.lowercased)", "command.state": "\(isEnded ? "ended" : "open")"])
    }
}
