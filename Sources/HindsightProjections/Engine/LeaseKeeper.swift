import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes and keeps the leases of an engine's projections, on a connection of its own; the leases end with that
/// connection.
struct LeaseKeeper: Sendable {
    let definitions: [ProjectionDefinition]
    let catalog: ProjectionCatalog
    let configuration: EngineConfiguration
    let database: PostgresConfiguration
    let log: any EventLog
    let events: EventRegistry
    let roster: EngineRoster
    let logger: Logger
    /// The level at which it is logged that a projection stopped.
    let stopLevel: Logger.Level
    let dispatcher: ShardDispatcher

    private var store: OffsetStore { catalog.store }

    /// Runs until the task is cancelled. While the engine drains, it takes no more leases but keeps those that batches
    /// in flight still need.
    func run() async {
        var backoff = database.reconnectBackoff
        while !Task.isCancelled {
            do {
                let connection = try await PostgresConnection.connect(database, logger: logger)
                do {
                    try await keep(on: connection, &backoff)
                } catch {
                    await connection.close()
                    throw error
                }
                await connection.close()
            } catch {
                // Any process that sees the connection gone may take the leases; work in flight here then commits
                // nothing.
                for member in roster.members { member.markLost() }
                dispatcher.wake()
                guard !Task.isCancelled else { return }
                let pause = backoff.next()
                logger.warning(
                    "leases lost, trying again", metadata: ["error": "\(error)", "pause": .stringConvertible(pause)])
                try? await Task.sleep(for: pause)  // cancelled: the loop ends
            }
        }
    }

    private func keep(on connection: PostgresConnection, _ backoff: inout Backoff) async throws {
        var watch = LeaseWatch(duration: configuration.leaseDuration)
        while !Task.isCancelled {
            if !roster.isDraining {
                try await takeFree(&watch, on: connection)
                await sweep(on: connection)
                await dispatcher.replays.giveUpAbandoned(on: connection)
            }
            try await renew(on: connection)
            // A connection alone is no success: it may be cut repeatedly before it is of use.
            backoff.reset()
            try? await Task.sleep(for: configuration.leaseInterval)  // cancelled: the loop ends
        }
    }

    private func takeFree(_ watch: inout LeaseWatch, on connection: PostgresConnection) async throws {
        var taken: [ProjectionMember] = []
        let catalog = catalog
        let builds = try await connection.withSession { session in try catalog.builds(in: &session) }
        for (definition, build) in wanted(builds) where !roster.holds(build.key) {
            guard let member = try await take(definition, build.key, &watch, on: connection) else { continue }
            do {
                try await log.verify(member.offset)
            } catch let error where error.isAnchorMismatch {
                try await stop(member, "\(error)", on: connection)
                continue
            } catch {
                try await giveBack(member, error, on: connection)
                continue
            }
            taken.append(member)
        }
        guard !taken.isEmpty else { return }
        for member in taken {
            logger.debug(
                "lease taken",
                metadata: ["projection": "\(member.definition.name)", "offset": "\(member.offset.position)"])
        }
        do {
            dispatcher.begin(try await dispatcher.decide(taken))
        } catch {
            for member in taken { try await giveBack(member, error, on: connection) }
        }
    }

    /// Gives a lease back because the log cannot be asked at the moment; the leases that this process already has stay.
    private func giveBack(
        _ member: ProjectionMember, _ error: any Error, on connection: PostgresConnection
    ) async throws {
        logger.warning(
            "the log cannot be read, lease given back",
            metadata: ["projection": "\(member.definition.name)", "error": "\(error)"])
        let statements = [
            store.trouble(member.key, epoch: member.epoch, "\(error)"), store.release(member.key, epoch: member.epoch),
        ]
        try await connection.withSession { session in _ = try session.pipeline(statements) }
    }

    /// The tables to keep up to date, of the projections at hand.
    private func wanted(_ builds: [ShardKey: ProjectionTable]) -> [(ProjectionDefinition, ProjectionTable)] {
        definitions.flatMap { definition in
            [ShardKey.Kind.projection, .kept].compactMap { kind in
                builds[catalog.key(definition, kind)].map { (definition, $0) }
            }
        }
    }

