import HindsightLog
import HindsightPostgres
import HindsightTracing
import HindsightValues
import Logging

/// Runs groups of projections: two at the head, and one or two for each offset that is far behind it.
struct GroupRunner: Sendable {
    let log: any EventLog
    let changes: LogChanges
    let catalog: ProjectionCatalog
    var applier: BatchApplier
    let roster: EngineRoster
    let configuration: EngineConfiguration
    let presenter: VersionPresenter
    let logger: Logger
    /// The level at which it is logged that a projection stopped.
    let stopLevel: Logger.Level
    /// True if a caller waits for the offsets, which are then stored even if there was nothing to apply.
    let storesIdleOffsetsAtOnce: Bool

    private var feed: EventFeed {
        EventFeed(
            log: log, changes: changes, heldInterval: configuration.heldInterval,
            // A server that was away for a while, and is there again, is not waited for as long once more.
            pauses: Backoff(maximum: min(configuration.leaseDuration / 4, .seconds(1))))
    }

    /// Keeps the projections at the head up to date until the engine drains: those that run statements of their own, or
    /// the others.
    func runLive(withStatements: Bool) async {
        await watched { await $0.run(LiveConsumer(runner: $0, withStatements: withStatements)) }
    }

    /// Brings projections that share an offset near the head, and hands them over there.
    func catchUp(_ members: [ProjectionMember]) async {
        await watched { await $0.run(LaggardConsumer(runner: $0, members: members)) }
    }

    /// Runs a group whose progress the keeper of the leases sees.
    private func watched(_ body: (GroupRunner) async -> Void) async {
        let progress = GroupProgress()
        var runner = self
        runner.applier.progress = progress
        roster.watch(progress)
        await body(runner)
        roster.unwatch(progress)
    }

    private func run(_ consumer: some GroupConsumer) async {
        var consumer = consumer
        do {
            try await feed.run(&consumer)
        } catch {
            // Cancelled: the feed recovers from everything else. Work in flight was rolled back.
            return
        }
        if consumer.isInDoubt {
            // The engine is draining, and there is no time to find out where the members stand.
            for member in consumer.group.members { member.markLost() }
        }
        await finish(consumer.group)
    }

    // MARK: - Shared by both

    /// Applies a batch to the members that stand before it.
    ///
    /// - Returns: true if all of them now stand at its end and still share their decoders: a member that was applied
    ///   alone does not.
    @discardableResult
    func apply(
        _ batch: EventBatch, to rear: ProjectionGroup.Rear, in group: inout ProjectionGroup
    ) async throws -> Bool {
        guard !batch.events.isEmpty else {
            for member in rear.members { member.offset = batch.through }
            return true
        }
        applier.progress?.enter(group.members)
        defer { applier.progress?.leave() }
        let outcomes = try await BatchSpan.around(batch.events, for: rear.members.map(\.definition.name)) {
            try await applier.apply(
                batch.events, through: batch.through, to: rear.members, decoders: rear.decoders)
        } stops: { outcomes in
            zip(rear.members, outcomes).compactMap { member, outcome in
                guard case .stopped(let event, let error) = outcome else { return nil }
                return BatchSpan.Stop(projection: member.definition.name, position: event.position, error: error)
            }
        }
        var isWhole = true
        for (member, outcome) in zip(rear.members, outcomes) {
            switch outcome {
            case .applied:
                continue
            case .stopped(let event, let error):
                if try await stop(member, at: event, error) { roster.stop(member) } else { letGo(of: [member]) }
            case .lost:
                letGo(of: [member])
                await release(member)
            }
            isWhole = false
            group.remove(member)
        }
        return isWhole && rear.members.allSatisfy { $0.run.decoders === rear.decoders }
    }

    /// - Returns: false if another process has the projection: what this one has come upon may be that one's work.
    private func stop(_ member: ProjectionMember, at event: RecordedEvent, _ error: String) async throws -> Bool {
        let (store, key, epoch) = (catalog.store, member.key, member.epoch)
        let isStopped = try await applier.pool.withSession { session in
            try session.execute(store.stop(key, epoch: epoch, at: event, error: error))
            let state = try store.state(key, in: &session)
            return state?.epoch == epoch && state?.stoppedAt == event.position
        }
        guard isStopped else { return false }
        logger.log(
            level: stopLevel, "projection stopped",
            metadata: [
                "projection.name": "\(member.definition.name)", "event.position": "\(event.position)",
                "event.stream": "\(event.stream)",
                "error.message": "\(error)",
            ])
        member.metrics.stopped()
        return true
    }

