import Hindsight
import HindsightProjections
import HindsightValues
import Logging

/// Copies what a feed reads of a log to a mirror of it.
struct MirrorConsumer: FeedConsumer {
    let source: any EventLog
    let target: any MirrorTarget
    /// Where to end; nil to go on until it is drained.
    let end: Offset?
    let draining: Drain
    let logger: Logger
    let waiting: MirrorPatience
    /// Told where it is, and how many events were copied.
    let progress: @Sendable (Offset, Int64) -> Void

    /// Where it is in the source; nil if that must be found out.
    private var place: Offset?
    /// How many events the target has, once all is stored that was written; and how many it had in the beginning.
    private var counts: (now: Int64, before: Int64)?
    /// What is known to be stored.
    private var stored = MirrorEnd(reached: .beginning, events: 0)
    /// Since when it gets no further because of errors, and whether those are of reading.
    private var trouble: (since: ContinuousClock.Instant, isReading: Bool)?

    init(
        source: any EventLog, target: any MirrorTarget, end: Offset?, draining: Drain, logger: Logger,
        waiting: MirrorPatience, progress: @escaping @Sendable (Offset, Int64) -> Void
    ) {
        self.source = source
        self.target = target
        self.end = end
        self.draining = draining
        self.logger = logger
        self.waiting = waiting
        self.progress = progress
    }

    /// How many events were copied, and up to where, as far as is known: what is written again after an error counts once.
    var outcome: (copied: Int64, reached: Offset) { (stored.events - (counts?.before ?? 0), stored.reached) }

    mutating func next() async throws -> FeedStep {
        if place != nil, target.isBroken || draining.hasBegun { try await settle() }
        if draining.hasBegun { return .end }
        let place = try await begun()
        if let end, place.position >= end.position {
            try await settle()
            return .end
        }
        return .read(
            FeedDemand(
                offset: place, filter: .all, end: end, limit: 500, maximumBytes: 8 << 20, readsAhead: true))
    }

    private mutating func settle() async throws {
        try await target.settled()
        trouble = nil
        if let place, let counts { stored = MirrorEnd(reached: place, events: counts.now) }
    }

    private mutating func begun() async throws -> Offset {
        if let place { return place }
        let found = try await target.begin()
        do {
            try await source.verify(found.reached)
        } catch let error as EventLogError where error.code == .anchorMismatch {
            throw CommandError(
                "the mirror ends with an event that is not at position \(found.reached.position) of the log that is to be copied: it is no mirror of it. Name a log that is empty or not there yet (\(error.message))"
            )
        }
        place = found.reached
        if found.events > stored.events { trouble = nil }
        counts = (found.events, counts?.before ?? found.events)
        stored = found
        return found.reached
    }

    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome {
        try await target.write(batch.events)
        place = batch.through
        counts?.now += Int64(batch.events.count)
        if trouble?.isReading == true { trouble = nil }
        // What was written need not be stored yet.
        if trouble != nil, batch.isAtFrontier { try await settle() }
        if let counts { progress(batch.through, counts.now - counts.before) }
        return batch.isAtFrontier ? .idle(atMost: nil) : .more
    }

    mutating func recover(from error: any Error, whileReading isReading: Bool, pausing pause: Duration) async throws {
        guard error.isPassing else { throw error }
        let since = trouble?.since ?? .now
        trouble = (since, trouble?.isReading ?? true && isReading)
        try waiting.check(since.duration(to: .now), error, whileReading: isReading)
        logger.warning("the mirror waits", metadata: ["error.message": "\(error)"])
        guard !isReading else { return }
        place = nil
    }
}
