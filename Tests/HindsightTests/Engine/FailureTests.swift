import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("Failing projections", .serialized, .timeLimit(.minutes(3)))
struct FailureTests {
    /// Refuses the deposit of 13.
    private static let unlucky: @Sendable (Bank.Deposited, RecordedEvent) throws -> Void = { event, _ in
        if event.amount == 13 { throw Bank.Refusal() }
    }

    /// Thirty deposits to five accounts, the unlucky one in between.
    private func fill(_ bank: Bank) async throws -> AppendResult {
        var unlucky: AppendResult?
        for amount in 1...30 {
            let result = try await bank.append(Bank.Deposited(amount: amount), to: "\(amount % 5)")
            if amount == 13 { unlucky = result }
        }
        return try #require(unlucky)
    }

    @Test("A fold that throws stops its projection at the event, and no other", arguments: [1, 4, 500])
    func foldThrows(batch: Int) async throws {
        try await Bank.open { bank in
            let unlucky = try await fill(bank)
            let failing = Account.projection(before: Self.unlucky)
            var configuration = Bank.impatient
            configuration.liveBatch = batch
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(
                    failing, Turnover.projection(), Journal.projection(), configuration: configuration
                )
                .runUntilCaughtUp()
            }
            #expect(error?.code == .stopped)
            #expect(error?.description.contains("\"account\"") == true)
            #expect(error?.description.contains("the vault is jammed") == true)
            #expect(error?.description.contains("turnover") == false)

            let offset = try #require(try await bank.offset(of: "account"))
            #expect(offset.stoppedAt == unlucky.position)
            #expect(offset.position == unlucky.position - 1)
            #expect(offset.applied == 12)
            #expect(offset.owner == nil)
            let event = try await bank.log.readBackward(from: unlucky.position, limit: 1)[0]
            #expect(offset.stoppedEvent == event.id)
            try await bank.expectAccounts(through: unlucky.position - 1)
            try await bank.expectTurnover()
            try await bank.expect("journal", equals: Journal.recount())

            let status = try await bank.administration(failing).list()[0]
            #expect(status.state == .stopped)
            #expect(status.error?.contains("the vault is jammed") == true)
            #expect(status.error?.contains("\(unlucky.position)") == true)
            #expect(status.lagEvents == 18)
            #expect(status.lagSeconds > 0)
        }
    }

    @Test("After a fix it goes on at that very event")
    func mended() async throws {
        try await Bank.open { bank in
            let unlucky = try await fill(bank)
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection(before: Self.unlucky)).runUntilCaughtUp()
            }
            let seen = Recorder<Int64>()
            let mended = Account.projection { _, context in seen.note(context.position) }
            try await bank.engine(mended, configuration: Bank.mended).runUntilCaughtUp()
            #expect(seen.all.first == unlucky.position)
            #expect(seen.count == 18)
            try await bank.expectAccounts()
        }
    }

    @Test("A stop outlives restarts of the build that stopped, and is tried again once by another one")
    func stopOfABuild() async throws {
        try await Bank.open { bank in
            let unlucky = try await fill(bank)
            let tries = Recorder<Int64>()
            let failing = Account.projection { event, context in
                guard event.amount == 13 else { return }
                tries.note(context.position)
                throw Bank.Refusal()
            }
            func start(_ configuration: EngineConfiguration = Bank.impatient) async throws {
                let error = try await #require(throws: ProjectionError.self) {
                    try await bank.engine(failing, configuration: configuration).runUntilCaughtUp()
                }
                #expect(error.description.contains("at position \(unlucky.position)"))
            }
            try await start()
            let first = tries.count
            // A process that is started again and again, with connections that hold rows of the offsets in between.
            for _ in 1...3 {
                let holder = try await OpenTransaction.begin(in: bank.views)
                try await holder.run { _ = try $0.query("select from hindsight.offsets for no key update") }
                try await start()
                try await holder.commit()
            }
            #expect(tries.count == first)
            try await start(Bank.mended)
            let second = tries.count
            #expect(second > first)
            try await start(Bank.mended)
            #expect(tries.count == second)
            #expect(try await bank.administration(failing).resume("account").wasStopped)
            try await start(Bank.mended)
            #expect(tries.count > second)
        }
    }

    @Test("What a process of the build before has stopped, one of the next build at work tries again, once")
    func stopOfTheBuildBefore() async throws {
        try await Bank.open { bank in
            let isMended = Gate()
            let tries = Recorder<Int64>()
            let next = Account.projection { event, context in
                guard event.amount == 13 else { return }
                tries.note(context.position)
                if !isMended.isOpen { throw Bank.Refusal() }
            }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            // As if a node of the build before, which is gone by now, had stopped while this one was here.
            func stop(at position: Int64) async throws {
                try await bank.script(
                    """
                    update hindsight.offsets set epoch = epoch + 1, owner = null, owner_pid = null, owner_started_at = null,
                        leased_until = null, stopped_at = \(position), error = 'too old', stopped_builds = array['old']
                    where kind = 'projection'
                    """)
            }
            try await bank.running(bank.engine(next, configuration: Bank.mended)) { _ in
                try await bank.untilApplied("account")
                let unlucky = try await bank.append(Bank.Deposited(amount: 13), to: "1")
                #expect(try await bank.untilStopped("account").stoppedAt == unlucky.position)
                let seen = tries.count
                isMended.open()
                func looks() async throws -> Int64 { try await bank.value("select max(renewals) from hindsight.nodes") }
                let start = try await looks()
                try await Bank.until("it has looked ten times") { try await looks() > start + 10 }
                // It is not tried by the build that stopped it.
                #expect(tries.count == seen)
                try await stop(at: unlucky.position)
                try await Bank.until("it is tried again") { try await bank.offset(of: "account")?.stoppedAt == nil }
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
                #expect(
                    try await bank.value(
                        "select stopped_builds = '{}' from hindsight.offsets where kind = 'projection'"))
            }
        }
    }

    @Test("A projection that is resumed is tried again by the engine that runs")
    func resumed() async throws {
        try await Bank.open { bank in
            let isMended = Recorder<Void>()
            let projection = Account.projection { event, _ in
                if event.amount == 13, isMended.count == 0 { throw Bank.Refusal() }
            }
            let administration = bank.administration(projection, Turnover.projection())
            try await bank.running(bank.engine(projection, Turnover.projection())) { _ in
                let unlucky = try await fill(bank)
                #expect(try await bank.untilStopped("account").stoppedAt == unlucky.position)
                try await bank.untilApplied("turnover")
                #expect(try await administration.resume("turnover").hasResumed == false)
                isMended.note(())
                #expect(try await administration.resume("account").wasStopped)
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
            }
            await #expect(throws: ProjectionError.self) { try await administration.resume("nobody") }
        }
    }

    @Test("What an event did to its first row is undone when its second row fails")
    func secondRowFails() async throws {
        try await Bank.open { bank in
            for number in 1...6 { try await bank.append(Bank.Transferred(to: "9", amount: number), to: "\(number)") }
            let failing = Peer.projection { key, event in
                if event.amount == 4, key == "9" { throw Bank.Refusal() }
            }
            await #expect(throws: ProjectionError.self) { try await bank.engine(failing).runUntilCaughtUp() }
            let peers = try await Views(pool: bank.views).fetch(Peer.query.order(by: \.id))
            #expect(peers.map(\.id) == ["1", "2", "3", "9"])
            #expect(peers.last?.received == 6)
            #expect(try await bank.offset(of: "peer")?.applied == 3)

            try await bank.engine(Peer.projection(), configuration: Bank.mended).runUntilCaughtUp()
            try await bank.expectPeers()
            #expect(try await bank.offset(of: "peer")?.applied == 6)
        }
    }

    @Test(
        "An event that cannot be decoded stops those that want it",
        arguments: [(#"{"amount":"much"}"#, 1), ("{}", 1), (#"{"amount":1}"#, 9)])
    func undecodable(data: String, schemaVersion: Int) async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), Bank.Transferred(to: "2", amount: 1), to: "1")
            let bad = try await bank.log.append(
                NewEvent(type: "Deposited", schemaVersion: schemaVersion, data: Array(data.utf8)), to: "account-1")
            try await bank.append(Bank.Deposited(amount: 2), Bank.Transferred(to: "2", amount: 2), to: "1")
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection(), Peer.projection(), Journal.projection()).runUntilCaughtUp()
            }
            #expect(error?.description.contains("account") == true)
            #expect(error?.description.contains("journal") == true)
            for name in ["account", "journal"] {
                let offset = try #require(try await bank.offset(of: name))
                #expect(offset.stoppedAt == bad.position)
                #expect(offset.applied == 1)
                #expect(offset.error?.isEmpty == false)
            }
            try await bank.expect("account", equals: Account.recount(through: bad.position - 1))
            try await bank.expectPeers()
            #expect(try await bank.offset(of: "peer")?.position == bad.position + 2)
        }
    }

    @Test("A key that cannot be found stops the projection at the event")
    func keyThrows() async throws {
        try await Bank.open { bank in
            let unlucky = try await fill(bank)
            let projection = ViewProjection(Account.self, version: 1)
                .onOptional(Bank.Deposited.self) { event, context in
                    if event.amount == 13 { throw Bank.Refusal() }
                    return context.stream.id
                } fold: { row, event, context in
                    row = Account(id: context.stream.id, entries: (row?.entries ?? 0) + 1)
                }
            await #expect(throws: ProjectionError.self) { try await bank.engine(projection).runUntilCaughtUp() }
            #expect(try await bank.offset(of: "account")?.stoppedAt == unlucky.position)
            #expect(try await bank.offset(of: "account")?.applied == 12)
            #expect(try await Views(pool: bank.views).fetch(Account.query).map(\.entries).reduce(0, +) == 12)
        }
    }

    @Test("A fold that leaves a row with another key stops the projection")
    func wrongKey() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), Bank.Deposited(amount: 13), to: "1")
            let projection = ViewProjection(Account.self, version: 1)
                .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, event, context in
                    row = Account(id: event.amount == 13 ? "2" : "1", entries: 1)
                }
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(projection).runUntilCaughtUp()
            }
            #expect(error?.description.contains("key") == true)
            #expect(try await Views(pool: bank.views).fetch(Account.query).map(\.id) == ["1"])
            #expect(try await bank.offset(of: "account")?.applied == 1)
        }
    }

    @Test("A projection is reset while an engine works on it")
    func resetWhileRunning() async throws {
        try await Bank.open { bank in
            let administration = bank.administration(Account.projection(), Journal.projection())
            try await bank.running(bank.engine(Account.projection(), Journal.projection(), configuration: Bank.small)) {
                _ in
                for seed in 1...5 {
                    try await bank.appendRandom(150, seed: UInt64(seed), batch: 3)
                    try await administration.reset("account")
                    try await administration.reset("journal")
                }
                try await bank.untilApplied("account")
                try await bank.untilApplied("journal")
            }
            try await bank.expectAccounts()
            try await bank.expect("journal", equals: Journal.recount())
        }
    }

    @Test("A reset waits for the batch in flight, and neither of them is the other's victim")
    func resetDuringBatch() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            let projection = Journal.projection { _, event, _ in
                if event.amount == 13 { gate.pass() }
            }
            try await bank.running(bank.engine(projection)) { _ in
                _ = try await fill(bank)
                try await gate.untilReached()
                async let reset: Void = bank.administration(projection).reset("journal")
                try await Bank.until("the reset waits for a lock") {
                    try await bank.value(
                        """
                        select exists (select from pg_locks where not granted
                            and (database is null or database = (select oid from pg_database where datname = current_database())))
                        """)
                }
                gate.open()
                try await reset
                try await bank.untilApplied("journal")
            }
            try await bank.expect("journal", equals: Journal.recount())
            #expect(try await bank.offset(of: "journal")?.applied == 30)
        }
    }

    @Test(
        "The list says what keeps a projection from going on: a lock of somebody, or a time limit; and not any longer afterwards"
    )
    func whatItWaitsFor() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let administration = bank.administration(Account.projection())
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                let blocker = try await OpenTransaction.begin(in: bank.views)
                try await blocker.run { try $0.execute("lock table hindsight.account_v1 in share mode") }
                try await bank.append(Bank.Deposited(amount: 2), to: "1")
                try await Bank.until("the list names the process that is in the way") {
                    try await administration.list()[0].error?.contains("process \(blocker.processID)") == true
                }
                try await blocker.commit()
                try await bank.untilApplied("account")
                #expect(try await administration.list()[0].error == nil)
            }

            var database = bank.viewsDatabase
            database.settings["statement_timeout"] = "50ms"
            try await bank.script(
                """
                create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.2); return new; end $$;
                create trigger slow before insert or update on hindsight.account_v1 for each row execute function slow();
                """)
            try await bank.append(Bank.Deposited(amount: 3), to: "1")
            let pool = PostgresPool(configuration: database, maximumConnections: 4, logger: LogFixture.logger)
            let engine = ProjectionEngine(
                ProjectionContext(
                    log: bank.log, database: bank.viewsDatabase, pool: pool, projections: [Account.projection()],
                    events: Bank.registry, configuration: Bank.impatient, logger: LogFixture.logger))
            try await bank.running(engine) { _ in
                try await Bank.until("the list says that statements take too long") {
                    try await administration.list()[0].error?.contains("57014") == true
                }
                try await bank.script("drop trigger slow on hindsight.account_v1")
                try await bank.untilApplied("account")
                #expect(try await administration.list()[0].error == nil)
            }
            await pool.close()
            try await bank.expectAccounts()
        }
    }
}