    /// Called when everything is applied: offsets that moved without anything to apply are stored now and then, and a
    /// new version is shown.
    func settle(at head: Offset, _ group: inout ProjectionGroup) async throws {
        for member in group.members where member.offset == head {
            member.metrics.caughtUp(at: head.position)
            let isDue =
                storesIdleOffsetsAtOnce || .now - member.committedAt > configuration.idleCommitInterval
                || applier.signal?.isAwaited(member) == true
            if isDue, case .lost = try await applier.commitOffset(of: member) { member.markLost() }
            guard !member.isSettled else { continue }
            await presenter.show(member)
        }
    }

    /// Gives back the lease of a released member if it is still the one that was taken, so that it can be taken again
    /// without waiting for it to expire.
    private func release(_ member: ProjectionMember) async {
        let statement = catalog.store.release(member.key, epoch: member.epoch)
        do {
            try await applier.pool.withSession { session in _ = try session.query(statement) }
        } catch {
            // The keeper sees that nobody works on it, and gives it back.
            logger.debug("lease not given back yet", metadata: ["error.message": "\(error)"])
        }
    }

    /// Gives back the leases of members that are to leave, with the offset up to which there was nothing to apply.
    func giveBack(_ members: [ProjectionMember]) async {
        for member in members {
            do {
                _ = try await applier.commitOffset(of: member)
            } catch {
                logger.debug("offset not stored when giving a lease back", metadata: ["error.message": "\(error)"])
            }
            await release(member)
            logger.debug(
                "lease given back",
                metadata: [
                    "projection.name": "\(member.definition.name)", "lease.reason": "\(member.departure)",
                    "projection.offset": "\(member.committed.position)",
                ])
            roster.remove(member)
        }
    }

    func letGo(of members: [ProjectionMember]) {
        for member in members { roster.remove(member) }
    }

    /// Publishes what went wrong. A log that cannot be read for a lasting reason stops the members: that is a bug, or needs
    /// someone's help. Errors of single events were settled before this; the others concern the offset store.
    func recover(
        _ group: inout ProjectionGroup, from error: any Error, whileReading isReading: Bool, pausing pause: Duration
    ) async {
        if error.isAnchorMismatch {
            await stopRewound(&group)
        } else if !isReading || error.isInterruption || error.isServerTrouble || error is CancellationError {
            logger.warning(
                "batch failed, trying again",
                metadata: ["error.message": "\(error)", "retry.pause": .stringConvertible(pause)])
            for member in group.members { member.metrics.retried() }
            await noteTrouble(error, of: group.members)
        } else {
            for member in group.members {
                if !member.isLost { await stop(member, "\(error)") }
                roster.stop(member)
            }
            group.removeAll()
        }
    }

    /// Reloads the members from the database.
    func reload(_ group: inout ProjectionGroup) async {
        for member in group.members where !member.isLost { await reload(member) }
        letGo(of: group.removeLost())
    }

    /// Publishes what keeps the projections from continuing, until they do.
    private func noteTrouble(_ error: any Error, of members: [ProjectionMember]) async {
        let statements = members.map { catalog.store.trouble($0.key, epoch: $0.epoch, "\(error)") }
        do {
            try await applier.pool.withSession { session in _ = try session.pipeline([.unflushed] + statements) }
        } catch {
            logger.debug("trouble not noted", metadata: ["error.message": "\(error)"])
        }
    }

    private func reload(_ member: ProjectionMember) async {
        let key = member.key
        do {
            let state = try await applier.pool.withSession { [catalog] session in
                try catalog.store.state(key, in: &session)
            }
            guard let state, state.epoch == member.epoch, state.stoppedAt == nil else { return member.markLost() }
            // Events that were only skipped lie above the stored offset, and need not be read again.
            if state.offset != member.committed {
                let start = member.committed
                member.committed = state.offset
                member.offset = state.offset
                // A commit of unknown outcome did happen.
                applier.signal?.tell(of: member, from: start) { .unknown }
            }
            member.run.begin(forgettingRows: true)
        } catch {
            // The database is still unavailable; the next attempt reloads again, and until then nothing can be
            // committed anyway.
            logger.debug("offset not reloaded", metadata: ["error.message": "\(error)"])
            member.run.begin(forgettingRows: true)
        }
    }

    /// Called when the engine drains: stores offsets that moved without anything to apply, so that those events are not
    /// read again.
    private func finish(_ group: ProjectionGroup) async {
        for member in group.members where !member.isLost {
            do {
                _ = try await applier.commitOffset(of: member)
            } catch {
                logger.debug("offsets not stored at the end", metadata: ["error.message": "\(error)"])
                return
            }
        }
    }
}
