import HindsightLog
import HindsightValues

/// Whoever applies what a feed reads: the projections at the head, a group that catches up, a rebuild, a subscription.
///
/// The feed asks what to read, hands it over, and asks again. What becomes of the events is the consumer's business alone.
protocol FeedConsumer {
    /// What to do next. Asked before each reading, so a consumer may change its mind.
    mutating func next() async throws -> FeedStep

    /// Takes what was asked for.
    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome

    /// Called with what was thrown. The feed goes on after a pause, unless this throws. Defaults to going on after what may pass by
    /// itself.
    ///
    /// - Parameters:
    ///   - isReading: true if reading the log has thrown it, false if the consumer has.
    ///   - pause: how long the feed waits before it goes on.
    mutating func recover(from error: any Error, whileReading isReading: Bool, pausing pause: Duration) async throws
}

extension FeedConsumer {
    mutating func recover(
        from error: any Error, whileReading isReading: Bool, pausing pause: Duration
    ) async throws {
        guard error.isPassing else { throw error }
    }
}
