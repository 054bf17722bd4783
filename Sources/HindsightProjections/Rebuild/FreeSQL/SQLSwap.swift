import HindsightLog
import HindsightPostgres

/// Replaces the live rows with those of a rebuild's schema, in one transaction.
struct SQLSwap: Sendable {
    let catalog: ProjectionCatalog
    let store: RebuildStore

    private var names: SchemaNames { catalog.names }
    private var offsets: OffsetStore { catalog.store }

    /// How long the server tolerates a silent process within a swap.
    private static let silence = Duration.seconds(5)

    /// Swaps, unless someone is in the way. No reader waits for it.
    ///
    /// - Parameter held: the live rows, held still at the rebuild's offset or behind it.
    /// - Returns: false if someone is in the way, or another version is further ahead.
    /// - Throws: ``RebuildLost`` if another process has taken the rebuild or the hold.
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

    /// The rows first and their offset second, as when events are applied.
    private func swap(
        _ member: SQLRebuildMember, _ held: HeldProjection, _ options: RebuildOptions,
        in session: inout PostgresSession
    ) throws -> Bool {
        let tables = try ShadowTables.read(member.schema, of: member.definition, in: &session)
        // Nobody reads these, and an autovacuum at work on one of them gives way after a second.
        try session.execute("set local lock_timeout = '2s'")
        try tables.lock(in: &session)
        try session.execute("set local lock_timeout = '100ms'")
        try catalog.lock(in: &session)
        try catalog.checkNotNewer(than: member.definition, options, in: &session)
        guard try retireOthers(than: member, in: &session) else { return false }
        try tables.replaceRows(in: &session)
        // Locks both rows first, so that neither changes hands before it is read.
        try offsets.lock(member.key, held.build.key, in: &session)
        guard let state = try offsets.state(member.key, in: &session), state.epoch == member.epoch,
            state.offset == member.offset,
            try offsets.state(held.build.key, in: &session)?.epoch == held.epoch
        else { throw RebuildLost() }
        // The live rows now stand where the rebuild does, and the rebuild's row is set back.
        try offsets.move(member.key, to: held.build.key, in: &session)
        if let build = try catalog.builds(in: &session)[held.build.key], !build.isActive {
            try catalog.show(build, in: &session)
        }
        try store.forget(member.key, in: &session)
        try member.schema.drop(in: &session)
        return true
    }

    /// Versions of one name may write to the same tables: fences the others before any row is exchanged, so that they
    /// commit nothing any more.
    ///
    /// - Returns: false if the version that is shown is ahead of the rebuild.
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
