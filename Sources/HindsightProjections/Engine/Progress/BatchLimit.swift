/// How large a shard's batches may be: after one that did not end half as large, and larger again as long as they end soon; and as
/// large as fits into a lease at the pace of the batch before.
package struct BatchLimit: Hashable, Sendable {
    /// Beyond the largest usual batch.
    private static let end = 1 << 15

    /// The maximum number of events after a batch that did not end; nil without a limit of its own.
    package private(set) var events: Int?
    /// True if the stored limit is another one.
    package private(set) var isChanged = false
    /// How many events take a lease at the pace of the last batch; nil before it. It is not stored: it changes with each batch.
    private var fitting: Int?

    /// - Parameter events: the stored limit.
    package init(_ events: Int?) {
        self.events = events.map { max(1, $0) }
    }

    /// How many events the next batch may have.
    ///
    /// - Parameter usual: how many it has at most without a limit.
    package func events(atMost usual: Int) -> Int {
        min(usual, events ?? usual, fitting ?? usual)
    }

    /// Notes that a batch is committed, and with it the limit as it was.
    ///
    /// - Parameters:
    ///   - count: how many events it had. A small one says of larger ones only that they hardly take longer for each event.
    ///   - elapsed: how long it took.
    ///   - lease: how long a lease lasts.
    package mutating func committed(_ count: Int, after elapsed: Duration, lease: Duration) {
        isChanged = false
        fitting = Self.fitting(count, after: elapsed, lease: lease)
        guard let limit = events, count >= limit / 2, elapsed < lease / 2 else { return }
        events = limit >= Self.end / 2 ? nil : limit * 2
        isChanged = true
    }

    /// How many events take a lease if so many take this long: a power of two, so that what is read ahead is nearly always what is
    /// asked for next.
    private static func fitting(_ count: Int, after elapsed: Duration, lease: Duration) -> Int {
        var fitting = 1
        var timeOfTwice = elapsed / max(1, count) * 2
        // The bound is for a batch that took no time at all.
        while timeOfTwice <= lease, fitting < 1 << 30 {
            fitting *= 2
            timeOfTwice *= 2
        }
        return fitting
    }
}
