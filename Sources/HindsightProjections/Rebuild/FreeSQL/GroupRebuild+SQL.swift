import HindsightLog
import HindsightPostgres
import Logging
import Synchronization

/// Projections that write their own tables.
extension GroupRebuild {
    private var swap: SQLSwap { SQLSwap(catalog: catalog, store: store) }

    /// How long a swap is attempted before the process that keeps the old rows up to date may continue for a while.
    private static let patience = Duration.seconds(1)

    /// Fills the tables of the rebuild's schema by the ordinary path, up to the log's frontier.
    func fill(_ member: SQLRebuildMember) async throws {
        member.enter(.reading)
        setGoal(try await log.frontier(), of: [member])
        try await catchUp(member, isThrottled: true)
        member.enter(.catchingUp)
    }

    /// How many rows the tables of the rebuild's schema have.
    func countRows(_ member: SQLRebuildMember) async throws -> Int64 {
        let rows = try await pool.withSession { session in
            try ShadowTables.read(member.schema, of: member.definition, in: &session).countRows(in: &session)
        }
        member.progress.withLock { $0.rows = rows }
        return rows
    }

    /// Replaces the live rows with the new ones, as soon as nobody is in the way. The process that keeps those up to
    /// date pauses for the moment that it takes.
    func swapIn(_ member: SQLRebuildMember) async throws {
        member.enter(.swapping)
        var said = ContinuousClock.now
        while true {
            guard let held = try await lease.hold(catalog.key(member.definition)) else {
                throw ProjectionError(
                    .cannotRebuild, "\(member.name) has given way to another one meanwhile, and nothing was changed")
            }
            do {
                if try await lease.keeping(held, { try await swapIn(member, holding: held) }) {
                    return logger.info(
                        "rebuild swapped in", metadata: ["projection.name": "\(member.definition.name)"])
                }
                try await lease.letGo(held)
            } catch {
                try? await lease.letGo(held)  // the first error is the one to report
                throw error
            }
            if .now - said > .seconds(5) {
                said = .now
                logger.notice(
                    "rebuild waits for others that write to the projection's tables or lock them, to swap in",
                    metadata: ["projection.name": "\(member.definition.name)"])
            }
            // Gives the process that keeps the old rows up to date time to come back and continue.
            try await Task.sleep(for: configuration.leaseInterval * 2)
            try await catchUp(member)
            try await prove(member)
        }
    }

    /// Brings the new rows to where the old ones stand, and swaps as soon as the transactions that work on them have
    /// ended.
    ///
    /// - Returns: false if someone is still in the way.
    private func swapIn(_ member: SQLRebuildMember, holding held: HeldProjection) async throws -> Bool {
        if held.offset.position > member.offset.position {
            try await catchUp(member, through: held.offset)
            try await prove(member)
        }
        let end = ContinuousClock.now + Self.patience
        repeat {
            if try await swap.attempt(member, held, options, on: connection) { return true }
            try await Task.sleep(for: .milliseconds(50))
            // Another version may be further ahead.
            try await catchUp(member)
            try await prove(member)
        } while .now < end
        return false
    }
}
