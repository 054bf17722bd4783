import Hindsight
import HindsightPostgres
import Testing

@Suite("Nodes", .serialized, .timeLimit(.minutes(3)))
struct NodeTests {
    /// Runs engines in processes of their own.
    private func withNodes(
        _ names: [String], _ bank: Bank, tallies: ClosedRange<Int> = 1...6,
        _ body: ([String: RunningEngine]) async throws -> Void
    ) async throws {
        try await withNodes(names[...], [:], bank, tallies, body)
    }

    private func withNodes(
        _ names: ArraySlice<String>, _ running: [String: RunningEngine], _ bank: Bank, _ tallies: ClosedRange<Int>,
        _ body: ([String: RunningEngine]) async throws -> Void
    ) async throws {
        guard let name = names.first else { return try await body(running) }
        try await bank.asProcess(name) { process in
            let engine = RunningEngine(process.tallying(tallies, as: name))
            do {
                try await withNodes(
                    names.dropFirst(), running.merging([name: engine]) { $1 }, bank, tallies, body)
            } catch {
                await engine.cancel()
                throw error
            }
            await engine.cancel()
        }
    }

    @Test("They share the projections evenly, as they come, drain and die")
    func shareEvenly() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(60)
            try await withNodes(["first"], bank) { nodes in
                try await bank.untilShared(["first": 6])
                try await withNodes(["second"], bank) { others in
                    try await bank.untilShared(["first": 3, "second": 3])
                    try await withNodes(["third"], bank) { _ in
                        try await bank.untilShared(["first": 2, "second": 2, "third": 2])
                        try await bank.appendRandom(60, seed: 2, batch: 1)
                        try await bank.expectTallies(1...6)
                    }
                    // It was cancelled, so it has not given anything back.
                    try await bank.untilShared(["first": 3, "second": 3])
                    try await bank.appendRandom(30, seed: 3, batch: 1)
                    try await bank.expectTallies(1...6)
                    try await nodes["first"]?.shutDown()
                    try await bank.untilShared(["second": 6])
                    try await bank.appendRandom(30, seed: 4, batch: 1)
                    try await bank.expectTallies(1...6)
                    #expect(others.count == 1)
                }
            }
        }
    }

    @Test("Among nodes that stay, no projection changes hands")
    func staysInPlace() async throws {
        try await Bank.open { bank in
            try await withNodes(["first", "second"], bank, tallies: 1...5) { _ in
                try await Bank.until("all are taken, and shared") {
                    try await bank.shares().values.sorted() == [2, 3]
                }
                func epochs() async throws -> String {
                    try await bank.value("select string_agg(epoch::text, ',' order by name) from hindsight.offsets")
                }
                func renewals() async throws -> Int {
                    try await bank.value("select min(renewals) from hindsight.nodes")
                }
                let (before, start) = (try await epochs(), try await renewals())
                try await bank.appendRandom(30)
                try await Bank.until("both have looked fifty times") { try await renewals() > start + 50 }
                #expect(try await epochs() == before)
                try await bank.expectTallies(1...5)
            }
        }
    }

    @Test("A node renews itself and all that it has in one commit")
    func oneRenewal() async throws {
        try await Bank.open { bank in
            try await withNodes(["first"], bank) { _ in
                try await bank.untilShared(["first": 6])
                try await Bank.until("all rows are of one transaction") {
                    try await bank.value(
                        """
                        select count(distinct x) = 1 from (
                            select xmin::text from hindsight.nodes union all select xmin::text from hindsight.offsets) t (x)
                        """)
                }
            }
        }
    }

    @Test("Somebody who locks a node's row keeps its leases from nothing")
    func lockedRow() async throws {
        try await Bank.open { bank in
            try await withNodes(["first"], bank, tallies: 1...2) { _ in
                try await bank.untilShared(["first": 2])
                let hanging = try await OpenTransaction.begin(in: bank.views)
                try await hanging.run { _ = try $0.query("select from hindsight.nodes for update") }
                let renewals = { () async throws -> Int64 in
                    try await bank.value("select min(renewals) from hindsight.offsets where owner = 'first'")
                }
                let before = try await renewals()
                try await Bank.until("its leases are renewed") { try await renewals() > before + 3 }
                try await hanging.commit()
            }
        }
    }

    /// A session that registers as a node, takes everything, and does nothing more: as that of a process that hangs.
    private func hang(_ bank: Bank) async throws -> PostgresConnection {
        let connection = try await PostgresConnection.connect(bank.viewsDatabase, logger: LogFixture.logger)
        let taken: Int = try await connection.withSession { session in
            _ = try session.query(
                """
                select hindsight.register_node(gen_random_uuid(), log, 'hanging', 'a build', 1, null, clock_timestamp(),
                    array['tally_1', 'tally_2'], array[1, 1], interval '2 s') from hindsight.offsets limit 1
                """)
            return try session.query(
                """
                select count(*) from hindsight.offsets o, lateral hindsight.take_shard(
                    row(o.kind, o.name, o.version, o.partition, o.log)::hindsight.shard, 'hanging', interval '2 s', null, null) t
                where t.status = 'taken'
                """)[0].decode(0)
        }
        #expect(taken == 2)
        return connection
    }

    @Test("What a node has that hangs goes to the others when its lease has run out", arguments: [false, true])
    func hangs(isClockPutBack: Bool) async throws {
        try await Bank.open { bank in
            try await bank.tallying(1...2, as: "before").runUntilCaughtUp()
            try await bank.appendRandom(20)
            let hanging = try await hang(bank)
            if isClockPutBack {
                // By the server's clock it has all the time in the world.
                try await bank.script(
                    """
                    update hindsight.offsets set leased_until = leased_until + interval '1 hour';
                    update hindsight.nodes set leased_until = leased_until + interval '1 hour' where name = 'hanging';
                    """)
            }
            let start = ContinuousClock.now
            try await bank.running(bank.tallying(1...2, as: "next")) { _ in
                try await Bank.until("the other one has both") { try await bank.shares()["next"] == 2 }
                #expect(.now - start < .seconds(20))
                try await bank.expectTallies(1...2)
            }
            await hanging.close()
        }
    }

    @Test("What a node leaves without giving it back, because its pool is cut off, its keeper gives back")
    func leftBehind() async throws {
        try await Bank.open { bank in
            try await bank.tallying(1...2, as: "before").runUntilCaughtUp()
            try await bank.running(bank.tallying(1...1, as: "first")) { _ in
                try await bank.untilShared(["first": 1])
                // As if it had taken the second one, and lost it without a word.
                try await bank.script(
                    """
                    update hindsight.offsets o set owner = 'first', owner_pid = n.session_pid, owner_started_at = n.session_start,
                        leased_until = clock_timestamp() + interval '1 hour'
                    from hindsight.nodes n where n.name = 'first' and o.name = 'tally_2'
                    """)
                try await Bank.until("it is given back") { try await bank.offset(of: "tally_2")?.owner == nil }
            }
        }
    }

    @Test("What a process of the release before has is left to it, and what a node has it does not get")
    func releaseBefore() async throws {
        try await Bank.open { bank in
            try await bank.tallying(1...2, as: "before").runUntilCaughtUp()
            let former = try await PostgresConnection.connect(bank.viewsDatabase, logger: LogFixture.logger)
            func take(_ name: String) async throws -> String {
                try await former.withSession { session in
                    try session.query(
                        """
                        select (hindsight.take_shard(row(kind, name, version, partition, log)::hindsight.shard, 'former',
                            interval '1 min', null, null)).status from hindsight.offsets where name = \(name)
                        """)[0].decode(0)
                }
            }
            #expect(try await take("tally_1") == "taken")
            try await bank.running(bank.tallying(1...2, as: "first")) { _ in
                try await bank.untilShared(["first": 1])
                #expect(try await take("tally_2") == "held")
                let lease: Int64? = try await former.withSession { session in
                    try session.query(
                        """
                        select hindsight.take_lease(kind, name, version, partition, log, 'former', interval '1 min')
                        from hindsight.offsets where name = 'tally_2'
                        """)[0].decode(0)
                }
                #expect(lease == nil)
                #expect(try await bank.offset(of: "tally_1")?.owner == "former")
                await former.close()
                try await bank.untilShared(["first": 2])
            }
        }
    }

    @Test("A projection goes to the newest build that declares it")
    func newestBuild() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(20)
            try await bank.running(bank.tallying(1...4, as: "old") { $0.build = "1" }) { _ in
                try await bank.untilShared(["old": 4])
                try await bank.asProcess("new") { process in
                    try await bank.running(process.tallying(2...4, as: "new") { $0.build = "2" }) { _ in
                        try await bank.untilShared(["old": 1, "new": 3])
                        try await bank.asProcess("late") { late in
                            // A node of the former build that starts late changes nothing.
                            try await bank.running(late.tallying(1...4, as: "late") { $0.build = "1" }) { _ in
                                try await Bank.until("it is there") { try await bank.shares()["late"] != nil }
                                try await bank.appendRandom(20, seed: 2, batch: 1)
                                try await bank.expectTallies(1...4)
                                #expect(try await bank.shares()["new"] == 3)
                            }
                        }
                    }
                }
                try await bank.untilShared(["old": 4])
                try await bank.expectTallies(1...4)
            }
        }
    }

    @Test("The list says who is there, what they have, and who is gone")
    func list() async throws {
        try await Bank.open { bank in
            try await bank.running(bank.tallying(1...2, as: "first") { $0.build = "7" }) { _ in
                try await bank.untilShared(["first": 2])
                let node = try #require(try await bank.administration().nodes().first)
                #expect(node.name == "first" && node.build == "7" && node.state == .ready)
                #expect(node.projections == ["tally_1", "tally_2"])
                #expect(node.processID > 0 && node.renewedAt >= node.startedAt)
                // Somebody removes its row: it registers anew, and keeps what it has.
                let epochs: String = try await bank.value(
                    "select string_agg(epoch::text, ',' order by name) from hindsight.offsets")
                try await bank.script("delete from hindsight.nodes")
                try await bank.untilShared(["first": 2])
                #expect(
                    try await bank.value("select string_agg(epoch::text, ',' order by name) from hindsight.offsets")
                        == epochs)
            }
            #expect(try await bank.administration().nodes().isEmpty)
            let hanging = try await hang(bank)
            await hanging.close()
            // The server needs a moment to see that the connection is gone.
            try await Bank.until("it is seen as gone") {
                let gone = try await bank.administration().nodes()
                return gone.map(\.state) == [.gone] && gone[0].projections.isEmpty
            }
        }
    }

    @Test("The default build is that of the executable")
    func build() {
        let build = EngineConfiguration().build
        #expect(build.hasSuffix(" bytes") && build == EngineConfiguration().build)
    }

    @Test(
        "Whoever could read the offsets before can read the nodes and pauses, and who could take leases can be a node")
    func rights() async throws {
        try await MigrationDatabase.open { pool in
            let before = Migration.all.filter { $0.number <= 13 }
            try await Migrator(
                pool: pool, schema: "hindsight", migrations: before, logger: LogFixture.logger
            ).migrate()
            let role = PostgresIdentifier("Reader \(UInt64.random(in: 0 ... .max))")
            try await pool.withSession { session in
                try session.script(
                    """
                    create role \(role.quoted); set search_path = hindsight; select grant_read('\(role.quoted)'::regrole);
                    grant execute on function take_shard to \(role.quoted); reset search_path;
                    """)
            }
            let kept = try await pool.withSession { session in
                try session.query(
                    """
                    select p.proname from pg_proc p
                    where p.pronamespace = 'hindsight'::regnamespace and not has_function_privilege(\(role.name), p.oid, 'execute')
                    """
                ).map { try $0.decode(0, as: String.self) }
            }
            try await Migrator(pool: pool, logger: LogFixture.logger).migrate()
            try await pool.withSession { session in
                // A role that stays does no harm.
                defer { try? session.script("drop owned by \(role.quoted); drop role \(role.quoted)") }
                for table in [
                    "nodes", "paused_projections", "parked_keys", "parked_events", "handled_events", "counted_events",
                ] {
                    let rights = try session.query(
                        """
                        select has_table_privilege(\(role.name), \("hindsight.\(table)"), 'select'),
                            has_table_privilege(\(role.name), \("hindsight.\(table)"), 'insert')
                        """)[0]
                    #expect(try rights.decode(0, as: Bool.self) && !rights.decode(1, as: Bool.self), "\(table)")
                }
                let refused = try session.query(
                    """
                    select p.oid::regprocedure::text from pg_proc p
                    where p.pronamespace = 'hindsight'::regnamespace and not has_function_privilege(\(role.name), p.oid, 'execute')
                    """
                ).map { try $0.decode(0, as: String.self) }
                // What it had not before, and what only the owner of the schema may do.
                let allowed =
                    kept + [
                        "grant_centre", "copy_at", "move_to_log", "move_pauses", "move_receipts", "index_ids",
                        "forget_ids", "grant_ids", "set_append_limit", "refuse_append", "remove_receipts",
                    ]
                #expect(refused.allSatisfy { old in allowed.contains { old.contains(".\($0)(") } }, "\(refused)")
            }
        }
    }
}
