import Hindsight
import HindsightPostgres
import Synchronization
import Testing

@Suite("Several keys in flight", .serialized, .timeLimit(.minutes(3)))
struct KeysInFlightTests {
    /// An amount that random events do not have.
    private static let poison = 666

    @Test("Under load, each event has its effect once, those of a key in order, on several connections")
    func order() async throws {
        try await Bank.open { bank in
            let sessions = Recorder<Int32>()
            let projection = Passbook.projection { session, _, _ in sessions.note(session.processID) }
            try await bank.appendRandom(1_500)
            try await bank.running(bank.engine(projection, Account.projection(), configuration: Bank.small)) { _ in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for seed in 2...5 {
                        tasks.addTask { try await bank.appendRandom(300, seed: UInt64(seed), batch: 7) }
                    }
                    try await tasks.waitForAll()
                }
                try await bank.untilApplied("passbook")
            }
            #expect(Set(sessions.all).count > 2)
            try await bank.expectPassbooks()
            #expect(try await bank.administration(projection).verify(["passbook"]).map(\.verdict) == [.proven])
        }
    }

    @Test("A pool that has few connections is enough", arguments: [1, 2, 3])
    func smallPool(connections: Int) async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(600)
            let sessions = Recorder<Int32>()
            let projection = Passbook.projection(keysInFlight: 8) { session, _, _ in sessions.note(session.processID) }
            let pool = PostgresPool(
                configuration: bank.viewsDatabase, maximumConnections: connections, logger: LogFixture.logger)
            let context = ProjectionContext(
                log: bank.log, database: bank.viewsDatabase, pool: pool, projections: [projection],
                events: Bank.registry, configuration: Bank.small, logger: LogFixture.logger)
            try await ProjectionEngine(context).runUntilCaughtUp()
            await pool.close()
            #expect(Set(sessions.all).count >= connections - 1)
            try await bank.expectPassbooks()
        }
    }

    @Test("A projection whose keys cannot be compared is refused, and says what to do")
    func undeclared() async throws {
        try await Bank.open { bank in
            func refusal(_ projection: SQLProjection) async throws -> String {
                let error = try await #require(throws: ProjectionError.self) {
                    try await bank.engine(projection).prepare()
                }
                #expect(error.code == .invalidDefinition)
                return error.description
            }
            func empty(_ keys: Int) -> SQLProjection {
                SQLProjection("audit", version: 1, setUp: [], clear: [], keysInFlight: keys)
            }
            let one = empty(4).on(Bank.Deposited.self, key: { $1.stream }) { _, _, _ in }
            #expect(
                try await refusal(one.on(Bank.Withdrawn.self) { _, _, _ in }).contains("on(Withdrawn.self, key: …)"))
            let types = try await refusal(one.on(Bank.Withdrawn.self, key: { event, _ in event.amount }) { _, _, _ in })
            #expect(types.contains("StreamName on Deposited") && types.contains("Int on Withdrawn"))
            for keys in [0, 65] { #expect(try await refusal(empty(keys)).contains("not \(keys)")) }
            try await bank.engine(one).prepare()
        }
    }

    /// Stops the passbooks at one event of a hundred, with others beyond it handled.
    ///
    /// - Returns: the event, and the positions that are noted.
    private func stop(_ bank: Bank) async throws -> (poison: Int64, noted: Set<Int64>) {
        try await bank.appendRandom(50)
        let poison = try await bank.append(Bank.Deposited(amount: Self.poison), to: "unlucky").position
        try await bank.appendRandom(50, seed: 2)
        let failing = Passbook.projection { _, amount, _ in
            if amount == Self.poison { throw Bank.Refusal() }
        }
        await #expect(throws: ProjectionError.self) { try await bank.engine(failing).runUntilCaughtUp() }
        let offset = try #require(try await bank.offset(of: "passbook"))
        #expect(offset.stoppedAt == poison)
        #expect(offset.position < poison)
        try await bank.expectProven("passbook", Passbook.types)
        return (poison, try await bank.handledBeyond())
    }

    @Test(
        "What fails stops there; what was handled beyond it stays, and nothing is repeated, whether or not keys are declared",
        arguments: [true, false])
    func failing(keepsKeys: Bool) async throws {
        try await Bank.open { bank in
            let (poison, noted) = try await stop(bank)
            let offset = try #require(try await bank.offset(of: "passbook"))
            #expect(noted.contains { $0 > poison })
            #expect(!noted.contains(poison))
            let postings: [Int64] = try await bank.value("select array_agg(position) from posting")
            #expect(noted.isSubset(of: postings))
            // All that is written is at or below the offset, or noted.
            #expect(postings.allSatisfy { $0 <= offset.position || noted.contains($0) })

            let seen = Recorder<Int64>()
            let hook: Passbook.Hook = { _, _, context in seen.note(context.position) }
            let mended = keepsKeys ? Passbook.projection(after: hook) : Passbook.withoutKeys(after: hook)
            #expect(try await bank.administration(mended).resume("passbook").wasStopped)
            try await bank.engine(mended).runUntilCaughtUp()
            #expect(Set(seen.all).isDisjoint(with: postings))
            #expect(seen.all.contains(poison))
            try await bank.expectPassbooks()
        }
    }

    @Test("What the database refuses only with the commit is found as well")
    func refusedByCommit() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(30)
            let projection = Passbook.projection { session, amount, context in
                guard amount == Self.poison else { return }
                try session.execute("insert into late values (\(context.position), 1), (\(context.position + 1), 1)")
            }
            try await bank.script("create table late (position bigint, n int unique deferrable initially deferred)")
            let poison = try await bank.append(Bank.Deposited(amount: Self.poison), to: "unlucky").position
            try await bank.appendRandom(30, seed: 2)
            await #expect(throws: ProjectionError.self) { try await bank.engine(projection).runUntilCaughtUp() }
            #expect(try await bank.offset(of: "passbook")?.stoppedAt == poison)
            try await bank.script("alter table late drop constraint late_n_key")
            #expect(try await bank.administration(projection).resume("passbook").wasStopped)
            try await bank.engine(projection).runUntilCaughtUp()
            try await bank.expectPassbooks()
        }
    }

    @Test("An event whose key cannot be found stops the projection there")
    func keyThrows() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let bad = try await bank.append(Bank.Deposited(amount: 2), to: "2").position
            try await bank.append(Bank.Deposited(amount: 3), to: "3")
            let projection = SQLProjection(
                "audit", version: 1, setUp: ["create table audit (position bigint primary key)"], clear: [],
                keysInFlight: 4
            )
            .on(
                Bank.Deposited.self,
                key: { event, context in
                    if event.amount == 2 { throw Bank.Refusal() }
                    return context.stream
                }
            ) { session, _, context in try session.execute("insert into audit values (\(context.position))") }
            await #expect(throws: ProjectionError.self) { try await bank.engine(projection).runUntilCaughtUp() }
            #expect(try await bank.offset(of: "audit")?.stoppedAt == bad)
            #expect(try await bank.value("select array_agg(position) from audit") == [bad - 1])
        }
    }

    @Test("Keys that wait for each other's rows get through, and only theirs are handled again")
    func deadlock() async throws {
        try await Bank.open { bank in
            try await bank.script("create table vault (id text primary key); insert into vault values ('1'), ('2')")
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.append(Bank.Deposited(amount: 2), to: "2")
            for account in 3...10 { try await bank.append(Bank.Deposited(amount: 3), to: "\(account)") }
            let (first, second) = (Gate(), Gate())
            let calls = Recorder<String>()
            let projection = Passbook.projection(keysInFlight: 4) { session, _, context in
                let account = context.stream.id
                calls.note(account)
                guard account == "1" || account == "2" else { return }
                let other = account == "1" ? "2" : "1"
                try session.execute("select from vault where id = \(account) for update")
                // Both have their own row before either asks for the other's.
                (account == "1" ? first : second).open()
                (account == "1" ? second : first).pass()
                try session.execute("select from vault where id = \(other) for update")
            }
            try await bank.engine(projection).runUntilCaughtUp()
            let counts = Dictionary(grouping: calls.all, by: { $0 }).mapValues(\.count)
            #expect([counts["1"] ?? 0, counts["2"] ?? 0].sorted() == [1, 2], "\(counts)")
            #expect((3...10).count { counts["\($0)"] == 1 } >= 4, "\(counts)")
            try await bank.expectPassbooks()
        }
    }

    @Test("A reset and a rebuild remove what is noted", arguments: [false, true])
    func removed(byRebuild: Bool) async throws {
        try await Bank.open { bank in
            #expect(try await !stop(bank).noted.isEmpty)
            let mended = Passbook.projection()
            if byRebuild {
                #expect(try await bank.rebuild(mended).outcome == .swapped)
            } else {
                try await bank.administration(mended).reset("passbook")
                #expect(try await bank.value("select count(*) from posting") == 0)
            }
            #expect(try await bank.handledBeyond().isEmpty)
            try await bank.engine(mended).runUntilCaughtUp()
            try await bank.expectPassbooks()
        }
    }

    @Test("Where the log has another event than the one that was handled, the projection stops")
    func rewound() async throws {
        try await Bank.open { bank in
            let (poison, noted) = try await stop(bank)
            let changed = try #require(noted.filter { $0 > poison }.min())
            try await bank.script("update hindsight.events set id = gen_random_uuid() where position = \(changed)")
            let mended = Passbook.projection()
            #expect(try await bank.administration(mended).resume("passbook").wasStopped)
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.engine(mended).runUntilCaughtUp()
            }
            #expect(error.description.contains("rewound"))
            #expect(try await bank.offset(of: "passbook")?.stoppedAt == changed)
        }
    }

    @Test("A program of a previous release commits nothing while events beyond the offset are handled")
    func previousRelease() async throws {
        try await Bank.open { bank in
            _ = try await stop(bank)
            try await bank.script("update hindsight.offsets set stopped_at = null")
            func advance(_ function: String, _ arguments: String) -> String {
                """
                select hindsight.\(function) epoch, position, position + 1, gen_random_uuid(), 1, \(arguments))
                from hindsight.offsets where name = 'passbook'
                """
            }
            let shard = "advance_shard(row(kind, name, version, partition, log)::hindsight.shard,"
            for statement in [
                advance(shard, "1, 1, 1, interval '1 s'"),
                advance("advance(kind, name, version, partition, log,", "1, interval '1 s'"),
            ] {
                let error = try await #require(throws: PostgresError.self) { try await bank.script(statement) }
                #expect(error.sqlState == "HS001")
            }
            try await bank.script(advance(shard, "1, 1, 1, interval '1 s', true"))
        }
    }
}
