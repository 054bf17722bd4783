package import HindsightLog
package import HindsightValues

/// The one loop that reads a log in order: it reads ahead, waits for new events, polls while an open append holds the frontier back,
/// and pauses after errors.
///
/// The other way to read a log is a replay, which reads ranges in parallel (``ParallelReplay``).
package struct EventFeed: Sendable {
    let log: any EventLog
    let changes: LogChanges
    /// How soon to look again while an open append holds the frontier back.
    let heldInterval: Duration
    /// The pauses after errors.
    let pauses: Backoff

    package init(log: any EventLog, changes: LogChanges, heldInterval: Duration, pauses: Backoff = Backoff()) {
        self.log = log
        self.changes = changes
        self.heldInterval = heldInterval
        self.pauses = pauses
    }

    /// Feeds a consumer until it ends the feed.
    ///
    /// - Throws: errors from which the consumer does not recover; `CancellationError` if the task is cancelled.
    package func run(_ consumer: inout some FeedConsumer) async throws {
        let reader = FeedReader(log)
        var backoff = pauses
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

    /// - Returns: false when the consumer has ended the feed.
    private func feed(
        _ consumer: inout some FeedConsumer, _ reader: FeedReader, _ backoff: inout Backoff
    ) async throws -> Bool {
        var ahead: (demand: FeedDemand, batch: EventBatch)?
        while true {
            try Task.checkCancellation()
            // Taken before reading, so that whatever is appended afterwards wakes the feed.
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
                // Progress was made, so the next error, even of reading ahead, is a new one.
                backoff.reset()
                if let following, let batch = try await next { ahead = (following, batch) }
                if case .end = outcome { return false }
                // A batch that was read ahead says nothing about the present frontier.
                if following == nil, known == nil { await rest(after: seen, batch, outcome) }
            }
        }
    }

    private func readAhead(
        _ demand: FeedDemand?, _ frontier: Offset, _ reader: FeedReader
    ) async throws -> EventBatch? {
        guard var demand else { return nil }
        // The frontier is known already.
        demand.end = demand.end ?? frontier
        return try await reader.read(demand)
    }

    private func rest(after seen: UInt64, _ batch: EventBatch, _ outcome: FeedOutcome) async {
        guard batch.isAtFrontier else { return }
        // The wake-up for events that an open append hides may have come already.
        if batch.isHeld { return await changes.wait(after: seen, atMost: heldInterval) }
        guard case .idle(let most) = outcome else { return }
        await wait(after: seen, atMost: most)
    }

    private func wait(after seen: UInt64, atMost duration: Duration?) async {
        guard let duration else { return await changes.wait(after: seen) }
        await changes.wait(after: seen, atMost: duration)
    }
}
