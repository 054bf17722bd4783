import HindsightLog
import Synchronization

/// Lets one task at a time do work that never ends by itself; when that task is cancelled, the next one continues.
final class Turn: Sendable {
    private let isTaken = Mutex(false)
    private let freed = LogSignal()

    /// Does the work, until the task is cancelled.
    func run(_ work: () async -> Void) async {
        while !Task.isCancelled {
            let seen = freed.generation
            let isMine = isTaken.withLock { isTaken in
                defer { isTaken = true }
                return !isTaken
            }
            guard isMine else {
                await freed.wait(after: seen)
                continue
            }
            await work()
            isTaken.withLock { $0 = false }
            freed.notify()
        }
    }
}
