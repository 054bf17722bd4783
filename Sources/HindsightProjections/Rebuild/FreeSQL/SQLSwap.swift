import HindsightLog
import HindsightPostgres

/// Puts the rows of a rebuild's schema in the place of those that are read, in one transaction.
struct SQLSwap: Sendable {
    let catalog: ProjectionCatalog
    let store: RebuildStore

    private var names: SchemaNames { catalog.names }

    /// Swaps, unless somebody is in the way. Nobody who reads waits for it.
    ///
    /// - Parameter held: what is read, held still at the rebuild's offset or behind it.
    /// - Returns: false if somebody is in the way, or another version has come further.
    /// - Throws: ``RebuildLost`` if the rebuild, or what is held, is somebody else's by now.
    func attempt(
        _ member: SQLRebuildMember, _ held: HeldProjection, _ options: RebuildOptions,
        on connection: PostgresConnection
    ) async throws -> Bool {
        do {
            return try await connection.withTransaction(.readCommitted) { session in
                try swap(member, held, options, in: &session)
            }
        } catch  where error.isLockConflict {
            return false
        }
    }

    /// The rows first and their offset second, as those who apply events do.
    private func swap(
        _ member: SQLRebuildMember, _ held: HeldProjection, _ options: RebuildOptions,
        in session: inout PostgresSession
    ) throws -> Bool {
        let tables = try ShadowTables.read(member.schema, of: member.definition, in: &session)
        // Nobody reads these, and an autovacuum that is at work on one of them gives way after a second.
        try session.execute("set local lock_timeout = '2s'")
        try tables.lock(in: &session)
        try session.execute("set local lock_timeout = '100ms'")
        try catalog.lock(in: &session)
        try catalog.checkNotNewer(than: member.definition, options, in: &session)
        guard try retireOthers(than: member, in: &session) else { return false }
        try tables.replaceRows(in: &session)
        guard try session.execute(moveOffset(of: held, to: member)) == 1 else { throw RebuildLost() }
        if let build = try catalog.builds(in: &session)[held.build.key], !build.isActive {
            try catalog.show(build, in: &session)
        }
        try store.forget(member.key, in: &session)
        // Its row of the offsets stays for the sake of its epoch.
        try session.execute(member.key.clear(names))
        try member.schema.drop(in: &session)
        return true
    }

    /// Versions of one name may write to the same tables: the others commit nothing any more, before any row is exchanged.
    ///
    /// - Returns: false if what is shown has come further than the rebuild.
    private func retireOthers(than member: SQLRebuildMember, in session: inout PostgresSession) throws -> Bool {
        let builds = try catalog.builds(in: &session)
        let active = builds.values.first { $0.isActive && $0.key.name == member.key.name }
        if let active, active.key.version != member.key.version {
            let position = try session.query(
                "select position from \(identifier: names.offsets) where \(sql: active.key.condition) for update"
            ).first?.decode(0, as: Int64.self)
            if let position, position > member.offset.position { return false }
        }
        try ViewSwap(catalog: catalog, store: store)
            .retireOthers(than: member, active, keepsOld: false, builds, in: &session)
        return true
    }

    /// What is read stands where the rebuild does; whoever worked on it commits nothing any more.
    private func moveOffset(of held: HeldProjection, to member: SQLRebuildMember) -> SQL {
        """
        with rebuild as (
            select position as reached, anchor as reached_anchor, applied as counted from \(identifier: names.offsets)
            where \(sql: member.key.condition) and epoch = \(member.epoch) and position = \(member.offset.position))
        update \(identifier: names.offsets)
        set position = reached, anchor = reached_anchor, applied = counted, epoch = epoch + 1, owner = null, owner_pid = null,
            owner_started_at = null, leased_until = null, events_per_second = 0, stopped_at = null, stopped_event = null,
            error = null, updated_at = clock_timestamp()
        from rebuild where \(sql: held.build.key.condition) and epoch = \(held.epoch)
        """
    }
}
