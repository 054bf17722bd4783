import HindsightLog
import HindsightPostgres
import Synchronization

/// A rebuild that follows the log by the ordinary path, after its replay or in place of one.
struct RebuildConsumer: FeedConsumer {
    let member: RebuildMember
    private let rebuild: GroupRebuild
    private let follower: ProjectionMember
    private let applier: BatchApplier
    /// The offset at which it ends; nil for the frontier.
    private let end: Offset?
    private let throttle: RebuildThrottle
    private var decoders: EventDecoders
    private var startedReading = ContinuousClock.now

    init(rebuild: GroupRebuild, member: RebuildMember, end: Offset?, throttle: RebuildThrottle) {
        self.rebuild = rebuild
        self.member = member
        self.end = end
        self.throttle = throttle
        follower = ProjectionMember(
            definition: member.definition, key: member.key,
            run: member.definition.makeRun(rebuild.catalog.location(member.build)), types: member.types,
            epoch: member.epoch, offset: member.offset, isSettled: true,
            life: ShardLife(catchUpThreshold: .max, replayThreshold: .max), shadowSchema: member.shadowSchema)
        applier = BatchApplier(
            pool: rebuild.pool, store: rebuild.catalog.store, registry: rebuild.events,
            leaseDuration: rebuild.configuration.leaseDuration, logger: rebuild.logger, signal: nil)
        decoders = EventDecoders(registry: rebuild.events)
    }

    mutating func next() async throws -> FeedStep {
        guard end.map({ follower.offset.position < $0.position }) ?? true else { return .end }
        // Looking for an event that fails binds the run elsewhere.
        if follower.run.decoders !== decoders {
            decoders = EventDecoders(registry: rebuild.events)
            follower.run.bind(to: decoders)
        }
        startedReading = .now
        return .read(
            FeedDemand(
                offset: follower.offset, filter: member.filter, end: end,
                limit: min(rebuild.configuration.catchUpBatch, Int(throttle.rangeEvents ?? .max))))
    }

    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome {
        if !batch.events.isEmpty { try await apply(batch) }
        follower.offset = batch.through
        member.progress.withLock { $0.reached = max($0.reached, batch.through.position) }
        try await throttle.rest(after: batch.events.count, since: startedReading)
        return batch.isAtFrontier ? .end : .more
    }

    /// Whoever runs the rebuild takes it up again from what is durable.
    mutating func recover(
        from error: any Error, whileReading isReading: Bool, pausing pause: Duration
    ) async throws {
        throw error
    }

    /// Stores the offset that it has reached.
    func finish() async throws {
        if case .lost = try await applier.commitOffset(of: follower) { throw RebuildLost() }
        member.offset = follower.committed
    }

    private func apply(_ batch: EventBatch) async throws {
        let outcomes = try await applier.apply(
            batch.events, through: batch.through, to: [follower], decoders: decoders)
        try await settle(outcomes[0])
        let sum = batch.events.reduce(into: LogChecksum()) { $0.add($1.position) }
        member.checksum.add(sum)
        member.progress.withLock { progress in
            progress.eventsApplied += sum.count
            progress.rate.count(Int(sum.count))
            progress.checkpoint = batch.through.position
        }
    }

    private func settle(_ outcome: BatchApplier.Outcome) async throws {
        switch outcome {
        case .applied:
            return
        case .lost:
            throw RebuildLost()
        case .stopped(let event, let error):
            member.markStopped()
            let statement = rebuild.store.stop(member, at: event, error)
            try await rebuild.pool.withSession { session in _ = try session.execute(statement) }
            throw RebuildStopped(event: event, error: error)
        }
    }
}
