import Hindsight
import HindsightPostgres

/// What is done with one shard.
extension ShardOperation {
    private static func row(_ shard: ShardWorld.Shard) -> SQL { ShardWorld.row(shard) }

    /// A call in a transaction of its own. The commit is a step by itself, because locks last until then.
    private static func call(_ name: String, _ statement: SQL) -> ShardOperation {
        ShardOperation(
            name,
            [
                Step(name: name) { session, _ in
                    try session.execute("begin isolation level read committed")
                    _ = try session.query(statement)
                    return .done
                }, .commit,
            ])
    }

    /// Applies the next position, by the lease and on the table that the world begins with.
    static func advance(_ shard: ShardWorld.Shard, from old: Int64 = 3, to new: Int64? = nil) -> ShardOperation {
        ShardOperation(
            "advance \(shard)",
            [
                Step(name: "work_on") { session, memory in
                    memory = Memory(epoch: 1, position: old, table: shard.table)
                    try workOn(shard, &session)
                    return .done
                }
            ] + applying(shard, to: new ?? old + 1))
    }

    /// Handles a position beyond the offset, as one of several keys in flight. Readers of views, which have none, would see it too early.
    ///
    /// - Parameter prolongs: whether the note prolongs the lease, which in this world always is due, or is one of the release before.
    static func handle(
        _ position: Int64, of shard: ShardWorld.Shard = .shown, prolongs: Bool = true
    ) -> ShardOperation {
        let duration: SQL = prolongs ? ", interval '1 minute'" : ""
        return ShardOperation(
            "handle \(position) of \(shard)\(prolongs ? "" : " without prolonging")", mayGoBack: true,
            [
                Step(name: "work_on") { session, _ in
                    try workOn(shard, &session)
                    return .done
                },
                Step(name: "rows") { session, _ in
                    try session.execute(
                        "insert into hindsight.\(identifier: PostgresIdentifier(shard.table)) values (\(position))")
                    return .done
                },
                Step(name: "note_handled") { session, _ in
                    _ = try session.query(
                        """
                        select hindsight.note_handled(
                            \(sql: row(shard)), 1, 3, array[\(position)]::bigint[], array[\(ShardWorld.log)]::uuid[]\(sql: duration))
                        """)
                    return .done
                },
                Step(name: "commit", commits: true) { session, _ in
                    try session.execute("commit")
                    return .advanced(shard, epoch: 1)
                },
            ])
    }

    /// Two tables of one version in one transaction, as a group of projections is committed.
    static func advanceTogether(_ first: ShardWorld.Shard, _ second: ShardWorld.Shard) -> ShardOperation {
        let parts = [advance(first), advance(second)]
        func both(_ index: Int) -> Step {
            Step(name: parts[0].steps[index].name + " of both") { session, _ in
                var memory = Memory()
                for (part, shard) in zip(parts, [first, second]) {
                    memory = Memory(epoch: 1, position: 3, table: shard.table)
                    _ = try part.steps[index].run(&session, &memory)
                }
                return .done
            }
        }
        let opening = Step(name: "work_on") { session, memory in
            memory = Memory(epoch: 1, position: 3, table: first.table)
            try workOn(first, &session)
            _ = try session.query("select hindsight.work_on(\(sql: row(second)), interval '1 minute')")
            return .done
        }
        return ShardOperation(
            "advance \(first) and \(second)",
            [opening, both(1), parts[0].steps[2], parts[1].steps[2], parts[0].steps[3]])
    }

    private static func workOn(_ shard: ShardWorld.Shard, _ session: inout PostgresSession) throws {
        try session.execute("begin isolation level read committed")
        _ = try session.query("select hindsight.work_on(\(sql: row(shard)), interval '1 minute')")
    }

