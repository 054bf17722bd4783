import HindsightPostgres
import HindsightValues
import Logging

/// A lease is renewed as long as its process lives, so a batch that does not end is noticed by its progress.
extension LeaseKeeper {
    /// Gives up the shards of groups that have not got on for three leases, unless they wait for a lock of somebody else: that is
    /// not the batch's fault, and the next owner would wait for it too.
    func giveUp(_ knowledge: inout Knowledge, on connection: PostgresConnection) async throws {
        let groups = roster.watched
        var works: [Int: GroupProgress.Work] = [:]
        for group in groups { works[group.id] = group.work }
        knowledge.overdue.look(at: works)
        let now = ContinuousClock.now
        var overdue = knowledge.progress.overdue(works.filter { $0.value.events != nil }.mapValues(\.step), now: now)
        // Without a transaction it waits for a connection, for a while, or for another group, which is late only if something here
        // does not return.
        let isStuck = knowledge.overdue.isStuck
        let others = works.filter { $0.value.events == nil && (!$0.value.isQueued || isStuck) }
        overdue.formUnion(knowledge.silence.overdue(others.mapValues(\.step), now: now))
        for group in groups where overdue.contains(group.id) && !knowledge.overdue.isStanding(group.id) {
            guard let work = works[group.id], try await !isWaiting(work, on: connection), group.giveUp(work) else {
                continue
            }
            let members = roster.members
            let held = work.members.filter { member in !member.isLost && members.contains { $0 === member } }
            knowledge.overdue.add(group.id, work, held: held)
        }
        guard !knowledge.overdue.shards.isEmpty else { return }
        for shard in knowledge.overdue.shards.values {
            do {
                try await giveUp(shard, &knowledge.overdue, limit: knowledge.progress.limit, on: connection)
            } catch let error where !error.isConnectionLoss && !Task.isCancelled {
                // The next look tries again. The other leases are not lost with it.
                logger.warning(
                    "shard not given up yet",
                    metadata: ["projection.name": "\(shard.member.key.name)", "error.message": "\(error)"])
            }
        }
        dispatcher.wake()
    }

    private func isWaiting(_ work: GroupProgress.Work, on connection: PostgresConnection) async throws -> Bool {
        for member in work.applying {
            let key = member.key
            let waits = try await connection.withSession { [store] session in try store.waits(of: key, in: &session) }
            guard let waits else { continue }
            logger.debug(
                "batch waits for a lock", metadata: ["projection.name": "\(key.name)", "lock.holder": "\(waits)"])
            return true
        }
        return false
    }

    private func giveUp(
        _ shard: OverdueBatches.Shard, _ overdue: inout OverdueBatches, limit: Duration,
        on connection: PostgresConnection
    ) async throws {
        let member = shard.member
        let why = Self.reason(shard, limit)
        let answer = try await connection.withSession { [store] session in
            try store.giveUp(shard, why: why, in: &session)
        }
        // Whatever comes of the batch, this process does not go on with the shard before it has taken it again.
        member.markLost()
        if !answer.unended.isEmpty { sayBlocked(member.key, answer.unended) }
        switch answer.status {
        case .blocked: return overdue.wait(for: member.key, isBusy: answer.isBusy)
        case .lost: break
        case .givenUp, .stopped:
            guard let events = shard.events else {
                logger.warning(
                    "lease given back: a batch of other projections does not end",
                    metadata: ["projection.name": "\(member.key.name)"])
                break
            }
            member.metrics.batchGivenUp()
            if answer.status == .stopped { member.metrics.stopped() }
            logger.log(
                level: answer.status == .stopped ? stopLevel : .warning, "batch does not end, given up",
                metadata: [
                    "projection.name": "\(member.key.name)", "event.position": "\(events.positions.lowerBound)",
                    "batch.events": "\(events.count)", "error.message": "\(why)",
                    "batch.place": answer.isBusy ? "database" : "program",
                ])
        }
        overdue.settle(member.key)
    }

    private static func reason(_ shard: OverdueBatches.Shard, _ limit: Duration) -> String {
        guard let events = shard.events else {
            return "waits for a batch that did not end within \(limit.seconds.ageText)"
        }
        guard events.count == 1, shard.isAlone else {
            return "a batch of \(events.count) events did not end within \(limit.seconds.ageText) and was given up"
        }
        return """
            the event was not applied within \(limit.seconds.ageText): its fold or its statements do not return. Mend them and resume the \
            projection, or raise its version
            """
    }

    /// Gives back what waits for a group that does not return.
    func releaseJoiners(on connection: PostgresConnection) async throws {
        let joiners = roster.takeJoiners()
        guard !joiners.isEmpty else { return }
        for member in joiners { roster.remove(member) }
        let statements = joiners.map { store.release($0.key, epoch: $0.epoch) }
        try await connection.withSession { session in _ = try session.pipeline(statements) }
    }
}
