import HindsightLog

/// Decides what to do with shards whose leases were taken, and hands them to the groups that work on them.
struct ShardDispatcher: Sendable {
    /// A shard, and what to do with it.
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
    /// Wakes the groups, so that they notice new and departed members.
    let wake: @Sendable () -> Void

    /// Asks the log and the offset store where the shards stand. Nothing is handed over before all decisions are made:
    /// every member of the roster has a group that works on it and releases it.
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
            // Other processes may have worked on it in the meantime, or swapped in other rows.
            signal.tell(of: decision.member, from: decision.member.committed) { .unknown }
        }
        var groups: [Laggards: [ProjectionMember]] = [:]
        for decision in decisions {
            let member = decision.member
            switch decision.course {
            case .join: roster.join([member])
            case .catchUp:
                let course = Laggards.behind(
                    at: member.offset, withStatements: member.definition.kind.runsStatements)
                groups[course, default: []].append(member)
            case .replay: groups[.toReplay, default: []].append(member)
            }
        }
        for (course, members) in groups { laggards.yield(course.with(members)) }
        wake()
    }
}
