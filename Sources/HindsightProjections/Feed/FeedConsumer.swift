package import HindsightLog
import HindsightValues

/// A consumer of a feed: the projections at the head, a group that catches up, a rebuild, a subscription.
///
/// The feed asks what to read, delivers it, and asks again. What happens to the events is up to the consumer.
package protocol FeedConsumer {
    /// What to do next. Asked before each reading, so a consumer may change its mind.
    mutating func next() async throws -> FeedStep

    /// Takes a batch that it has demanded.
    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome

    /// Called after an error. The feed continues after a pause, unless this throws. By default it continues after errors that may pass
    /// by themselves.
    ///
    /// - Parameters:
    ///   - isReading: true if reading the log has failed, false if the consumer has.
    ///   - pause: how long the feed waits before it continues.
    mutating func recover(from error: any Error, whileReading isReading: Bool, pausing pause: Duration) async throws
}

extension FeedConsumer {
    package mutating func recover(
        from error: any Error, whileReading isReading: Bool, pausing pause: Duration
    ) async throws {
        guard error.isPassing else { throw error }
    }
}
