import HindsightLog
import HindsightPostgres
import Logging

/// Shown rows that are equal to freshly folded ones at the same position.
struct EqualRows: Sendable {
    let build: ProjectionTable
    /// Their state in the offset store, in the snapshot of the comparison.
    let state: ShardState
}

extension GroupRebuild {
    /// Records from which events the rows that stay shown are folded, if a program of the previous release has left
    /// that unknown: from the same events as the new rows, which are equal to them.
    ///
    /// The shown rows have moved on since the comparison. Their count since then is compared with the log, so that the
    /// events stay unknown if such a program has moved the rows again.
    func proveShown(_ rows: EqualRows, by member: ViewRebuildMember) async throws {
        guard rows.state.checksum == nil, let held = try await lease.hold(member.key.name, from: member.offset.position)
        else { return }
        let isProven: Bool
        do {
            isProven = try await lease.keeping(held) { try await prove(rows, held, by: member) }
        } catch {
            try? await lease.letGo(held)  // the first error is the one to tell
            throw error
        }
        try await lease.letGo(held)
        guard isProven else { return }
        logger.info(
            "shown rows are equal to rebuilt ones, what they have applied is proven",
            metadata: ["projection.name": "\(member.definition.name)"])
    }

    private func prove(
        _ rows: EqualRows, _ held: HeldProjection, by member: ViewRebuildMember
    ) async throws -> Bool {
        guard held.build == rows.build else { return false }
        let key = held.build.key
        let found = try await pool.withSession { [catalog] session in try catalog.store.state(key, in: &session) }
        guard let found, found.checksum == nil else { return false }
        let since = member.sum(
            of: try await log.checksums(
                after: member.offset.position, through: found.offset.position, filter: member.filter))
        guard found.sums.since(rows.state.sums) == since else { return false }
        var whole = member.checksum
        whole.add(since)
        let proven = whole
        return try await pool.withSession { [catalog] session in
            try catalog.store.prove(key, epoch: held.epoch, found: found, applied: proven, in: &session)
        }
    }
}
