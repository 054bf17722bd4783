import HindsightLog
import HindsightPostgres
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes and keeps the leases of an engine's projections, on a connection of its own: when that is gone, so are the leases.
struct LeaseKeeper: Sendable {
    let definitions: [ProjectionDefinition]
    let catalog: ProjectionCatalog
    let configuration: EngineConfiguration
    let database: PostgresConfiguration
    let log: any EventLog
    let roster: EngineRoster
    let logger: Logger
    /// Wakes the groups, so that they let go of what was lost.
    let wake: @Sendable () -> Void
    /// What to do with projections whose lease was taken.
    let begin: @Sendable ([ProjectionMember]) async throws -> Void

    private var names: SchemaNames { catalog.names }

    /// Runs until the task is cancelled. While the engine drains it takes nothing more, but keeps what batches in flight still
    /// need.
    func run() async {
        var backoff = database.reconnectBackoff
        while !Task.isCancelled {
            do {
                let connection = try await PostgresConnection.connect(database, logger: logger)
                do {
                    backoff.reset()
                    try await keep(on: connection)
                } catch {
                    await connection.close()
                    throw error
                }
                await connection.close()
            } catch {
                // Whoever sees the connection gone may take the leases; what is in flight here will commit nothing then.
                for member in roster.members { member.markLost() }
                wake()
                guard !Task.isCancelled else { return }
                logger.warning("leases lost, trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: backoff.next())  // cancelled: the loop ends
            }
        }
    }

    private func keep(on connection: PostgresConnection) async throws {
        while !Task.isCancelled {
            if !roster.isDraining {
                try await takeFree(on: connection)
                await sweep(on: connection)
            }
            try await renew(on: connection)
            try? await Task.sleep(for: configuration.leaseInterval)  // cancelled: the loop ends
        }
    }

    private func takeFree(on connection: PostgresConnection) async throws {
        var taken: [ProjectionMember] = []
        let catalog = catalog
        let builds = try await connection.withSession { session in try catalog.builds(in: &session) }
        for (definition, build) in wanted(builds) where !roster.holds(build.key) {
            guard let member = try await take(definition, build.key, on: connection) else { continue }
            do {
                try await log.verify(member.offset)
            } catch let error as EventLogError where error.code == .anchorMismatch {
                try await stop(member, "\(error)", on: connection)
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
        for member in taken { roster.add(member) }
        do {
            try await begin(taken)
        } catch {
            // Nobody works on them, so nobody else would let go of them.
            for member in taken { roster.remove(member) }
            throw error
        }
    }

    /// The tables of the projections at hand that are to be kept up to date.
    private func wanted(_ builds: [OffsetKey: ProjectionTable]) -> [(ProjectionDefinition, ProjectionTable)] {
        definitions.flatMap { definition in
            [OffsetKey.Kind.projection, .kept].compactMap { kind in
                builds[catalog.key(definition, kind)].map { (definition, $0) }
            }
        }
    }

    private func take(
        _ definition: ProjectionDefinition, _ key: OffsetKey, on connection: PostgresConnection
    ) async throws -> ProjectionMember? {
        let found = try await connection.withTransaction(.readCommitted) { [self] session in
            guard
                let state = try session.query(key.state(names)).first,
                try state.decode(3, as: Int64?.self) == nil,
                let epoch = try session.query(
                    key.takeLease(names, owner: configuration.node, duration: configuration.leaseDuration)
                ).first?.decode(0, as: Int64?.self)
            else { return nil as (epoch: Int64, offset: Offset, build: ProjectionTable, active: Int?)? }
            // Read again: offset and table may have changed between the first look and the lease.
            guard let build = try catalog.builds(in: &session)[key] else { return nil }
            let row = try session.query(key.state(names))[0]
            let active = try catalog.activeVersions(in: &session)[definition.name]
            return (epoch, Offset(position: try row.decode(0), anchor: try row.decode(1)), build, active)
        }
        guard let found else { return nil }
        return ProjectionMember(
            definition: definition, key: key, run: definition.makeRun(catalog.location(found.build)),
            epoch: found.epoch, offset: found.offset,
            isSettled: found.build.wasShown || found.active.map { $0 >= definition.version } ?? false)
    }

    private func stop(_ member: ProjectionMember, _ error: String, on connection: PostgresConnection) async throws {
        logger.error(
            "projection stopped", metadata: ["projection": "\(member.definition.name)", "error": "\(error)"])
        let names = names
        let key = member.key
        let position = member.offset.position
        let epoch = member.epoch
        try await connection.withSession { session in
            try session.execute(
                """
                update \(identifier: names.offsets)
                set stopped_at = \(position), error = \(error), owner = null, owner_pid = null, owner_started_at = null,
                    leased_until = null
                where \(sql: key.condition) and epoch = \(epoch)
                """)
        }
    }

    /// Drops tables that rebuilds have replaced. Whoever worked on them has noticed after a second.
    private func sweep(on connection: PostgresConnection) async {
        let tables = DiscardedTables(names: names)
        do {
            try await connection.withSession { session in try tables.sweep(olderThan: 1, in: &session) }
        } catch {
            logger.debug("replaced tables not dropped yet", metadata: ["error": "\(error)"])
        }
    }

    private func renew(on connection: PostgresConnection) async throws {
        for member in roster.members {
            let statement = member.key.renewLease(names, epoch: member.epoch, duration: configuration.leaseDuration)
            let isKept = try await connection.withSession { session in
                try session.query(statement)[0].decode(0, as: Bool.self)
            }
            guard !isKept else { continue }
            member.markLost()
            wake()
        }
    }
}
