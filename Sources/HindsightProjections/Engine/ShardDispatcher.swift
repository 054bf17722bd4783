import HindsightLog

/// Decides what becomes of shards whose leases were taken, and hands them to the group that works on them.
struct ShardDispatcher: Sendable {
    /// A shard, and what is to be done with it.
    struct Decision: Sendable {
        let member: ProjectionMember
        let course: ShardLife.Course
    }

    let log: any EventLog
    let definitions: [ProjectionDefinition]
    let replays: ReplayRunner
    let roster: EngineRoster
    /// Takes groups of shards that are far behind the head.
    let laggards: AsyncStream<Laggards.Group>.Continuation
    let signal: CommitSignal
    /// Wakes the groups, so that they see who has come or gone.
    let wake: @Sendable () -> Void

    /// Asks log and offset store where the shards stand. Nothing is handed over before all of them are decided: whoever is in
    /// the roster has somebody who works on it and lets go of it.
    func decide(_ members: [ProjectionMember]) async throws -> [Decision] {
        let head = try await log.frontier()
        var decisions: [Decision] = []
        for member in members {
            let situation = ShardLife.Situation(
                position: member.offset.position, head: head.position,
                canReplay: try await replays.canReplay(member, among: definitions))
            decisions.append(Decision(member: member, course: member.life.begin(situation)))
        }
        return decisions
    }

    /// Hands the shards over.
    func begin(_ decisions: [Decision]) {
        for decision in decisions {
            roster.add(decision.member)
            // Others may have worked on it meanwhile, or swapped other rows in.
            signal.tell(of: decision.member, from: decision.member.committed) { .unknown }
        }
        var groups: [Laggards: [ProjectionMember]] = [:]
        for decision in decisions {
            let member = decision.member
            switch decision.course {
            case .join: roster.join([member])
            case .catchUp: groups[.behind(at: member.offset), default: []].append(member)
            case .replay: groups[.toReplay, default: []].append(member)
            }
        }
        for (course, members) in groups { laggards.yield(course.with(members)) }
        wake()
    }
}
