import HindsightPostgres

/// What changes the stable name, and who reads by it.
extension ShardOperation {
    private static func row(_ shard: ShardWorld.Shard) -> SQL { ShardWorld.row(shard) }

    /// The lock of the catalog, as the first statement of a transaction that changes what is shown.
    private static func opening(_ name: String, workingOn shards: [ShardWorld.Shard]) -> Step {
        Step(name: name) { session, _ in
            try session.execute("begin isolation level read committed")
            for shard in shards {
                _ = try session.query("select hindsight.work_on(\(sql: row(shard)), interval '1 minute')")
            }
            _ = try session.query("select pg_advisory_xact_lock(hashtextextended('hindsight.projections', 0))")
            return .done
        }
    }

    /// The shard that is shown, as the catalog has it.
    private static func active(_ session: inout PostgresSession) throws -> ShardWorld.Shard? {
        try session.query("select kind, version from hindsight.projections where name = 'account' and active").first
            .map { ShardWorld.Shard(kind: try $0.decode(0), version: try $0.decode(1)) }
    }

    private static func readiness(
        _ shard: ShardWorld.Shard, epoch: Int64, at position: Int64, _ session: inout PostgresSession
    ) throws -> Outcome {
        let shown: SQL = try active(&session).map(row) ?? "null"
        let answer = try session.query(
            "select hindsight.readiness(\(sql: row(shard)), \(epoch), \(position), \(sql: shown))")[0]
        let readiness = try answer.decode(0, as: String.self)
        return readiness == "ready" ? .done : .refused(readiness)
    }

    /// Puts a shard's table behind the stable name.
    private static func show(_ shard: ShardWorld.Shard) -> Step {
        Step(name: "show") { session, _ in
            let table = try session.query(
                """
                select view_table from hindsight.projections
                where name = 'account' and kind = \(shard.kind) and version = \(shard.version)
                """)[0].decode(0, as: String.self)
            let identifier = PostgresIdentifier(schema: PostgresIdentifier("hindsight"), table)
            try session.execute("create or replace view account as select * from \(identifier: identifier)")
            try session.execute("update hindsight.projections set active = false where name = 'account' and active")
            try session.execute(
                """
                update hindsight.projections set active = true, shown_at = clock_timestamp()
                where name = 'account' and kind = \(shard.kind) and version = \(shard.version)
                """)
            return .done
        }
    }

    private static func move(_ shard: ShardWorld.Shard, to target: ShardWorld.Shard) -> Step {
        Step(name: "move \(shard) to \(target)") { session, _ in
            try session.execute(
                """
                update hindsight.projections set kind = \(target.kind), active = false
                where name = 'account' and kind = \(shard.kind) and version = \(shard.version)
                """)
            _ = try session.query("select hindsight.move_shard(\(sql: row(shard)), \(sql: row(target)))")
            return .done
        }
    }

    /// A rebuild takes the place of what is shown, which is kept.
    static func swap(at position: Int64 = 3) -> ShardOperation {
        ShardOperation(
            "swap",
            [
                opening("lock the catalog", workingOn: [.rebuild, .shown, .kept]),
                Step(name: "readiness") { session, _ in
                    // Another version is shown: that is a swap of versions, which retires this one.
                    guard try active(&session) == .shown else { return .refused("another version is shown") }
                    return try readiness(.rebuild, epoch: 1, at: position, &session)
                },
                Step(name: "retire kept") { session, _ in
                    _ = try session.query("select hindsight.fence_shard(\(sql: row(.kept)), null)")
                    try session.execute(
                        "delete from hindsight.projections where name = 'account' and kind = 'kept' and version = 1")
                    return .done
                },
                move(.shown, to: .kept), move(.rebuild, to: .shown), show(.shown), .commit,
            ])
    }

