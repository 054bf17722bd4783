import HindsightLog
import HindsightPostgres
import Logging

/// Fills the tables of projections that are far behind by a rebuild's fast path, while this process has their leases.
struct ReplayRunner: Sendable {
    let rebuilder: ProjectionRebuilder
    let pool: PostgresPool
    let catalog: ProjectionCatalog
    let roster: EngineRoster
    let events: EventRegistry
    let configuration: EngineConfiguration
    let logger: Logger

    /// True if a projection's rows can be filled beside those that are there.
    ///
    /// False after a process has died while folding it: the ordinary path proceeds with care and finds the event.
    func canReplay(_ member: ProjectionMember, among definitions: [ProjectionDefinition]) async throws -> Bool {
        let definition = member.definition
        guard case .view = definition.kind, member.key.kind == .projection, !member.caution.isOn,
            try definitions.newest(named: definition.name).version == definition.version
        else { return false }
        let key = member.key.with(.rebuild)
        return try await pool.withSession { [catalog, store] session in
            // Rows that were compared and not shown wait for someone's decision.
            guard try !store.waitsToBeShown(definition, in: &session) else { return false }
            return try catalog.store.state(key, in: &session)?.stoppedAt == nil
        }
    }

    /// Fills the tables of some projections from one reading, and swaps them in. This ends the leases by which they were held.
    ///
    /// - Returns: false if that was not possible; the caller then takes the ordinary path.
    func run(_ members: [ProjectionMember]) async -> Bool {
        var options = RebuildOptions()
        options.memoryBytes = configuration.replayMemoryBytes
        options.keepsOlderVersion = true
        options.isOfEngine = true
        // Projections that are live already come first.
        if roster.hasLive { options.throttle = .automatic }
        let names = members.map(\.definition.name)
        let chosen = options
        logger.info("projections far behind, filling them anew", metadata: ["projection.names": "\(names)"])
        do {
            try await withBackgroundTask { [roster] in
                while !roster.isDraining, !members.contains(where: \.isLeaving) {
                    try await Task.sleep(for: .milliseconds(50))
                }
                throw CancellationError()
            } beside: { [rebuilder] in
                // It takes many connections, and stands in the queue like everybody.
                _ = try await PostgresPool.$isUrgent.withValue(false) {
                    try await rebuilder.rebuild(names, options: chosen)
                }
            }
            return true
        } catch {
            // The engine is draining, or one of them was paused; who takes them next resumes from the last checkpoint.
            if roster.isDraining || Task.isCancelled || members.contains(where: \.isLeaving) { return true }
            logger.warning(
                "projections not filled anew, applying event by event",
                metadata: ["projection.names": "\(names)", "error.message": "\(error)"])
            await giveUp(members)
            return false
        }
    }

    /// Discards what a killed process has left behind, now that the projections have come to the head without it.
    ///
    /// - Parameter connection: the connection of the leases. They must be renewed, so this does not wait for locks.
    func giveUpAbandoned(on connection: PostgresConnection) async {
        var arrived = roster.takeArrived()
        defer { roster.noteArrived(arrived) }
        for (key, definition) in arrived {
            do {
                let isDone = try await connection.withTransaction(.readCommitted) { [catalog, store] session in
                    try session.execute("set local lock_timeout = '100ms'")
                    try catalog.lock(in: &session)
                    return try store.giveUpAbandoned(definition, in: &session)
                }
                if isDone { arrived[key] = nil }
            } catch {
                // The next round tries again: the leases come first.
                logger.debug("tables of a replay not dropped yet", metadata: ["error.message": "\(error)"])
                return
            }
        }
    }

    private var store: RebuildStore {
        RebuildStore(catalog: catalog, events: events, configuration: configuration, partitions: 1)
    }

    /// Discards a failed attempt, unless it continued a rebuild that a user had begun.
    private func giveUp(_ members: [ProjectionMember]) async {
        let definitions = members.map(\.definition)
        do {
            try await pool.withTransaction(.readCommitted) { [catalog, store] session in
                try catalog.lock(in: &session)
                for definition in definitions { try store.giveUpOwn(definition, in: &session) }
            }
        } catch {
            logger.debug("tables of a replay not dropped yet", metadata: ["error.message": "\(error)"])
        }
    }
}
