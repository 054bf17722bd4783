import HindsightValues
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Removes the receipts of commands that have ended so long ago that nobody asks for them any more, and what was handed in as long ago and
/// was never decided.
///
/// Of several nodes one removes them at a time. A batch is a transaction of its own, which waits for nobody.
struct OldReceipts: Sendable {
    let store: ReceiptStore
    /// How long receipts are to be kept, if that is not too short.
    let age: Duration
    let logger: Logger

    /// How many are removed at once.
    static let batch = 500
    /// Whoever hands a command in asks for its receipt for a while, which it must be there for.
    static let leastAge = Duration.seconds(60)
    /// How often it looks for them, if they are not younger than that.
    private static let longestPause = Duration.seconds(3_600)

    private var keptFor: Duration { max(age, Self.leastAge) }

    /// Removes them until the task is cancelled.
    func run() async throws {
        while true {
            do {
                let count = try await remove()
                if count > 0 { logger.info("old receipts removed", metadata: ["receipt.count": "\(count)"]) }
            } catch {
                try Task.checkCancellation()
                logger.log(
                    level: error.isInterruption ? .debug : .error, "old receipts not removed",
                    metadata: ["error.message": "\(error)"])
            }
            // At another time than the other nodes.
            try await Task.sleep(for: min(keptFor, Self.longestPause) * Double.random(in: 0.25...0.5))
        }
    }

    private func remove() async throws -> Int {
        var count = 0
        while true {
            let removed = try await store.remove(endedBefore: keptFor, atMost: Self.batch)
            count += removed
            if removed < Self.batch { return count }
        }
    }
}
