import HindsightLog
import HindsightPostgres
import Logging

/// Runs groups of projections: one at the head, and one for each offset that is far behind it.
struct GroupRunner: Sendable {
    let log: any EventLog
    let changes: LogChanges
    let catalog: ProjectionCatalog
    let applier: BatchApplier
    let roster: EngineRoster
    let configuration: EngineConfiguration
    let presenter: VersionPresenter
    let logger: Logger
    /// True when somebody waits for the offsets, also where there was nothing to apply.
    let storesIdleOffsetsAtOnce: Bool

    // MARK: - At the head

    /// Keeps the projections at the head up to date until the engine drains.
    ///
    /// Those that join stand a little behind or ahead. The rearmost go first, up to where the next ones stand, until all stand
    /// together.
    func runLive() async {
        var group = ProjectionGroup(registry: applier.registry)
        var backoff = Backoff()
        var isBehind = false
        while !roster.isDraining, !Task.isCancelled {
            let seen = changes.generation
            group.add(roster.takeJoiners())
            letGo(of: group.removeLost())
            guard let rear = group.rear() else {
                await changes.wait(after: seen)
                continue
            }
            do {
                let batch = try await log.read(
                    after: rear.offset, through: rear.limit, filter: .types(rear.decoders.wantedTypes),
                    limit: rear.events(isBehind ? configuration.catchUpBatch : configuration.liveBatch))
                // Small batches are soon visible; when there is more than they can take, large ones are sooner done.
                isBehind = !batch.isAtFrontier
                try await apply(batch, to: rear, in: &group)
                // What was only passed over is not stored yet.
                if !batch.events.isEmpty { backoff.reset() }
                guard rear.limit == nil, batch.isAtFrontier else { continue }
                try await settle(at: batch.through, &group)
                backoff.reset()
                // While an open append holds the frontier back, the wake-up for what it hides may have come already.
                if batch.isHeld {
                    await changes.wait(after: seen, atMost: configuration.heldInterval)
                } else if batch.events.isEmpty {
                    await wait(after: seen, group)
                }
            } catch {
                await recover(&group, from: error, backoff: &backoff)
            }
        }
        await finish(&group)
    }

    /// Waits for something new, or for the moment to look again whether a version can be shown.
    private func wait(after seen: UInt64, _ group: ProjectionGroup) async {
        if group.members.contains(where: { !$0.isSettled && $0.offset == $0.committed }) {
            await changes.wait(after: seen, atMost: VersionPresenter.interval)
        } else {
            await changes.wait(after: seen)
        }
    }

    // MARK: - Behind it

    /// Brings projections that stand at one offset near the head, and hands them over there.
    func catchUp(_ members: [ProjectionMember]) async {
        var group = ProjectionGroup(registry: applier.registry)
        group.add(members)
        var backoff = Backoff()
        while !roster.isDraining, !Task.isCancelled {
            letGo(of: group.removeLost())
            guard let rear = group.rear() else { return }
            do {
                if try await catchUp(rear, in: &group, backoff: &backoff) {
                    roster.join(group.members)
                    changes.wake()
                    return
                }
                backoff.reset()
            } catch {
                await recover(&group, from: error, backoff: &backoff)
            }
        }
        await finish(&group)
    }

    /// Reads the next batch while the last one is applied.
    ///
    /// - Returns: true when the head is near; false when the group has changed and must be looked at anew.
    private func catchUp(
        _ rear: ProjectionGroup.Rear, in group: inout ProjectionGroup, backoff: inout Backoff
    ) async throws -> Bool {
        let filter = EventFilter.types(rear.decoders.wantedTypes)
        let size = rear.events(configuration.catchUpBatch)
        let log = log
        var batch = try await log.read(
            after: rear.offset, through: try await log.frontier(), filter: filter, limit: size)
        while !roster.isDraining, !Task.isCancelled {
            let current = batch
            async let following =
                current.isAtFrontier
                ? nil : log.read(after: current.through, through: current.frontier, filter: filter, limit: size)
            let isWhole = try await apply(current, to: rear, in: &group)
            // Progress: the next trouble is another one.
            backoff.reset()
            guard let next = try await following else {
                let head = try await log.frontier()
                return isWhole && head.position - current.through.position <= configuration.catchUpThreshold
            }
            guard isWhole, !rear.members.contains(where: \.isLost), rear.events(configuration.catchUpBatch) == size
            else { return false }
            batch = next
        }
        return false
    }

    // MARK: - Both