    private func take(
        _ definition: ProjectionDefinition, _ key: ShardKey, _ watch: inout LeaseWatch,
        on connection: PostgresConnection
    ) async throws -> ProjectionMember? {
        let unchanged = watch.unchanged(key)
        let (take, build, active) = try await connection.withTransaction(.readCommitted) { [self] session in
            let take = try store.take(
                key, owner: configuration.node, for: configuration.leaseDuration, unchanged: unchanged, in: &session)
            // Asked only now that the shard is ours: the table may have changed since it was found.
            let build = try catalog.builds(in: &session)[key]
            return (take, build, try catalog.activeVersions(in: &session)[definition.name])
        }
        switch take {
        case .taken(let state, let hasDied, let unended):
            watch.forget(key)
            if hasDied {
                logger.warning(
                    "the process that worked on a projection has died; it is folded with care for a while",
                    metadata: [
                        "projection": "\(key.name)", "offset": "\(state.offset.position)",
                        "crashes": "\(state.crashes)",
                    ])
            }
            if !unended.isEmpty { sayBlocked(key, unended) }
            guard let build else {
                try await connection.withSession { [store] session in
                    _ = try session.query(store.release(key, epoch: state.epoch))
                }
                return nil
            }
            return ProjectionMember(
                definition: definition, key: key, run: definition.makeRun(catalog.location(build)),
                types: definition.storedTypes(events), epoch: state.epoch, offset: state.offset,
                isSettled: build.wasShown || active.map { $0 >= definition.version } ?? false,
                life: ShardLife(
                    catchUpThreshold: configuration.catchUpThreshold,
                    replayThreshold: configuration.replayThreshold),
                caution: CrashCaution(after: state))
        case .held(let state):
            watch.note(key, state)
            return nil
        case .stopped, .missing:
            watch.forget(key)
            return nil
        case .blocked(let processes):
            if !processes.isEmpty { sayBlocked(key, processes) }
            return nil
        }
    }

    private func sayBlocked(_ key: ShardKey, _ processes: [Int32]) {
        logger.warning(
            "a process that hangs is in the way, and this role may not end it: pg_terminate_backend(pid)",
            metadata: [
                "projection": "\(key.name)", "processes": "\(processes.map(String.init).joined(separator: ", "))",
            ])
    }

    private func stop(_ member: ProjectionMember, _ error: String, on connection: PostgresConnection) async throws {
        logger.log(
            level: stopLevel, "projection stopped",
            metadata: ["projection": "\(member.definition.name)", "error": "\(error)"])
        let statement = store.stop(member.key, epoch: member.epoch, at: member.offset, error: error)
        try await connection.withSession { session in _ = try session.query(statement) }
    }

    /// Drops tables that rebuilds have replaced. A process that worked on them notices within a second.
    private func sweep(on connection: PostgresConnection) async {
        let tables = DiscardedTables(names: catalog.names)
        do {
            try await connection.withSession { session in try tables.sweep(olderThan: 1, in: &session) }
        } catch {
            logger.debug("replaced tables not dropped yet", metadata: ["error": "\(error)"])
        }
    }

    private func renew(on connection: PostgresConnection) async throws {
        let members = roster.members
        guard !members.isEmpty else { return }
        let statements = members.map { store.renew($0.key, epoch: $0.epoch, for: configuration.leaseDuration) }
        let renewals = try await connection.withSession { [store] session in
            // One commit for all leases. It does not wait for the disk: a lease that a server crash loses is useless
            // anyway.
            try session.pipeline([.unflushed] + statements).dropFirst().map { try store.renewal($0) }
        }
        for (member, renewal) in zip(members, renewals) {
            switch renewal {
            case .kept, .busy:
                continue
            case .lost:
                member.markLost()
                dispatcher.wake()
            }
        }
    }
}
