import HindsightLog
import HindsightValues

/// The one loop that reads a log in order for somebody who applies it: it reads ahead, waits where there is nothing, looks again
/// soon while an open append holds the frontier back, and pauses after errors.
///
/// The other way to read a log is a replay, which reads ranges side by side (``ParallelReplay``).
struct EventFeed: Sendable {
    let log: any EventLog
    let changes: LogChanges
    /// How soon to look again while an open append holds the frontier back.
    let heldInterval: Duration

    /// Feeds a consumer until it ends the feed.
    ///
    /// - Throws: what the consumer does not recover from; `CancellationError` when the task is cancelled.
    func run(_ consumer: inout some FeedConsumer) async throws {
        let reader = FeedReader(log)
        var backoff = Backoff()
        var isGoingOn = true
        while isGoingOn {
            do {
                isGoingOn = try await feed(&consumer, reader, &backoff)
            } catch {
                do {
                    try await pause(after: error, &consumer, &backoff)
                } catch {
                    await reader.close()
                    throw error
                }
            }
        }
        await reader.close()
    }

    private func pause(
        after error: any Error, _ consumer: inout some FeedConsumer, _ backoff: inout Backoff
    ) async throws {
        try Task.checkCancellation()
        let pause = backoff.next()
        if let reading = error as? ReadingError {
            try await consumer.recover(from: reading.cause, whileReading: true, pausing: pause)
        } else {
            try await consumer.recover(from: error, whileReading: false, pausing: pause)
        }
        try await Task.sleep(for: pause)
    }

    /// - Returns: false: the consumer has ended the feed.
    private func feed(
        _ consumer: inout some FeedConsumer, _ reader: FeedReader, _ backoff: inout Backoff
    ) async throws -> Bool {
        var ahead: (demand: FeedDemand, batch: EventBatch)?
        while true {
            try Task.checkCancellation()
            // Taken before the look, so that whatever comes after the look wakes.
            let seen = changes.generation
            switch try await consumer.next() {
            case .end:
                return false
            case .wait(let most):
                ahead = nil
                await wait(after: seen, atMost: most)
            case .read(let demand):
                let known = ahead?.demand == demand ? ahead?.batch : nil
                ahead = nil
                let batch = if let known { known } else { try await reader.read(demand) }
                let following = demand.following(batch)
                async let next = readAhead(following, batch.frontier, reader)
                let outcome = try await consumer.receive(batch)
                // Progress: the next trouble is another one, also where it is that of reading ahead.
                backoff.reset()
                if let following, let batch = try await next { ahead = (following, batch) }
                if case .end = outcome { return false }
                // What was read ahead knows nothing of a frontier that has moved since.
                if following == nil, known == nil { await rest(after: seen, batch, outcome) }
            }
        }
    }

    private func readAhead(
        _ demand: FeedDemand?, _ frontier: Offset, _ reader: FeedReader
    ) async throws -> EventBatch? {
        guard var demand else { return nil }
        // Its reader need not look for the frontier once more.
        demand.end = demand.end ?? frontier
        return try await reader.read(demand)
    }

    private func rest(after seen: UInt64, _ batch: EventBatch, _ outcome: FeedOutcome) async {
        guard batch.isAtFrontier else { return }
        // The wake-up for what an open append hides may have come already.
        if batch.isHeld { return await changes.wait(after: seen, atMost: heldInterval) }
        guard case .idle(let most) = outcome else { return }
        await wait(after: seen, atMost: most)
    }

    private func wait(after seen: UInt64, atMost duration: Duration?) async {
        guard let duration else { return await changes.wait(after: seen) }
        await changes.wait(after: seen, atMost: duration)
    }
}
