import HindsightLog

/// Reads events ahead for the handlers of a subscription.
struct SubscriptionConsumer: FeedConsumer {
    let subscription: Subscription
    /// True if the durable name has handled events before: then it goes on where it stopped, wherever it would start
    /// now.
    let hasHandled: Bool

    mutating func next() async throws -> FeedStep {
        let step = await subscription.demand()
        try Task.checkCancellation()
        return step
    }

    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome {
        let wanted = hasHandled ? batch.events : batch.events.filter { subscription.isWanted($0) }
        try subscription.accept(wanted, through: batch.through)
        return batch.events.isEmpty ? .idle(atMost: nil) : .more
    }
}
