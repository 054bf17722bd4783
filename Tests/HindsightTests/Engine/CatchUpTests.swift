import Hindsight
import HindsightPostgres
import Testing

@Suite("Catching up", .serialized, .timeLimit(.minutes(3)))
struct CatchUpTests {
    @Test("Views equal a recount in SQL, and each event counts once")
    func recount() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(2_000)
            let projections: [any Projection] = [
                Account.projection(), Turnover.projection(), Peer.projection(), Journal.projection(),
            ]
            try await ProjectionEngine(
                ProjectionContext(
                    log: bank.log, database: bank.viewsDatabase, pool: bank.views, projections: projections,
                    events: Bank.registry, configuration: Bank.small, logger: LogFixture.logger
                )
            ).runUntilCaughtUp()
            try await bank.expectAccounts()
            try await bank.expectTurnover()
            try await bank.expectPeers()
            try await bank.expect("journal", equals: Journal.recount())

            let administration = ProjectionAdministration(
                ProjectionContext(
                    log: bank.log, pool: bank.views, projections: projections, events: Bank.registry))
            for status in try await administration.list() {
                #expect(status.offset == status.head, "\(status)")
                #expect(status.lagEvents == 0, "\(status)")
                #expect(status.lagSeconds == 0, "\(status)")
                #expect(status.state == .idle, "\(status)")
                #expect(status.error == nil, "\(status)")
                let wanted: Int64 = try await bank.value(
                    """
                    select count(*) from hindsight.events where case \(status.name)
                        when 'account' then type in ('Deposited', 'Withdrawn', 'Closed')
                        when 'turnover' then type in ('Deposited', 'Withdrawn')
                        when 'peer' then type = 'Transferred' else type = 'Deposited' end
                    """)
                #expect(status.eventsApplied == wanted, "\(status)")
            }
        }
    }

    @Test(
        "A projection whose statements take their time does not hold up the others, far behind or at the head",
        arguments: [2_000, 50])
    func slowStatements(events: Int) async throws {
        try await Bank.open { bank in
            let projections: [any Projection] = [
                Account.projection(),
                Journal.projection { session, _, _ in _ = try session.query("select from gate") },
            ]
            func engine() -> ProjectionEngine {
                ProjectionEngine(
                    ProjectionContext(
                        log: bank.log, database: bank.viewsDatabase, pool: bank.views, projections: projections,
                        events: Bank.registry, configuration: Bank.small, logger: LogFixture.logger))
            }
            try await bank.script("create table gate ()")
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await engine().runUntilCaughtUp()
            // Both stand at one offset, and neither is new enough to be refilled.
            try await bank.appendRandom(events)
            try await bank.asProcess("gatekeeper") { gatekeeper in
                let closed = Task {
                    try await gatekeeper.views.withTransaction { session in
                        try session.execute("lock table gate")
                        _ = try session.query("select pg_sleep(600)")
                    }
                }
                try await Bank.until("the gate is closed") {
                    try await bank.value(
                        "select exists (select from pg_locks where relation = 'gate'::regclass and granted)")
                }
                let catchingUp = Task { try await engine().runUntilCaughtUp() }
                try await bank.untilApplied("account")
                #expect(try await bank.offset(of: "journal")?.applied == 1, "the slow one has not moved")
                try await bank.terminate("gatekeeper")
                _ = await closed.result
                try await catchingUp.value
            }
            try await bank.expectAccounts()
            try await bank.expect("journal", equals: Journal.recount())
        }
    }

    @Test("A row is created, changed, deleted and created again within one batch")
    func rowComesAndGoes() async throws {
        try await Bank.open { bank in
            try await bank.append(
                Bank.Deposited(amount: 5), Bank.Withdrawn(amount: 1), Bank.Closed(), Bank.Deposited(amount: 7), to: "1")
            try await bank.append(Bank.Deposited(amount: 3), Bank.Closed(), to: "2")
            try await bank.append(Bank.Closed(), to: "3")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.expectAccounts()
            let rows = try await Views(pool: bank.views).fetch(Account.query)
            #expect(rows.map(\.id) == ["1"])
            #expect(rows.first?.balance == 7)
        }
    }

    @Test("A batch may do nothing but delete")
    func onlyDeletes() async throws {
        try await Bank.open { bank in
            for id in 1...5 { try await bank.append(Bank.Deposited(amount: id), to: "\(id)") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            #expect(try await Views(pool: bank.views).count(Account.query) == 5)

            for id in 1...4 { try await bank.append(Bank.Closed(), to: "\(id)") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            #expect(try await Views(pool: bank.views).fetch(Account.query).map(\.id) == ["5"])
            try await bank.expectAccounts()
        }
    }

    @Test("A row that was deleted in an earlier batch of the same run is created anew")
    func deletedRowIsForgotten() async throws {
        try await Bank.open { bank in
            try await bank.running(bank.engine(Account.projection())) { _ in
                for event in [Bank.Deposited(amount: 5), Bank.Closed(), Bank.Deposited(amount: 9)] as [any Event] {
                    let result = try await bank.append(event, to: "1")
                    try await bank.untilApplied("account", through: result.position)
                    try await bank.expectAccounts()
                }
            }
        }
    }

    @Test("An empty log has its views at once")
    func emptyLog() async throws {
        try await Bank.open { bank in
            try await bank.engine(Account.projection(), Journal.projection()).runUntilCaughtUp()
            #expect(try await Views(pool: bank.views).count(Account.query) == 0)
            #expect(try await bank.offset(of: "account")?.position == 0)
        }
    }

    @Test("Events that nobody wants are passed over, and the offset reaches the head", arguments: [false, true])
    func onlyNoise(whileCatchingUp: Bool) async throws {
        try await Bank.open { bank in
            try await bank.appendNoise(500)
            let configuration = whileCatchingUp ? Bank.small : Bank.impatient
            try await bank.engine(Account.projection(), configuration: configuration).runUntilCaughtUp()
            let offset = try #require(try await bank.offset(of: "account"))
            #expect(offset.position == (try await bank.log.frontier().position))
            #expect(offset.applied == 0)
        }
    }

    @Test("Rare events are found without a commit for each that is passed over")
    func rareTypes() async throws {
        try await Bank.open { bank in
            for number in 1...3 {
                try await bank.appendNoise(2_000)
                try await bank.append(Bank.Transferred(to: "9", amount: number), to: "1")
            }
            try await bank.appendNoise(2_000)
            // Registered with an empty log's projection first, so that the offset's row is there to be watched.
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.script(
                """
                create table public.moves (position bigint);
                create function note_move() returns trigger language plpgsql as $$
                    begin insert into public.moves values (new.position); return new; end $$;
                create trigger note_move after update of position on hindsight.offsets
                    for each row when (new.name = 'peer' and old.position <> new.position) execute function note_move();
                """)
            try await bank.engine(Peer.projection(), configuration: Bank.small).runUntilCaughtUp()
            try await bank.expectPeers()
            let offset = try #require(try await bank.offset(of: "peer"))
            #expect(offset.position == (try await bank.log.frontier().position))
            #expect(offset.applied == 3)
            let moves: Int = try await bank.value("select count(*) from moves")
            #expect((1...6).contains(moves))
        }
    }

    @Test("An event that is appended while the engine runs becomes visible")
    func live() async throws {
        try await Bank.open { bank in
            try await bank.running(bank.engine(Account.projection(), Journal.projection())) { _ in
                for amount in 1...20 {
                    let result = try await bank.append(Bank.Deposited(amount: amount), to: "\(amount % 3)")
                    try await bank.untilApplied("account", through: result.position)
                    try await bank.untilApplied("journal", through: result.position)
                    try await bank.expectAccounts()
                }
                try await bank.expect("journal", equals: Journal.recount())
            }
        }
    }

    @Test("A projection that is added later catches up by itself and joins those at the head")
    func newcomer() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(800, seed: 1)
            try await bank.engine(Account.projection(), configuration: Bank.small).runUntilCaughtUp()
            let engine = bank.engine(
                Account.projection(), Turnover.projection(), Peer.projection(), configuration: Bank.small)
            try await bank.running(engine) { _ in
                for seed in 2...6 { try await bank.appendRandom(200, seed: UInt64(seed), batch: 7) }
                for name in ["account", "turnover", "peer"] { try await bank.untilApplied(name) }
                try await bank.expectAccounts()
                try await bank.expectTurnover()
                try await bank.expectPeers()
                // All are at the head now, and go on together.
                try await bank.appendRandom(200, seed: 7, batch: 1)
                for name in ["account", "turnover", "peer"] { try await bank.untilApplied(name) }
            }
            try await bank.expectAccounts()
            try await bank.expectTurnover()
            try await bank.expectPeers()
        }
    }

    @Test("Views and offsets may be in another database than the log")
    func viewsElsewhere() async throws {
        try await Bank.open { bank in
            try await LogFixture.withLog { other in
                let apart = Bank(fixture: bank.fixture, views: other.pool, viewsDatabase: other.database)
                try await bank.appendRandom(600)
                let engine = apart.engine(Account.projection(), Journal.projection(), configuration: Bank.small)
                try await apart.running(engine) { _ in
                    try await bank.appendRandom(100, seed: 2, batch: 1)
                    try await apart.untilApplied("account")
                    try await apart.untilApplied("journal")
                }
                #expect(try await apart.offset(of: "account")?.applied ?? 0 > 0)
                #expect(try await bank.offset(of: "account") == nil)
                let rows = try await Views(pool: other.pool).fetch(Account.query.order(by: \.id))
                // The log's database does the recount with the rows of the other one.
                try await bank.views.withTransaction { session in
                    try session.script(
                        "create table account (id text, entries bigint, balance bigint, last_position bigint)")
                    for row in rows {
                        try session.execute(
                            "insert into account values (\(row.id), \(row.entries), \(row.balance), \(row.lastPosition))"
                        )
                    }
                }
                try await bank.expect("account", equals: Account.recount())
            }
        }
    }

    @Test("Every type of column makes the round trip, null included")
    func columnTypes() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), Bank.Deposited(amount: 2), to: "1")
            let projection = AllColumns.projection
            try await bank.engine(projection).runUntilCaughtUp()
            // The second run compares the table with the declaration.
            try await bank.engine(projection).runUntilCaughtUp()
            try await AllColumns.expectRoundTrip(in: bank)
        }
    }

    @Test("A view may have no columns but its key")
    func onlyKeys() async throws {
        struct Seen: ViewRow {
            var id = ""
            static let table = ViewTable("seen", of: Self(), key: \.id)
        }
        try await Bank.open { bank in
            let projection = ViewProjection(Seen.self, version: 1)
                .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, _, context in
                    row = Seen(id: context.stream.id)
                }
            for amount in 1...4 {
                try await bank.append(Bank.Deposited(amount: amount), to: "\(amount % 2)")
                try await bank.engine(projection).runUntilCaughtUp()
            }
            #expect(Set(try await Views(pool: bank.views).fetch(Seen.query).map(\.id)) == ["0", "1"])
        }
    }

    @Test("A projection that is far behind says \"more than\", and is not counted to the end")
    func lagUpToALimit() async throws {
        try await Bank.open { bank in
            try await bank.fill(130_000, accounts: 1_000)
            let status = try await bank.administration(Account.projection()).list()[0]
            #expect(status.lagEvents == 100_000 && !status.lagIsExact && status.lagSeconds > 0)
        }
    }
}
