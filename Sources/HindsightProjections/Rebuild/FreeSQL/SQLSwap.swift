import HindsightLog
import HindsightPostgres

/// Puts the rows of a rebuild's schema in the place of those that are read, in one transaction.
struct SQLSwap: Sendable {
    let catalog: ProjectionCatalog
    let store: RebuildStore

    private var names: SchemaNames { catalog.names }
    private var offsets: OffsetStore { catalog.store }

    /// How long the server lets this process be silent within a swap.
    private static let silence = Duration.seconds(5)

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
                try session.execute(offsets.workOn([member.key, held.build.key], atMost: Self.silence))
                return try swap(member, held, options, in: &session)
            }
        } catch let error where error.isLockConflict {
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
        // Both rows first, so that neither is anybody else's by the time that it is read.
        try offsets.lock(member.key, held.build.key, in: &session)
        guard let state = try offsets.state(member.key, in: &session), state.epoch == member.epoch,
            state.offset == member.offset,
            try offsets.state(held.build.key, in: &session)?.epoch == held.epoch
        else { throw RebuildLost() }
        // What is read stands where the rebuild does, and the rebuild's row is set back.
        try offsets.move(member.key, to: held.build.key, in: &session)
        if let build = try catalog.builds(in: &session)[held.build.key], !build.isActive {
            try catalog.show(build, in: &session)
        }
        try store.forget(member.key, in: &session)
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
            try offsets.lock(active.key, member.key, in: &session)
            let position = try offsets.state(active.key, in: &session)?.offset.position
            if let position, position > member.offset.position { return false }
        }
        try ViewSwap(catalog: catalog, store: store)
            .retireOthers(than: member, active, keepsOld: false, builds, in: &session)
        return true
    }
}
