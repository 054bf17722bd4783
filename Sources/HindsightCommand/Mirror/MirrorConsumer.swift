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
    /// Told where it is, and how many events were copied.
    let progress: @Sendable (Offset, Int64) -> Void

    /// Where it is in the source; nil if that must be found out.
    private(set) var place: Offset?
    private(set) var copied: Int64 = 0

    init(
        source: any EventLog, target: any MirrorTarget, end: Offset?, draining: Drain, logger: Logger,
        progress: @escaping @Sendable (Offset, Int64) -> Void
    ) {
        self.source = source
        self.target = target
        self.end = end
        self.draining = draining
        self.logger = logger
        self.progress = progress
    }

    mutating func next() async throws -> FeedStep {
        if place != nil, target.isBroken || draining.hasBegun { try await target.settled() }
        if draining.hasBegun { return .end }
        let place = try await begun()
        if let end, place.position >= end.position {
            try await target.settled()
            return .end
        }
        return .read(
            FeedDemand(
                offset: place, filter: .all, end: end, limit: 500, maximumBytes: 8 << 20, readsAhead: true))
    }

    private mutating func begun() async throws -> Offset {
        if let place { return place }
        let found = try await target.begin()
        do {
            try await source.verify(found)
        } catch let error as EventLogError where error.code == .anchorMismatch {
            throw CommandError(
                "the mirror ends with an event that is not at position \(found.position) of the log that is to be copied: it is no mirror of it. Name a log that is empty or not there yet (\(error.message))"
            )
        }
        place = found
        return found
    }

    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome {
        try await target.write(batch.events)
        place = batch.through
        copied += Int64(batch.events.count)
        progress(batch.through, copied)
        return batch.isAtFrontier ? .idle(atMost: nil) : .more
    }

    mutating func recover(from error: any Error, whileReading isReading: Bool, pausing pause: Duration) async throws {
        guard error.isPassing else { throw error }
        logger.warning("the mirror waits", metadata: ["error.message": "\(error)"])
        guard !isReading else { return }
        place = nil
    }
}