    /// Rows, offset and commit; up to a position, or one further than what the operation remembers.
    private static func applying(_ shard: ShardWorld.Shard, to new: Int64? = nil) -> [Step] {
        [
            Step(name: "rows") { session, memory in
                let end = new ?? memory.position + 1
                try session.execute(
                    """
                    insert into hindsight.\(identifier: PostgresIdentifier(memory.table))
                    select p from generate_series(\(memory.position + 1), \(end)) p
                    where not exists (
                        select from hindsight.handled_events h
                        where h.list = hindsight.parked_list(\(sql: row(shard))) and p = any (h.positions))
                    """)
                return .done
            },
            Step(name: "advance_shard") { session, memory in
                let end = new ?? memory.position + 1
                var sum = LogChecksum()
                for position in memory.position + 1...end { sum.add(position) }
                _ = try session.query(
                    """
                    select hindsight.advance_shard(\(sql: row(shard)), \(memory.epoch), \(memory.position), \(end),
                        \(ShardWorld.log)::uuid, \(sum.count), \(Int64(sum.positionSum))::numeric, \(sum.positionMix), 1,
                        interval '1 minute', true)
                    """)
                return .done
            },
            Step(name: "commit", commits: true) { session, memory in
                try session.execute("commit")
                return .advanced(shard, epoch: memory.epoch)
            },
        ]
    }

    /// Takes a lease that has run out: the same process again, or another one, which ends what the former owner has left open.
    static func take(_ shard: ShardWorld.Shard, by owner: String = "a") -> ShardOperation {
        ShardOperation(
            "take \(shard)\(owner == "a" ? "" : " over")",
            [
                Step(name: "take_shard") { session, memory in
                    try session.execute("begin isolation level read committed")
                    let taken = try session.query(
                        """
                        select t.status, (t.state).epoch, (t.state).position
                        from hindsight.take_shard(\(sql: row(shard)), \(owner), interval '1 minute', null, null) t
                        """)[0]
                    let status = try taken.decode(0, as: String.self)
                    guard status == "taken" else { return .refused(status) }
                    memory.epoch = try taken.decode(1)
                    memory.position = try taken.decode(2)
                    // Asked now that the shard is ours, as the engine does.
                    let table = try session.query(
                        """
                        select view_table from hindsight.projections
                        where name = 'account' and kind = \(shard.kind) and version = \(shard.version) and retired_at is null
                        """
                    ).first
                    guard let table else { return .refused("no table") }
                    memory.table = try table.decode(0)
                    return .done
                }, .commit,
            ])
    }

    /// Takes a lease and applies the next position.
    static func takeAndAdvance(_ shard: ShardWorld.Shard, by owner: String = "a") -> ShardOperation {
        let take = take(shard, by: owner)
        let work = Step(name: "work_on, rows") { session, memory in
            try workOn(shard, &session)
            return try applying(shard)[0].run(&session, &memory)
        }
        return ShardOperation("\(take.name) and advance", take.steps + [work] + applying(shard).dropFirst())
    }

    static func renew(_ shard: ShardWorld.Shard) -> ShardOperation {
        call("renew \(shard)", "select hindsight.renew_shard(\(sql: row(shard)), 1, interval '1 minute', null)")
    }

    static func release(_ shard: ShardWorld.Shard) -> ShardOperation {
        call("release \(shard)", "select hindsight.release_shard(\(sql: row(shard)), 1)")
    }

    static func stop(_ shard: ShardWorld.Shard) -> ShardOperation {
        call(
            "stop \(shard)",
            "select hindsight.stop_shard(\(sql: row(shard)), 1, 4, \(ShardWorld.log)::uuid, 'an event that fails')")
    }

    static func resume(_ shard: ShardWorld.Shard) -> ShardOperation {
        call("resume \(shard)", "select hindsight.resume_shard(\(sql: row(shard)), false)")
    }

    static func hold(_ shard: ShardWorld.Shard) -> ShardOperation {
        call("hold \(shard)", "select hindsight.hold_shard(\(sql: row(shard)), 'c', interval '1 minute', 0)")
    }

    static func fence(_ shard: ShardWorld.Shard) -> ShardOperation {
        call("fence \(shard)", "select hindsight.fence_shard(\(sql: row(shard)), null)")
    }

    /// Makes known what was applied up to where the world begins, unless it has moved on.
    static func prove(_ shard: ShardWorld.Shard) -> ShardOperation {
        var sum = LogChecksum()
        for position: Int64 in 1...3 { sum.add(position) }
        let sums: SQL = "\(sum.count), \(Int64(sum.positionSum))::numeric, \(sum.positionMix)"
        return call(
            "prove \(shard)",
            "select hindsight.prove_shard(\(sql: row(shard)), 1, 3, \(sql: sums), \(sql: sums))")
    }

    static func complete(_ shard: ShardWorld.Shard) -> ShardOperation {
        call("complete \(shard)", "select hindsight.complete_shard(\(sql: row(shard)), 1)")
    }
}
