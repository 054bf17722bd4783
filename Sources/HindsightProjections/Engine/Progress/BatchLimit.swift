/// How large a shard's batches may be after one that did not end: half as large, and larger again as long as they end soon.
package struct BatchLimit: Hashable, Sendable {
    /// Beyond the largest usual batch.
    private static let end = 1 << 15

    /// The maximum number of events; nil without a limit of its own.
    package private(set) var events: Int?
    /// True if the stored limit is another one.
    package private(set) var isChanged = false

    /// - Parameter events: the stored limit.
    package init(_ events: Int?) {
        self.events = events.map { max(1, $0) }
    }

    /// Notes that a batch is committed, and with it the limit as it was.
    ///
    /// - Parameters:
    ///   - count: how many events it had. A small one says nothing about larger ones.
    ///   - elapsed: how long it took.
    ///   - lease: how long a lease lasts.
    package mutating func committed(_ count: Int, after elapsed: Duration, lease: Duration) {
        isChanged = false
        guard let limit = events, count >= limit / 2, elapsed < lease / 2 else { return }
        events = limit >= Self.end / 2 ? nil : limit * 2
        isChanged = true
    }
}