    /// Applies a batch to the members that stand before it.
    ///
    /// - Returns: true when all of them are at its end now and still share their decoders: one that went alone does not.
    @discardableResult
    private func apply(
        _ batch: EventBatch, to rear: ProjectionGroup.Rear, in group: inout ProjectionGroup
    ) async throws -> Bool {
        guard !batch.events.isEmpty else {
            for member in rear.members { member.offset = batch.through }
            return true
        }
        let outcomes = try await applier.apply(
            batch.events, through: batch.through, to: rear.members, decoders: rear.decoders)
        var isWhole = true
        for (member, outcome) in zip(rear.members, outcomes) {
            switch outcome {
            case .applied:
                continue
            case .stopped(let event, let error):
                try await stop(member, at: event, error)
                letGo(of: [member])
            case .lost:
                letGo(of: [member])
                await release(member)
            }
            isWhole = false
            group.remove(member)
        }
        return isWhole && rear.members.allSatisfy { $0.run.decoders === rear.decoders }
    }

    private func stop(_ member: ProjectionMember, at event: RecordedEvent, _ error: String) async throws {
        logger.error(
            "projection stopped",
            metadata: [
                "projection": "\(member.definition.name)", "position": "\(event.position)", "stream": "\(event.stream)",
                "error": "\(error)",
            ])
        let statement = catalog.store.stop(member.key, epoch: member.epoch, at: event, error: error)
        try await applier.pool.withSession { session in _ = try session.execute(statement) }
    }

    /// All is applied: offsets that moved over nothing are stored now and then, and a new version is shown.
    private func settle(at head: Offset, _ group: inout ProjectionGroup) async throws {
        for member in group.members where member.offset == head {
            let isDue = storesIdleOffsetsAtOnce || .now - member.committedAt > configuration.idleCommitInterval
            if isDue, case .lost = try await applier.commitOffset(of: member) { member.markLost() }
            guard !member.isSettled else { continue }
            await presenter.show(member)
        }
    }

    /// Gives back the lease of a member that is let go, in case it is still the one that was taken: somebody can take it anew
    /// without waiting for it to run out.
    private func release(_ member: ProjectionMember) async {
        let statement = catalog.store.release(member.key, epoch: member.epoch)
        do {
            try await applier.pool.withSession { session in _ = try session.query(statement) }
        } catch {
            logger.debug("lease not given back; it runs out", metadata: ["error": "\(error)"])
        }
    }

    func letGo(of members: [ProjectionMember]) {
        for member in members { roster.remove(member) }
    }

    /// Something passing went wrong. What the members hold in memory is not to be trusted: they are let go and taken anew from
    /// what the database has, which also settles whether a commit of unknown outcome happened.
    private func recover(_ group: inout ProjectionGroup, from error: any Error, backoff: inout Backoff) async {
        guard !(error is CancellationError), !Task.isCancelled else { return }
        let pause = backoff.next()
        logger.warning(
            "batch failed, trying again", metadata: ["error": "\(error)", "pause": .stringConvertible(pause)])
        if error.isAnchorMismatch { return await stopRewound(&group) }
        await noteTrouble(error, of: group.members)
        try? await Task.sleep(for: pause)  // cancelled: the loop ends
        // What is in memory is of no use any more, and there is no time to look for what is right.
        if roster.isDraining {
            for member in group.members { member.markLost() }
        }
        for member in group.members where !member.isLost {
            await reload(member)
        }
        letGo(of: group.removeLost())
    }

    /// Has others see what keeps the projections from going on, until they do.
    private func noteTrouble(_ error: any Error, of members: [ProjectionMember]) async {
        let statements = members.map { catalog.store.trouble($0.key, epoch: $0.epoch, "\(error)") }
        do {
            try await applier.pool.withSession { session in _ = try session.pipeline([.unflushed] + statements) }
        } catch {
            logger.debug("trouble not noted", metadata: ["error": "\(error)"])
        }
    }

    private func reload(_ member: ProjectionMember) async {
        let key = member.key
        do {
            let state = try await applier.pool.withSession { [catalog] session in
                try catalog.store.state(key, in: &session)
            }
            guard let state, state.epoch == member.epoch, state.stoppedAt == nil else { return member.markLost() }
            member.committed = state.offset
            member.offset = state.offset
            member.run.begin(forgettingRows: true)
        } catch {
            // The database is not there yet; the next attempt reloads again, and until then nothing can be committed anyway.
            logger.debug("offset not reloaded", metadata: ["error": "\(error)"])
            member.run.begin(forgettingRows: true)
        }
    }

    /// The engine drains: what was passed over is stored, so that nobody passes over it again.
    private func finish(_ group: inout ProjectionGroup) async {
        for member in group.members where !member.isLost {
            do {
                _ = try await applier.commitOffset(of: member)
            } catch {
                logger.debug("offsets not stored at the end", metadata: ["error": "\(error)"])
                return
            }
        }
    }
}
