import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

/// Each moment that a projection may be in, made on a real server and told apart.
@Suite("What a projection waits for", .serialized, .timeLimit(.minutes(4)))
struct DiagnosisTests {
    private typealias Cause = ProjectionDiagnosis.Cause

    private func administration(
        _ bank: Bank, _ projections: any Projection..., pool: PostgresPool? = nil
    ) -> ProjectionAdministration {
        ProjectionAdministration(
            ProjectionContext(
                log: bank.log, pool: pool ?? bank.views, projections: projections, events: Bank.registry,
                configuration: Bank.impatient, logger: LogFixture.logger))
    }

    /// Asks until the answer is what it should be.
    private func until(
        _ what: Comment, _ administration: ProjectionAdministration, _ name: String = "account",
        sourceLocation: SourceLocation = #_sourceLocation, _ isWanted: (Cause) -> Bool
    ) async throws -> ProjectionDiagnosis {
        var last: ProjectionDiagnosis?
        try await Bank.until(what, sourceLocation: sourceLocation) {
            last = try await administration.diagnose(name)
            return last.map { isWanted($0.cause) } ?? false
        }
        return try #require(last, sourceLocation: sourceLocation)
    }

    @Test("Never started, not run, caught up with and without a process, stopped at an event")
    func states() async throws {
        try await Bank.open { bank in
            let failing = Account.projection { event, _ in if event.amount == 13 { throw Bank.Refusal() } }
            let administration = administration(bank, failing, Turnover.projection())
            #expect(try await administration.diagnose("account").cause == .notStarted)
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.running(bank.engine(failing, Turnover.projection())) { _ in
                try await bank.untilApplied("account")
                let live = try await until("it is caught up", administration) { $0 == .caughtUp(isRunning: true) }
                #expect(live.sentence == "account has everything up to position 1.")
                #expect(
                    live.evidence.first { $0.name == "last event" }?.text.contains("Deposited at position 1") == true)
                #expect(live.evidence.first { $0.name == "process" }?.text.contains(" pid ") == true)
            }
            #expect(try await administration.diagnose("account").cause == .caughtUp(isRunning: false))
            try await bank.append(Bank.Deposited(amount: 13), to: "7")
            #expect(try await administration.diagnose("account").cause == .notRunning(last: nil))
            await #expect(throws: ProjectionError.self) { try await bank.engine(failing).runUntilCaughtUp() }
            let stopped = try await administration.diagnose("account")
            guard case .stopped(let position, let event, let error) = stopped.cause else {
                return #expect(Bool(false), "\(stopped.cause)")
            }
            #expect(position == 2 && event?.type == "Deposited" && error == "the vault is jammed")
            #expect(stopped.sentence == "account has stopped at position 2: the vault is jammed.")
            #expect(stopped.evidence.contains { $0.name == "data" && $0.text == #"{"amount":13}"# })
            await #expect(throws: ProjectionError.self) { try await administration.diagnose("nobody") }
        }
    }

    @Test("An open append, of a process and prepared, also after a restart of the server")
    func openAppend() async throws {
        let server = try await PrivateTestCluster.start()
        try await Bank.open(conninfo: server.conninfo) { bank in
            let administration = administration(bank, Account.projection())
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let (log, event) = (bank.log, try Bank.registry.encode(Bank.Deposited(amount: 6)))
            let open = try await OpenTransaction.begin(in: bank.views)
            try await open.run { session in _ = try log.append([event], to: "account-8", in: &session) }
            try await bank.append(Bank.Deposited(amount: 7), to: "9")
            let held = try await until("the append is found", administration) {
                if case .waitsForAppend(let holder) = $0 { holder.processID == open.processID } else { false }
            }
            guard case .waitsForAppend(let holder) = held.cause else { return }
            #expect(holder.state == "idle in transaction" && holder.query != nil && holder.role != nil)
            #expect(held.remedy()?.contains("pg_terminate_backend(\(open.processID))") == true)
            try await open.rollBack()
            #expect(try await administration.diagnose("account").cause == .notRunning(last: nil))
            try await bank.engine(Account.projection()).runUntilCaughtUp()

            let second = try Bank.registry.encode(Bank.Deposited(amount: 8))
            try await bank.views.withSession { session in
                try session.script("begin")
                _ = try log.append([second], to: "account-8", in: &session)
                try session.script("prepare transaction 'two ''phases'")
            }
            try await bank.append(Bank.Deposited(amount: 9), to: "9")
            func isPrepared(_ cause: Cause) -> Bool {
                if case .waitsForAppend(let holder) = cause {
                    holder.preparedName == "two 'phases" && holder.processID == nil && holder.role != nil
                } else {
                    false
                }
            }
            let prepared = try await administration.diagnose("account")
            #expect(isPrepared(prepared.cause), "\(prepared)")
            try await server.restart()
            _ = try await until("the prepared append is found after a restart", administration) { isPrepared($0) }
            try await bank.script("commit prepared 'two ''phases'")
            #expect(try await administration.diagnose("account").cause == .notRunning(last: nil))
        }
        try await server.stop()
    }

    @Test("A lock on the view's table, and one on a row")
    func locked() async throws {
        try await Bank.open { bank in
            let administration = administration(bank, Account.projection())
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                let table = try #require(try await bank.shownTable("account"))
                for lock in [
                    "lock table hindsight.\(table) in access exclusive mode",
                    "update hindsight.\(table) set entries = entries",
                ] {
                    let open = try await OpenTransaction.begin(in: bank.views)
                    try await open.run { try $0.execute(SQL(unsafeSQL: lock)) }
                    try await bank.append(Bank.Deposited(amount: 6), to: "7")
                    let blocked = try await until("the lock is found", administration) {
                        if case .blocked = $0 { true } else { false }
                    }
                    guard case .blocked(let blockers) = blocked.cause else { return }
                    #expect(blockers.map(\.processID) == [open.processID])
                    #expect(blocked.evidence.contains { $0.name == "blocker" && $0.text.contains(lock) }, "\(blocked)")
                    try await open.rollBack()
                    try await bank.untilApplied("account")
                }
                _ = try await until("it is caught up", administration) { $0 == .caughtUp(isRunning: true) }
            }
        }
    }

    @Test("A lease whose owner does nothing hangs; one whose owner is gone is free")
    func leases() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.append(Bank.Deposited(amount: 6), to: "7")
            var patient = Bank.impatient
            patient.leaseDuration = .milliseconds(200)
            let administration = ProjectionAdministration(
                ProjectionContext(
                    log: bank.log, pool: bank.views, projections: [Account.projection()], events: Bank.registry,
                    configuration: patient))
            let connection = try await PostgresConnection.connect(bank.viewsDatabase, logger: LogFixture.logger)
            let taking = """
                select (hindsight.take_shard(row(kind, name, version, partition, log)::hindsight.shard, 'idler', '%', null, null)).status
                from hindsight.offsets where name = 'account'
                """
            func take(_ duration: String) async throws {
                let statement = SQL(unsafeSQL: taking.replacing("%", with: duration))
                let status: String = try await connection.withSession { try $0.query(statement)[0].decode(0) }
                #expect(status == "taken")
            }
            try await take("1 hour")
            let hanging = try await until("it hangs", administration) { if case .hanging = $0 { true } else { false } }
            #expect(hanging.sentence.hasPrefix("account hangs: idler has its lease"), "\(hanging)")
            try await bank.script("update hindsight.offsets set error = 'canceling statement due to statement timeout'")
            let retrying = try await administration.diagnose("account")
            #expect(retrying.cause == .retrying("canceling statement due to statement timeout"))
            // The lease runs out, and its owner is still there.
            try await bank.script("update hindsight.offsets set leased_until = clock_timestamp() - interval '5 s'")
            let late = try await administration.diagnose("account")
            guard case .notRunning(let owner?) = late.cause else { return #expect(Bool(false), "\(late)") }
            #expect(owner.node == "idler" && owner.isConnected && late.sentence.contains("it hangs"))
            await connection.close()
            let gone = try await until("the connection is gone", administration) {
                if case .notRunning(let owner?) = $0 { !owner.isConnected } else { false }
            }
            #expect(gone.sentence.contains("is gone without having given its lease back"))
        }
    }

    @Test("A version that has caught up is not shown while a reader holds the name")
    func notShown() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let second = Account.projection(version: 2, factor: 10)
            let administration = administration(bank, second)
            #expect(try await administration.diagnose("account").cause == .notStarted)
            let reader = try await OpenTransaction.begin(in: bank.views, .repeatableRead)
            try await reader.run { try $0.execute("select from account") }
            try await bank.running(bank.engine(second)) { _ in
                let waiting = try await until("it waits for the reader", administration) {
                    if case .notShown(1, let readers) = $0 {
                        readers.map(\.processID) == [reader.processID]
                    } else {
                        false
                    }
                }
                #expect(waiting.sentence.contains("version 1 is still shown: it waits for process \(reader.processID)"))
                try await reader.rollBack()
                _ = try await until("it is shown", administration) { $0 == .caughtUp(isRunning: true) }
            }
        }
    }

    @Test("A rewound log, and a database that is not there")
    func elsewhere() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(20)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.script("delete from hindsight.events where position > 10")
            let rewound = try await administration(bank, Account.projection()).diagnose("account")
            guard case .logChanged = rewound.cause else { return #expect(Bool(false), "\(rewound)") }
            var database = bank.viewsDatabase
            database.conninfo = "host=127.0.0.1 port=1 dbname=nothing"
            let pool = PostgresPool(configuration: database, logger: LogFixture.logger)
            let away = try await administration(bank, Account.projection(), pool: pool).diagnose("account")
            await pool.close()
            guard case .unreachable = away.cause else { return #expect(Bool(false), "\(away)") }
            #expect(away.remedy()?.contains("start the server") == true)
        }
    }

    @Test("A role that may only read gets the diagnosis, and is told what is hidden from it")
    func readingRole() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let (log, event) = (bank.log, try Bank.registry.encode(Bank.Deposited(amount: 6)))
            let open = try await OpenTransaction.begin(in: bank.views)
            try await open.run { session in _ = try log.append([event], to: "account-8", in: &session) }
            try await bank.append(Bank.Deposited(amount: 7), to: "9")
            try await bank.fixture.withRole { role, conninfo in
                try await bank.views.withSession { session in
                    try session.execute(
                        "select hindsight.grant_read(\(PostgresIdentifier(role).quoted)::text::regrole)")
                }
                try await bank.fixture.withAnotherLog(conninfo: conninfo) { log in
                    let administration = ProjectionAdministration(
                        ProjectionContext(
                            log: log, pool: log.pool, projections: [Account.projection()], events: Bank.registry))
                    let held = try await administration.diagnose("account")
                    guard case .waitsForAppend(let holder) = held.cause else {
                        return #expect(Bool(false), "\(held)")
                    }
                    #expect(holder.processID == open.processID && holder.isHidden && holder.query == nil)
                    #expect(held.evidence.contains { $0.text.hasSuffix(": its statement is hidden from this role") })
                }
            }
            try await open.rollBack()
        }
    }
}
