package import HindsightLog

/// What a consumer of a feed wants next.
package enum FeedStep: Sendable {
    case read(FeedDemand)
    /// Nothing for now: wait until there may be something new, or for this long.
    case wait(atMost: Duration?)
    case end
}

/// What to read from a log.
package struct FeedDemand: Hashable, Sendable {
    /// Where the consumer stands.
    package var offset: Offset
    /// Which events it wants.
    package var filter: EventFilter
    /// Where to stop; nil for the frontier.
    package var end: Offset?
    /// How many events a batch has at most.
    package var limit: Int
    /// How large the events of a batch may be together.
    package var maximumBytes = EventBatch.defaultBytes
    /// True if the next batch is read while this one is applied; two batches are in memory then.
    package var readsAhead = false

    package init(
        offset: Offset, filter: EventFilter, end: Offset? = nil, limit: Int,
        maximumBytes: Int = EventBatch.defaultBytes, readsAhead: Bool = false
    ) {
        self.offset = offset
        self.filter = filter
        self.end = end
        self.limit = limit
        self.maximumBytes = maximumBytes
        self.readsAhead = readsAhead
    }

    /// What to read while a batch is applied: the same demand from its end on, unless it reaches the frontier.
    package func following(_ batch: EventBatch) -> FeedDemand? {
        guard readsAhead, !batch.isAtFrontier else { return nil }
        var next = self
        next.offset = batch.through
        return next
    }
}

/// What the consumer says after a batch.
package enum FeedOutcome: Sendable {
    /// There may be more.
    case more
    /// The consumer has what it wanted.
    case end
    /// There is no more for now: wait until there may be something new, or for this long.
    case idle(atMost: Duration?)
}
