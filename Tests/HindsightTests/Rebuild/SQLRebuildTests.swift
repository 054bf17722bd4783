import Hindsight
import HindsightPostgres
import Testing

/// Rebuilds of projections that write tables of their own.
@Suite("Rebuilding tables of free SQL", .serialized, .timeLimit(.minutes(4)))
struct SQLRebuildTests {
    /// What one look at the journal sees.
    private struct Total: Hashable, Sendable {
        var rows: Int
        var amount: Int

        static let query = "select count(*), coalesce(sum(amount), 0)::bigint from journal"

        static func look(_ session: inout PostgresSession) throws -> Total {
            let row = try session.query("\(unsafeSQL: query)")[0]
            return Total(rows: try row.decode(0), amount: try row.decode(1))
        }
    }

    private func total(_ bank: Bank) async throws -> Total {
        try await bank.views.withSession { try Total.look(&$0) }
    }

    /// The journal is what a recount says, nothing is left of the rebuild, and each event was counted once.
    private func expectJournal(_ bank: Bank, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await bank.expect("journal", equals: Journal.recount(), sourceLocation: sourceLocation)
        try await bank.expectApplied("journal", ["Deposited"], sourceLocation: sourceLocation)
        try await expectNoRebuild(bank, sourceLocation: sourceLocation)
    }

