import HindsightLog
import HindsightPostgres
import Logging

extension GroupRebuild {
    private var swap: ViewSwap { ViewSwap(catalog: catalog, store: store) }

    /// How often a swap that comes too late is retried before the rows that are shown are held still for a moment.
    private static let patience = 20

    /// Puts the new rows behind the stable name, as soon as nobody is in the way.
    func swapIn(_ member: ViewRebuildMember) async throws {
        member.enter(.swapping)
        try await noteComplete(member)
        var late = 0
        var said = ContinuousClock.now
        while true {
            switch try await swap.attempt(member, options, on: connection) {
            case .done:
                logger.info("rebuild swapped in", metadata: ["projection.name": "\(member.definition.name)"])
                return await sweep()
            case .lost:
                throw RebuildLost()
            case .behind:
                late += 1
                // Live events come faster than the rebuild catches up: the process that applies them pauses for a
                // moment.
                if late > Self.patience { _ = try await hold(member) }
                try await catchUp(member)
                try await prove(member)
                // A reader that began earlier would find rows of the past.
                try await noteComplete(member)
            case .waiting:
                if .now - said > .seconds(5) {
                    said = .now
                    await say(member)
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Records when the rows became complete; the swap waits for older snapshots.
    private func noteComplete(_ member: ViewRebuildMember) async throws {
        let (key, epoch) = (member.key, member.epoch)
        let isHeld = try await connection.withSession { [catalog] session in
            try catalog.store.complete(key, epoch: epoch, in: &session)
        }
        guard isHeld else { throw RebuildLost() }
    }

    /// Logs who is in the way of the swap.
    private func say(_ member: ViewRebuildMember) async {
        let stableName = member.location.stableName
        let processes = try? await pool.withSession { session in
            try session.query(
                """
                select distinct l.pid::text from pg_locks l where l.relation = to_regclass(\(stableName.quoted)) and l.granted
                union
                select a.pid::text from pg_stat_activity a
                where a.backend_xmin is not null and a.datname = current_database() and a.xact_start < now() - interval '5 seconds'
                """
            ).map { try $0.decode(0, as: String.self) }
        }
        logger.notice(
            "rebuild waits for transactions that read, to swap in",
            metadata: [
                "projection.name": "\(member.definition.name)",
                "postgres.processes": "\((processes ?? []).sorted().joined(separator: ", "))",
            ])
    }

    /// The rebuild has been compared and waits to be continued.
    func rest(_ member: ViewRebuildMember) async throws {
        member.enter(.verified)
        let statements = try store.checkpoint(member, to: member.offset, member.checksum, phase: .verified)
        let release = catalog.store.release(member.key, epoch: member.epoch)
        try await connection.withTransaction(.readCommitted) { session in
            for statement in statements + [release] { try session.execute(statement) }
        }
    }

    /// Drops replaced tables that nobody uses; the rest is dropped later, by any process.
    private func sweep() async {
        let tables = DiscardedTables(names: catalog.names)
        do {
            try await connection.withSession { session in
                // An engine that works on the table notices within a second that it has lost it.
                let isInUse = try !session.query(
                    "select from \(identifier: catalog.names.offsets) where leased_until > clock_timestamp() - interval '1 second'"
                ).isEmpty
                try tables.sweep(olderThan: isInUse ? 1 : 0, in: &session)
            }
        } catch {
            logger.debug("replaced tables not dropped yet", metadata: ["error.message": "\(error)"])
        }
    }

    // MARK: - Comparing

    /// Compares the new rows with those that are shown, both at the same offset, from one snapshot.
    ///
    /// - Returns: the outcome, and the shown rows if they belong to the same version and are equal in all columns.
    func compare(_ member: ViewRebuildMember) async throws -> (TableComparison.Outcome, EqualRows?) {
        member.enter(.verifying)
        let builds = try await pool.withSession { [catalog] session in try catalog.builds(in: &session) }
        guard let active = builds.values.first(where: { $0.isActive && $0.key.name == member.key.name }),
            let table = active.table
        else { return (.nothingShown, nil) }
        // If a process keeps the old rows up to date, they get to where the new ones are, or beyond.
        let held = try await hold(member)
        if let held, held.offset.position > member.offset.position {
            try await lease.keeping(held) { try await catchUp(member, through: held.offset) }
        }
        let newOffset = member.offset.position
        let comparison = TableComparison(
            shape: member.view.shape, new: member.location.table, old: catalog.names.object(table))
        let (snapshot, isTaken) = AsyncStream.makeStream(of: Void.self)
        async let result = { [connection, catalog] () async throws -> (TableComparison.Outcome, ShardState?) in
            // Also if the transaction does not even begin.
            defer { isTaken.finish() }
            return try await connection.withTransaction(TransactionOptions(.repeatableRead, isReadOnly: true)) {
                session in
                let old = try catalog.store.state(active.key, in: &session)
                isTaken.finish()
                let oldOffset = old?.offset.position ?? 0
                return (try comparison.run(oldOffset: oldOffset, newOffset: newOffset, in: &session), old)
            }
        }()
        for await _ in snapshot {}
        if let held { try await lease.letGo(held) }
        let (outcome, old) = try await result
        guard case .compared(let found) = outcome, found.isEqual, found.otherColumns.isEmpty, let old,
            old.offset.position == newOffset, active.key.version == member.key.version
        else { return (outcome, nil) }
        return (outcome, EqualRows(build: active, state: old))
    }

    var lease: ProjectionPause {
        ProjectionPause(pool: pool, connection: connection, catalog: catalog, node: configuration.node)
    }

    private func hold(_ member: ViewRebuildMember) async throws -> HeldProjection? {
        try await lease.hold(member.key.name, from: member.offset.position)
    }

    /// How many keys are parked of the new rows.
    func countParked(_ member: ViewRebuildMember) async throws -> ParkedCount {
        let key = member.key
        return try await pool.withSession { [catalog] session in try catalog.store.parkedCount(of: key, in: &session) }
    }

    /// The number of rows in the new table.
    func countRows(_ member: ViewRebuildMember) async throws -> Int64 {
        let table = member.location.table
        return try await pool.withSession { session in
            try session.query("select count(*) from \(identifier: table)")[0].decode(0)
        }
    }
}
