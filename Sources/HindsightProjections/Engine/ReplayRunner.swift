import HindsightLog
import HindsightPostgres
import Logging

/// Fills the tables of projections that are far behind by the fast path of a rebuild, while this process has their leases.
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
    /// Not after a process has died over it: the ordinary path goes with care, and finds out at which event.
    func canReplay(_ member: ProjectionMember, among definitions: [ProjectionDefinition]) async throws -> Bool {
        let definition = member.definition
        guard case .view = definition.kind, member.key.kind == .projection, !member.caution.isOn,
            try definitions.newest(named: definition.name).version == definition.version
        else { return false }
        let key = member.key.with(.rebuild)
        let state = try await pool.withSession { [catalog] session in
            try catalog.store.state(key, in: &session)
        }
        return state?.stoppedAt == nil
    }

    /// Fills the tables of some projections from one reading, and swaps them in. The leases that they were held by are gone then.
    ///
    /// - Returns: false if that was not possible, and the ordinary path is to be taken.
    func run(_ members: [ProjectionMember]) async -> Bool {
        var options = RebuildOptions()
        options.memoryBytes = configuration.replayMemoryBytes
        options.keepsOlderVersion = true
        options.isOfEngine = true
        // Others that are live already come first.
        if roster.hasLive { options.throttle = .automatic }
        let names = members.map(\.definition.name)
        let chosen = options
        logger.info("projections far behind, filling them anew", metadata: ["projections": "\(names)"])
        do {
            try await withBackgroundTask { [roster] in
                while !roster.isDraining { try await Task.sleep(for: .milliseconds(50)) }
                throw CancellationError()
            } beside: { [rebuilder] in
                _ = try await rebuilder.rebuild(names, options: chosen)
            }
            return true
        } catch {
            // The engine drains, and the next process goes on from the last checkpoint.
            if roster.isDraining || Task.isCancelled { return true }
            logger.warning(
                "projections not filled anew, applying event by event",
                metadata: ["projections": "\(names)", "error": "\(error)"])
            await giveUp(members)
            return false
        }
    }

    /// Gives up what a process that was killed has left of filling projections, now that they have come to the head without it.
    ///
    /// - Parameter connection: that of the leases, which must be renewed: it waits for nobody.
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
                // Soon enough with the next look: the leases come first.
                logger.debug("tables of a replay not dropped yet", metadata: ["error": "\(error)"])
                return
            }
        }
    }

    private var store: RebuildStore {
        RebuildStore(catalog: catalog, events: events, configuration: configuration, partitions: 1)
    }

    /// Nothing is left of what did not work, but for a rebuild that somebody else has begun.
    private func giveUp(_ members: [ProjectionMember]) async {
        let definitions = members.map(\.definition)
        do {
            try await pool.withTransaction(.readCommitted) { [catalog, store] session in
                try catalog.lock(in: &session)
                for definition in definitions { try store.giveUpOwn(definition, in: &session) }
            }
        } catch {
            logger.debug("tables of a replay not dropped yet", metadata: ["error": "\(error)"])
        }
    }
}
