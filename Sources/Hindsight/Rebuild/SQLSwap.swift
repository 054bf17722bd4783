import HindsightPostgres

/// Puts the rows of a rebuild's schema in the place of those that are read, in one transaction.
struct SQLSwap: Sendable {
    let registrar: ProjectionRegistrar
    let store: RebuildStore

    private var names: LogNames { registrar.names }

    /// Swaps, unless somebody is in the way. Nobody who reads waits for it.
    ///
    /// - Parameter held: what is read, held still at the rebuild's offset or behind it.
    /// - Returns: false if somebody is in the way.
    /// - Throws: ``RebuildLost`` if the rebuild, or what is held, is somebody else's by now.
    func attempt(
        _ member: SQLRebuildMember, _ held: HeldProjection, _ options: RebuildOptions,
        on connection: PostgresConnection
    ) async throws -> Bool {
        do {
            try await connection.withTransaction(.readCommitted) { session in
                try swap(member, held, options, in: &session)
            }
            return true
        } catch let error as PostgresError where error.sqlState == "55P03" || error.sqlState == "40P01" {
            return false
        }
    }

    /// The rows first and the offset second, as those who apply events do.
    private func swap(
        _ member: SQLRebuildMember, _ held: HeldProjection, _ options: RebuildOptions,
        in session: inout PostgresSession
    ) throws {
        let tables = try FillTables.read(member.schema, of: member.definition, in: &session)
        // Nobody reads these, and an autovacuum that is at work on one of them gives way after a second.
        try session.execute("set local lock_timeout = '2s'")
        try tables.lock(in: &session)
        try session.execute("set local lock_timeout = '100ms'")
        try tables.replaceRows(in: &session)

        try registrar.lock(in: &session)
        try registrar.checkNotNewer(than: member.definition, options, in: &session)
        guard try session.execute(moveOffset(of: held, to: member)) == 1 else { throw RebuildLost() }
        if let build = try registrar.builds(in: &session)[held.build.key], !build.isActive {
            try registrar.show(build, in: &session)
        }
        try store.forget(member.key, in: &session)
        try session.execute(clearOffset(of: member))
        try member.schema.drop(in: &session)
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

    /// The rebuild's row of the offsets stays for the sake of its epoch.
    private func clearOffset(of member: SQLRebuildMember) -> SQL {
        """
        update \(identifier: names.offsets)
        set position = 0, anchor = null, applied = 0, epoch = epoch + 1, owner = null, owner_pid = null, owner_started_at = null,
            leased_until = null, events_per_second = 0, stopped_at = null, stopped_event = null, error = null
        where \(sql: member.key.condition)
        """
    }
}
