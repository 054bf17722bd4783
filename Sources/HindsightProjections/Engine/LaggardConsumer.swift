import HindsightLog

/// Projections that stand at one offset far behind the head, and join the others when they are near it.
struct LaggardConsumer: GroupConsumer {
    let runner: GroupRunner
    var group: ProjectionGroup
    var isInDoubt = false
    private var rear: ProjectionGroup.Rear?

    init(runner: GroupRunner, members: [ProjectionMember]) {
        self.runner = runner
        group = ProjectionGroup(registry: runner.applier.registry)
        group.add(members)
    }

    mutating func next() async throws -> FeedStep {
        guard !runner.roster.isDraining else { return .end }
        rear = await settledRear()
        guard let rear else { return .end }
        return .read(
            FeedDemand(
                offset: rear.offset, filter: .types(rear.decoders.wantedTypes), end: rear.limit,
                limit: rear.events(runner.configuration.catchUpBatch), readsAhead: true))
    }

    mutating func receive(_ batch: EventBatch) async throws -> FeedOutcome {
        guard let rear else { return .more }
        let isWhole = try await runner.apply(batch, to: rear, in: &group)
        guard isWhole, rear.limit == nil, batch.isAtFrontier else { return .more }
        let head = try await runner.log.frontier()
        guard head.position - batch.through.position <= runner.configuration.catchUpThreshold else { return .more }
        runner.roster.join(group.members)
        group.removeAll()
        runner.changes.wake()
        return .end
    }
}