    /// What was kept changes places with what is shown.
    static func rollBack() -> ShardOperation {
        ShardOperation(
            "roll back",
            [
                opening("lock the catalog", workingOn: []),
                Step(name: "readiness") { session, _ in
                    guard try active(&session) == .shown else { return .refused("another version is shown") }
                    // Asking who is connected keeps the answer, with everybody's snapshot, to the end of the transaction.
                    let kept = try session.query(
                        """
                        select o.epoch, o.position, o.owner is not null, hindsight.is_held(o) from hindsight.offsets o
                        join hindsight.projections p using (kind, name, version)
                        where o.name = 'account' and o.kind = 'kept'
                        """
                    ).first
                    guard let kept else { return .refused("nothing is kept") }
                    guard try kept.decode(2, as: Bool.self) else { return .done }
                    return try readiness(.kept, epoch: try kept.decode(0), at: try kept.decode(1), &session)
                }, exchange(), show(.shown), .commit,
            ])
    }

    /// The same where nobody keeps what was kept up to date: it comes back as it was left.
    static func rollBackOnPurpose() -> ShardOperation {
        ShardOperation("roll back on purpose", mayGoBack: true, rollBack().steps)
    }

    private static func exchange() -> Step {
        Step(name: "exchange_shards") { session, _ in
            let tables = try session.query(
                """
                select kind, view_table from hindsight.projections
                where name = 'account' and version = 1 and kind in ('projection', 'kept') order by kind for update
                """)
            for table in tables {
                let other = try table.decode(0, as: String.self) == "kept" ? "projection" : "kept"
                try session.execute(
                    """
                    update hindsight.projections set view_table = \(try table.decode(1, as: String.self))
                    where name = 'account' and version = 1 and kind = \(other)
                    """)
            }
            _ = try session.query("select hindsight.exchange_shards(\(sql: row(.kept)), \(sql: row(.shown)))")
            return .done
        }
    }

    /// A version that the engine has filled takes the place of the one before.
    static func show(at position: Int64 = 3) -> ShardOperation {
        ShardOperation(
            "show",
            [
                opening("lock the catalog", workingOn: [.next]),
                Step(name: "readiness") { session, _ in
                    try readiness(.next, epoch: 1, at: position, &session)
                }, show(.next), .commit,
            ])
    }

    /// Rows first, offset second.
    static func reset() -> ShardOperation {
        ShardOperation(
            "reset", mayGoBack: true,
            [
                opening("lock the catalog", workingOn: []),
                Step(name: "truncate") { session, _ in
                    let table = try session.query(
                        """
                        select view_table from hindsight.projections
                        where name = 'account' and kind = 'projection' and version = 1
                        """)[0].decode(0, as: String.self)
                    let identifier = PostgresIdentifier(schema: PostgresIdentifier("hindsight"), table)
                    try session.execute("truncate \(identifier: identifier)")
                    return .done
                },
                .statement("clear_shard", "select hindsight.clear_shard(\(sql: row(.shown)))"), .commit,
            ])
    }

    // MARK: - Readers

    private static func read(_ name: String, _ reading: Reading) -> Step {
        Step(name: name, reads: reading) { session, _ in
            .read(try session.query("select array(select position from account order by 1)")[0].decode(0))
        }
    }

    /// Two statements in a transaction, each with a snapshot of its own.
    static func readCommitted() -> ShardOperation {
        let first = Step(name: "begin and read", reads: .latest) { session, memory in
            try session.execute("begin isolation level read committed")
            return try read("", .latest).run(&session, &memory)
        }
        return ShardOperation("read committed", [first, read("read", .latest), .commit])
    }

    /// A snapshot that is taken without a look at the view, which nothing keeps from being replaced, and what it finds later.
    static func repeatableRead() -> ShardOperation {
        let snapshot = Step(name: "snapshot", reads: .snapshot) { session, _ in
            try session.execute("begin isolation level repeatable read")
            _ = try session.query("select count(*) from hindsight.log_identity")
            return .done
        }
        return ShardOperation(
            "repeatable read", [snapshot, read("read", .bySnapshot), read("read", .bySnapshot), .commit])
    }
}