    private func expectNoRebuild(_ bank: Bank, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await fillSchemas(bank) == [], sourceLocation: sourceLocation)
        #expect(try await bank.rebuildStatus(of: Journal.projection()) == nil, sourceLocation: sourceLocation)
    }

    private func fillSchemas(_ bank: Bank) async throws -> [String] {
        try await bank.views.withSession { session in
            try session.query("select nspname::text from pg_namespace where nspname like '%fill%'")
                .map { try $0.decode(0, as: String.self) }
        }
    }

    /// A projection whose deposits are inserted by a statement of the test's.
    private func projection(
        _ name: String = "scratch", version: Int = 1, setUp: [String], before: String = "",
        _ insert: String = "insert into scratch values"
    ) -> SQLProjection {
        SQLProjection(name, version: version, setUp: setUp, clear: [])
            .on(Bank.Deposited.self) { session, event, context in
                try session.script(before)
                try session.execute("\(unsafeSQL: insert) (\(context.stream.id), \(event.amount))")
            }
    }

    @discardableResult
    private func refused(
        _ bank: Bank, _ projection: any Projection, _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ProjectionError? {
        let error = await #expect(throws: ProjectionError.self, sourceLocation: sourceLocation) {
            try await bank.rebuild(projection)
        }
        #expect(error?.code == .cannotRebuild, sourceLocation: sourceLocation)
        for part in [projection.name] + parts {
            #expect(
                error?.description.contains(part) == true, "\(part) in \(error?.description ?? "")",
                sourceLocation: sourceLocation)
        }
        return error
    }

    // MARK: - New rows

    @Test("Under appends, beside a view and a running engine, the new rows are what a recount says")
    func underAppends() async throws {
        try await Bank.open { bank in
            try await bank.fill(2_000)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "901")
            let gate = Gate()
            defer { gate.open() }
            try await bank.running(bank.engine(Account.projection(), Journal.projection())) { _ in
                for name in ["account", "journal"] { try await bank.untilApplied(name) }
                try await bank.script("update journal set amount = -amount where position < 100")
                let progress = Recorder<RebuildStatus>()
                let rebuilder = bank.rebuilder(
                    Journal.projection { _, event, _ in if event.amount == 1_313 { gate.pass() } }, Account.projection()
                )
                async let reports = rebuilder.rebuild(["journal", "account"], options: Bank.eager) { statuses in
                    for status in statuses where status.name == "journal" { progress.note(status) }
                }
                try await gate.untilReached()
                // The engine writes with the same connections to the tables that are read, and the old rows stay.
                try await bank.appendRandom(300, seed: 7, batch: 9)
                try await bank.untilApplied("journal")
                #expect(try await bank.value("select count(*) from journal where amount < 0") > 0)
                try await Bank.until("its progress was told") { progress.count > 0 }
                let status = try #require(try await bank.rebuildStatus(of: Journal.projection()))
                #expect(status.phase == .reading && status.checkpoint > 0 && status.eventsApplied > 0)
                gate.open()
                try await bank.appendRandom(500, seed: 9, batch: 3)
                let done = try await reports
                #expect(done.map(\.name) == ["journal", "account"])
                #expect(done.allSatisfy { $0.outcome == .swapped && $0.rows > 0 && $0.eventsApplied > 0 })

                // The engine goes on with the new rows.
                try await bank.appendRandom(300, seed: 10, batch: 5)
                for name in ["account", "journal"] { try await bank.untilApplied(name) }
                try await expectJournal(bank)
                try await bank.expectAccounts()
            }
        }
    }

    @Test("A projection that was never started gets its tables, full at once, and is shown; a new version likewise")
    func neverStarted() async throws {
        func projection(version: Int) -> SQLProjection {
            self.projection(
                version: version, setUp: ["create table scratch_\(version) (account text, amount bigint)"],
                "insert into scratch_\(version) values")
        }
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            for version in 1...2 {
                let report = try await bank.rebuild(projection(version: version))
                #expect(report.outcome == .swapped && report.version == version && report.rows > 0)
                try await bank.expect(
                    "scratch_\(version)", equals: "select account, amount from (\(Journal.recount())) single")
                #expect(
                    try await bank.value("select version from hindsight.projections where active") == Int32(version))
                // An engine goes on from there.
                try await bank.appendRandom(50, seed: UInt64(version + 1))
                try await bank.engine(projection(version: version)).runUntilCaughtUp()
                try await bank.expectApplied("scratch", version: version, ["Deposited"])
            }
            #expect(try await fillSchemas(bank) == [])
        }
    }

    @Test("Tables that refer to one another, identities, sequences and generated columns come through")
    func shapes() async throws {
        let ledger = SQLProjection(
            "ledger", version: 1,
            setUp: [
                """
                create table "ledger Owner" (account text primary key, number serial);
                create table "entry of ledger" (
                    id bigint generated always as identity primary key, before bigint references "entry of ledger",
                    account text not null references "ledger Owner" on delete cascade, amount bigint not null,
                    twice bigint generated always as (2 * amount) stored);
                create sequence tickets start 100 increment 5
                """,
                "create table a_ticket (id bigint primary key references \"entry of ledger\", ticket bigint)",
            ], clear: []
        )
        .on(Bank.Deposited.self) { session, event, context in
            try session.execute(
                "insert into \"ledger Owner\" (account) values (\(context.stream.id)) on conflict do nothing")
            try session.execute(
                """
                with entry as (
                    insert into "entry of ledger" (account, before, amount)
                    select \(context.stream.id), max(id), \(event.amount) from "entry of ledger" returning id)
                insert into a_ticket select id, nextval('tickets') from entry
                """)
        }
        try await Bank.open { bank in
            for amount in 1...30 { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount % 7)") }
            try await bank.engine(ledger).runUntilCaughtUp()
            try await bank.script(
                """
                delete from a_ticket; delete from "entry of ledger" where amount > 3;
                select setval('tickets', 10000), setval('"entry of ledger_id_seq"', 10000)
                """)
            try await bank.rebuild(ledger)
            for amount in 31...60 { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount % 7)") }
            try await bank.engine(ledger).runUntilCaughtUp()
            try await bank.expect(
                "(select id, before, account, amount, twice from \"entry of ledger\") found",
                equals: """
                    select n::bigint, nullif(n - 1, 0)::bigint, (n % 7)::text, n::bigint, (2 * n)::bigint
                    from generate_series(1, 60) n
                    """)
            try await bank.expect(
                "a_ticket", equals: "select n::bigint, (95 + 5 * n)::bigint from generate_series(1, 60) n")
            #expect(try await bank.value("select count(*) from \"ledger Owner\"") == 7)
            #expect(try await bank.value("select count(*) from pg_constraint where contype = 'f'") == 3)
            #expect(try await fillSchemas(bank) == [])
        }
    }

    // MARK: - Readers

    @Test("Readers see all old rows or all new rows, across ten swaps", arguments: [false, true])
    func readers(withEngine: Bool) async throws {
        try await Bank.open { bank in
            for account in 0..<100 { try await bank.append(Bank.Deposited(amount: account + 1), to: "\(account)") }
            try await bank.rebuild(Journal.projection())
            let single = try await total(bank)
            let double = Total(rows: single.rows, amount: 2 * single.amount)
            try #require(single == Total(rows: 100, amount: 5_050))
            let (simple, repeatable) = (Recorder<Total>(), Recorder<[Total]>())
            let end = Gate()
            let running = withEngine ? RunningEngine(bank.engine(Journal.projection())) : nil
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                defer { end.open() }
                tasks.addTask {
                    while !end.isOpen { simple.note(try await total(bank)) }
                }
                tasks.addTask {
                    while !end.isOpen {
                        repeatable.note(
                            try await bank.views.withTransaction(TransactionOptions(.repeatableRead)) { session in
                                try (0..<5).map { _ in try Total.look(&session) }
                            })
                    }
                }
                for _ in 1...10 {
                    try await bank.script("update journal set amount = 2 * amount")
                    let (first, second) = (simple.count, repeatable.count)
                    try await Bank.until("each reader looks again") {
                        simple.count > first + 1 && repeatable.count > second + 1
                    }
                    try await bank.rebuild(Journal.projection())
                    #expect(try await total(bank) == single)
                }
                end.open()
                try await tasks.waitForAll()
            }
            try await running?.shutDown()
            #expect(Set(simple.all) == [single, double])
            #expect(Set(repeatable.all.joined()) == [single, double])
            #expect(repeatable.all.allSatisfy { Set($0).count == 1 })
            try await expectJournal(bank)
        }
    }

    @Test("A swap waits for somebody who writes to the tables, and readers do not wait for the swap")
    func writerInTheWay() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            let before = try await total(bank)
            let writer = try await OpenTransaction.begin(in: bank.views)
            try await writer.run { try $0.script("update journal set amount = amount") }
            async let report = bank.rebuild(Journal.projection())
            try await Bank.until("the rebuild comes to the swap") {
                try await bank.rebuildStatus(of: Journal.projection())?.phase == .swapping
            }
            for _ in 0..<50 {
                let seen = try await bank.views.withTransaction(.readCommitted) { session in
                    try session.execute("set local statement_timeout = '2s'")
                    return try Total.look(&session)
                }
                #expect(seen == before)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await bank.rebuildStatus(of: Journal.projection()) != nil)
            try await writer.rollBack()
            #expect(try await report.outcome == .swapped)
            try await expectJournal(bank)
        }
    }

    // MARK: - Interruptions

    @Test("Interrupted, it goes on from its checkpoint in another process, and old rows stay until then")
    func interrupted() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(600)
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            try await bank.script("update journal set amount = -amount")
            let old = try await total(bank)
            try await bank.interrupting(Journal.projection(), options: Bank.slow) {
                try await Bank.until("two batches are applied") {
                    try await bank.rebuildStatus(of: Journal.projection())?.eventsApplied ?? 0 >= 60
                }
            }
            #expect(try await total(bank) == old)
            let status = try #require(try await bank.rebuildStatus(of: Journal.projection()))
            #expect(status.checkpoint > 0 && status.reached < status.goal && status.error == nil)
            #expect(try await fillSchemas(bank) == ["journal_v1_fill"])
            let filled: Int64 = try await bank.value("select count(*) from journal_v1_fill.journal")
            #expect(filled == status.eventsApplied)
            let seen = Recorder<Int64>()
            try await bank.asProcess("second") { other in
                _ = try await other.rebuild(Journal.projection { _, _, context in seen.note(context.position) })
            }
            #expect(try #require(seen.all.first) > status.checkpoint)
            #expect(Set(seen.all).count == seen.count)
            try await expectJournal(bank)
        }
    }

    @Test("When the one that does it is cancelled, the one that follows takes over from its checkpoint")
    func takesOver() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(400)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            let gate = Gate()
            defer { gate.open() }
            let rebuilder = bank.rebuilder(
                Journal.projection { _, event, _ in if event.amount == 1_313 { gate.pass() } })
            let task = Task { try await rebuilder.rebuild(["journal"], options: Bank.eager) }
            try await gate.untilReached()
            let status = try #require(try await bank.rebuildStatus(of: Journal.projection()))
            #expect(status.checkpoint > 0)
            let (seen, progress) = (Recorder<Int64>(), Recorder<RebuildStatus>())
            try await bank.asProcess("second") { other in
                let second = other.rebuilder(Journal.projection { _, _, context in seen.note(context.position) })
                async let taken = second.rebuild(["journal"], options: Bank.eager) { statuses in
                    for status in statuses { progress.note(status) }
                }
                try await Bank.until("the second follows") { progress.count > 0 }
                #expect(seen.count == 0)
                task.cancel()
                gate.open()
                await #expect(throws: (any Error).self) { try await task.value }
                #expect(try await taken.map(\.outcome) == [.swapped])
            }
            #expect(try #require(seen.all.first) > status.checkpoint)
            try await expectJournal(bank)
        }
    }

    @Test(
        "Begun anew, by request or because its schema was dropped, it leaves nothing behind", arguments: [false, true])
    func begunAnew(dropping: Bool) async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.interrupting(Journal.projection(), options: Bank.slow) {
                try await Bank.until("a batch is applied") {
                    try await bank.rebuildStatus(of: Journal.projection())?.checkpoint ?? 0 > 0
                }
            }
            if dropping { try await bank.script("drop schema journal_v1_fill cascade") }
            let seen = Recorder<Int64>()
            try await bank.rebuild(Journal.projection { _, _, context in seen.note(context.position) }) {
                $0.restarts = !dropping
            }
            let first: Int64 = try await bank.value(
                "select min(position) from hindsight.events where type = 'Deposited'")
            #expect(seen.all.first == first)
            try await expectJournal(bank)
        }
    }

    @Test("Lost connections are waited for, whatever the rebuild is doing")
    func connectionsLost() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(600)
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            try await bank.script("update journal set amount = -amount")
            try await bank.asProcess("rebuilder") { process in
                let rebuilder = process.rebuilder(Journal.projection())
                async let reports = rebuilder.rebuild(["journal"], options: Bank.slow)
                var checkpoint: Int64? = 0
                var losses = 0
                // Until it is done, or has lost enough.
                while losses < 4, let last = checkpoint {
                    try await Bank.until("a batch after the last loss, or the end") {
                        let isDone: Bool = try await bank.value("select min(amount) > 0 from journal")
                        let status = try await bank.rebuildStatus(of: Journal.projection())
                        return isDone || status?.checkpoint ?? 0 > last
                    }
                    checkpoint = try await bank.rebuildStatus(of: Journal.projection())?.checkpoint
                    if try await bank.terminate("rebuilder") > 0 { losses += 1 }
                }
                #expect(losses > 0)
                #expect(try await reports.map(\.outcome) == [.swapped])
            }
            try await expectJournal(bank)
        }
    }

    @Test("A role that may not make a schema is told so, and nothing is begun")
    func withoutRights() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            let role = "clerk \(UInt64.random(in: 0 ... .max))"
            try await bank.script(
                """
                create role "\(role)" login;
                grant all on schema hindsight, public to "\(role)";
                grant all on all tables in schema hindsight, public to "\(role)";
                grant all on all sequences in schema hindsight to "\(role)";
                grant execute on all functions in schema hindsight to "\(role)"
                """)
            let conninfo = bank.viewsDatabase.conninfo + " user='\(role)'"
            let database = PostgresConfiguration(conninfo)
            let pool = PostgresPool(configuration: database, logger: LogFixture.logger)
            let clerk = Bank(
                fixture: LogFixture(
                    database: database, pool: pool,
                    log: PostgresEventLog(
                        pool: pool, configuration: bank.log.configuration, logger: LogFixture.logger)),
                views: pool, viewsDatabase: database)
            try await refused(clerk, Journal.projection(), "right to create schemas")
            await pool.close()
            try await expectNoRebuild(bank)
            try await bank.script("drop owned by \"\(role)\"; drop role \"\(role)\"")
        }
    }

    // MARK: - Handlers that fail

    @Test("A handler that fails leaves the old rows as they are; mended, the rebuild goes on from its checkpoint")
    func handlerFails() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            let bad = try await bank.append(Bank.Deposited(amount: 1_313), to: "7")
            try await bank.appendRandom(100, seed: 2)
            try await bank.running(bank.engine(Journal.projection())) { _ in
                try await bank.untilApplied("journal")
                let failing = Journal.projection { _, event, _ in
                    if event.amount == 1_313 { throw Bank.Refusal() }
                }
                let error = await #expect(throws: ProjectionError.self) {
                    try await bank.rebuilder(failing, Account.projection())
                        .rebuild(["journal", "account"], options: Bank.eager)
                }
                #expect(error?.code == .stopped)
                for part in ["journal", "position \(bad.position)", "account-7", "the vault is jammed"] {
                    #expect(error?.description.contains(part) == true, "\(part) in \(error?.description ?? "")")
                }
                try await bank.expectAccounts()
                try await bank.appendRandom(50, seed: 3)
                try await bank.untilApplied("journal")
                try await bank.expect("journal", equals: Journal.recount())
                let status = try #require(try await bank.rebuildStatus(of: failing))
                #expect(status.error?.contains("the vault is jammed") == true)
                #expect(status.checkpoint > 0 && status.checkpoint < bad.position)

                let seen = Recorder<Int64>()
                try await bank.rebuild(Journal.projection { _, _, context in seen.note(context.position) })
                #expect(seen.all.first == bad.position)
                try await bank.untilApplied("journal")
                try await expectJournal(bank)
            }
        }
    }

    @Test("A handler that writes outside is refused, the table is named, and nothing is doubled")
    func writesOutside() async throws {
        let setUp = ["create table scratch (account text, amount bigint)"]
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            let outside = projection(setUp: setUp, "insert into public.scratch values")
            try await bank.engine(outside).runUntilCaughtUp()
            let rows: Int = try await bank.value("select count(*) from scratch")
            try #require(rows > 0)
            try await refused(bank, outside, "public.scratch", "without a schema")
            // Not for an event's sake, which would have it stopped.
            let status = try #require(try await bank.rebuildStatus(of: outside))
            #expect(status.error == nil && status.checkpoint == 0)
            #expect(try await bank.value("select count(*) from scratch") == rows)

            // A table that setUp does not make, and what a handler does to whole tables.
            try await bank.script("create table other (account text, amount bigint)")
            try await refused(bank, projection(setUp: setUp, "insert into other values"), "public.other")
            try await refused(bank, projection(setUp: setUp, before: "truncate other"), "public.other")
            try await refused(
                bank, projection(setUp: setUp, before: "set local search_path = public"), "public.scratch")
            #expect(try await bank.value("select count(*) from other") == 0)
            #expect(try await bank.value("select count(*) from scratch") == rows)

            // With its mistake mended, it goes on.
            try await bank.rebuild(projection(setUp: setUp))
            try await bank.expect("scratch", equals: "select account, amount from (\(Journal.recount())) single")
        }
    }

    // MARK: - What cannot be rebuilt

    @Test(
        "A setUp whose tables cannot be filled elsewhere is refused, and nothing is begun",
        arguments: [
            (["create table if not exists public.scratch (account text, amount bigint)"], "makes no table"),
            (["create table public.scratch (account text, amount bigint)"], "already exists"),
            (["create table scratch (account text, amount bigint)", "create view seen as select 1 as one"], "view"),
            (["create table scratch (account text, amount bigint)", "create type kind as enum ('a')"], "type"),
            (
                [
                    "create table scratch (account text, amount bigint)",
                    "create rule twice as on insert to scratch do also notify scratch",
                ], "rule twice"
            ),
            (
                [
                    "create table scratch (account text primary key, amount bigint)",
                    "create table b (a text references scratch, b int primary key)",
                    "alter table scratch add c int references b",
                ], "circle"
            ),
            (
                ["create table scratch (account text, amount bigint, c text references outer_one)"],
                "refers to table public.outer_one"
            ),
            (
                [
                    "create table scratch (account text, amount bigint)",
                    "alter table outer_one add if not exists d int",
                ], "outer_one"
            ),
            (
                ["drop table if exists scratch", "create table scratch (account text, amount bigint)"],
                "no table \"scratch\""
            ),
        ])
    func setUpRefused(setUp: [String], part: String) async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.script("create table outer_one (id text primary key)")
            let projection = SQLProjection("scratch", version: 1, setUp: setUp, clear: [])
                .on(Bank.Deposited.self) { session, event, context in
                    try session.execute(
                        "insert into public.scratch (account, amount) values (\(context.stream.id), \(event.amount))")
                }
            try await bank.engine(projection).runUntilCaughtUp()
            try await refused(bank, projection, part)
            #expect(try await bank.administration(projection).rebuilds().isEmpty)
            #expect(try await fillSchemas(bank) == [])
            #expect(try await bank.value("select count(*) from public.scratch") == 1)
        }
    }

    @Test("What setUp changes elsewhere is found also where it has never run")
    func setUpElsewhere() async throws {
        try await Bank.open { bank in
            try await bank.script("create table registry (name text)")
            let projection = projection(setUp: [
                "create table scratch (account text, amount bigint); insert into public.registry values ('scratch')"
            ])
            try await refused(bank, projection, "public.registry")
            #expect(try await bank.value("select count(*) from registry") == 0)
            #expect(try await bank.value("select to_regclass('scratch') is null"))
        }
    }

    @Test("An older version that writes to the same tables writes no more from the swap on", arguments: [false, true])
    func olderVersion(isAhead: Bool) async throws {
        func projection(version: Int) -> SQLProjection {
            self.projection(
                version: version, setUp: ["create table if not exists scratch (account text, amount bigint)"])
        }
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            let old = RunningEngine(bank.engine(projection(version: 1), configuration: Bank.small))
            try await bank.untilApplied("scratch")
            // Somebody is in the way of the swap, and not of what is inserted.
            let inTheWay = try await OpenTransaction.begin(in: bank.views)
            if isAhead { try await inTheWay.run { try $0.script("select from scratch for update") } }
            async let report = bank.rebuild(projection(version: 2))
            if isAhead {
                try await Bank.until("the rebuild comes to the swap") {
                    try await bank.rebuildStatus(of: projection(version: 2))?.phase == .swapping
                }
                try await bank.appendRandom(300, seed: 5, batch: 20)
                try await bank.untilApplied("scratch")
            }
            try await inTheWay.rollBack()
            #expect(try await report.outcome == .swapped)
            try await bank.running(bank.engine(projection(version: 2), configuration: Bank.small)) { _ in
                try await bank.appendRandom(200, seed: 2, batch: 5)
                try await bank.untilApplied("scratch", version: 2)
            }
            try await old.shutDown()
            try await bank.expect("scratch", equals: "select account, amount from (\(Journal.recount())) single")
            try await bank.expectApplied("scratch", version: 2, ["Deposited"])
        }
    }

    @Test("Reset gives an attempt up that was refused or interrupted")
    func reset() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            try await bank.interrupting(Journal.projection(), options: Bank.slow) {
                try await Bank.until("a batch is applied") {
                    try await bank.rebuildStatus(of: Journal.projection())?.checkpoint ?? 0 > 0
                }
            }
            #expect(try await fillSchemas(bank) == ["journal_v1_fill"])
            // The server notices a little later that the rebuild's connection is closed.
            try await Bank.until("the rebuild's process is gone") {
                try await bank.value(
                    """
                    select not exists (select from hindsight.offsets o join pg_stat_activity a on a.pid = o.owner_pid
                        where o.kind = 'rebuild')
                    """)
            }
            try await bank.administration(Journal.projection()).reset("journal")
            try await expectNoRebuild(bank)
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            try await expectJournal(bank)
        }
    }

    @Test("Tables that were changed by hand, or that others depend on, are refused by name before anything is begun")
    func surroundings() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            for (change, undo, part) in [
                ("alter table journal add more int", "alter table journal drop more", "more integer"),
                (
                    "create table fan (position bigint references journal on delete cascade)", "drop table fan",
                    "constraint"
                ),
                (
                    """
                    create function hook() returns trigger language plpgsql as 'begin return new; end';
                    create trigger hook after insert on journal for each row execute function hook()
                    """, "drop function hook cascade", "trigger hook"
                ),
                ("alter table journal rename to gone", "alter table gone rename to journal", "no table \"journal\""),
            ] {
                try await bank.script(change)
                try await refused(bank, Journal.projection(), part)
                try await bank.script(undo)
                try await expectNoRebuild(bank)
            }
            try await bank.rebuild(Journal.projection())
            try await expectJournal(bank)
        }
    }

    @Test("What only a view can do is refused, and says why")
    func optionsRefused() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let changes: [(inout RebuildOptions) -> Void] = [
                { $0.keepsOld = true }, { $0.verification = .compare }, { $0.verification = .only },
            ]
            for change in changes {
                let error = await #expect(throws: ProjectionError.self) {
                    try await bank.rebuild(Journal.projection(), change)
                }
                #expect(error?.code == .cannotRebuild && error?.description.contains("one set") == true)
            }
            let some = await #expect(throws: ProjectionError.self) {
                try await bank.rebuilder(Journal.projection()).rebuild(.category("account"), of: "journal")
            }
            #expect(some?.code == .cannotRebuild && some?.description.contains("whole projection") == true)
            #expect(try await bank.value("select count(*) from hindsight.projections") == 0)
        }
    }
}
