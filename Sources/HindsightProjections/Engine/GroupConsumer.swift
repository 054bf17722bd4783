/// A group of projections that is fed.
protocol GroupConsumer: FeedConsumer {
    var runner: GroupRunner { get }
    var group: ProjectionGroup { get set }
    /// True after an error, until the members are reloaded from the database.
    var isInDoubt: Bool { get set }
}

extension GroupConsumer {
    mutating func recover(
        from error: any Error, whileReading isReading: Bool, pausing pause: Duration
    ) async throws {
        await runner.recover(&group, from: error, whileReading: isReading, pausing: pause)
        isInDoubt = true
    }

    /// The members that are furthest behind, after reloading, and after releasing members that are lost and giving back those
    /// that are to leave; nil if the group is empty.
    mutating func settledRear() async -> ProjectionGroup.Rear? {
        if isInDoubt { await runner.reload(&group) }
        isInDoubt = false
        runner.letGo(of: group.removeLost())
        await runner.giveBack(group.removeLeaving())
        return group.rear()
    }
}
