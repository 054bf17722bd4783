import HindsightLog

/// The projections at the head: those that run statements of their own, or the others, which are many times faster.
///
/// Members that join stand a little behind or ahead. The rearmost are fed first, up to the offset of the next ones, until all stand
/// together.
struct LiveConsumer: GroupConsumer {
    let runner: GroupRunner
    var group: ProjectionGroup
    var isInDoubt = false
    private var rear: ProjectionGroup.Rear?
    private var isBehind = false
    private let withStatements: Bool

    init(runner: GroupRunner, withStatements: Bool) {
        self.runner = runner
        self.withStatements = withStatements
        group = ProjectionGroup(registry: runner.applier.registry)
    }

    mutating func next() async throws -> FeedStep {
        guard !runner.roster.isDraining else { return .end }
        group.add(runner.roster.takeJoiners(withStatements: withStatements))
        rear = await settledRear()
        guard let rear else { return .wait(atMost: nil) }
        let configuration = runner.configuration
        return .read(
            FeedDemand(
                offset: rear.offset, filter: .types(rear.decoders.wantedTypes), end: rear.limit,
                // Small batches become visible sooner; when they cannot keep up, large ones are faster.
                limit: rear.events(isBehind ? configuration.catchUpBatch : configuration.liveBatch)))
    }

    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome {
        guard let rear else { return .more }
        isBehind = !batch.isAtFrontier
        try await runner.apply(batch, to: rear, in: &group)
        guard rear.limit == nil, batch.isAtFrontier else { return .more }
        try await runner.settle(at: batch.through, &group)
        return batch.events.isEmpty ? .idle(atMost: patience) : .more
    }

    /// When to look again whether a version can be shown; nil: there is none to show.
    private var patience: Duration? {
        let isAnyToShow = group.members.contains { !$0.isSettled && $0.offset == $0.committed }
        return isAnyToShow ? VersionPresenter.interval : nil
    }
}
