import Dispatch
import Hindsight
import HindsightPostgres
import Testing

/// A lease is renewed as long as its process lives, so it says nothing about whether a batch ends.
@Suite("Batches that do not end", .serialized, .timeLimit(.minutes(4)))
struct StuckBatchTests {
    private static func configuration(_ node: String = "first") -> EngineConfiguration {
        var configuration = Bank.impatient
        configuration.node = node
        configuration.leaseDuration = .seconds(1)
        return configuration
    }

    /// Four deposits of four accounts; that of the third is one that something does not get on with.
    private func prepare(_ bank: Bank) async throws -> [RecordedEvent] {
        for amount in [1, 2, 666, 4] { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount)") }
        return try await bank.log.read(after: .beginning, limit: 100).events
    }

    private func expectStopped(
        _ offset: Bank.Offset, at event: RecordedEvent, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(offset.stoppedAt == event.position, sourceLocation: sourceLocation)
        #expect(offset.stoppedEvent == event.id, sourceLocation: sourceLocation)
        #expect(offset.position == event.position - 1, sourceLocation: sourceLocation)
        #expect(offset.error?.contains("was not applied within 3.0 s") == true, sourceLocation: sourceLocation)
    }

    @Test("A statement that takes too long: batches get smaller until the event is found, where it stops")
    func longStatement() async throws {
        try await Bank.open { bank in
            let events = try await prepare(bank)
            let journal = Journal.projection { session, event, _ in
                if event.amount == 666 { try session.execute("select pg_sleep(1000)") }
            }
            try await bank.running(bank.engine(journal, configuration: Self.configuration())) { _ in
                try await Bank.until("the next batch is half as large") {
                    try await bank.value(
                        "select coalesce(max(batch_limit), 0) = 2 from hindsight.offsets where name = 'journal'")
                }
                let offset = try await bank.untilStopped("journal")
                expectStopped(offset, at: events[2])
                // Taken and given up three times.
                #expect(offset.epoch >= 6)
                try await bank.expect("journal", equals: Journal.recount(through: events[1].position))
                try await Bank.until("the node goes on") { try await bank.shares() == ["first": 0] }
            }
            var mended = Bank.mended
            mended.leaseDuration = .seconds(1)
            try await bank.engine(Journal.projection(), configuration: mended).runUntilCaughtUp()
            try await bank.expect("journal", equals: Journal.recount())
            try await bank.expectProven("journal", ["Deposited"])
        }
    }

    @Test("A commit that takes too long, with row and offset locked: a deferred trigger that sleeps")
    func longCommit() async throws {
        try await Bank.open { bank in
            try await bank.engine(Account.projection()).prepare()
            try await bank.script(
                """
                create function doze() returns trigger language plpgsql as $$
                begin if new.id = '666' then perform pg_sleep(1000); end if; return null; end $$;
                create constraint trigger dozing after insert or update on hindsight.account_v1
                deferrable initially deferred for each row execute function doze()
                """)
            let events = try await prepare(bank)
            try await bank.running(bank.engine(Account.projection(), configuration: Self.configuration())) { _ in
                expectStopped(try await bank.untilStopped("account"), at: events[2])
                try await bank.expectAccounts(through: events[1].position)
            }
        }
    }

    @Test("A handler that is too slow for its transaction, again and again")
    func slowHandler() async throws {
        try await Bank.open { bank in
            let events = try await prepare(bank)
            let journal = Journal.projection { _, event, _ in
                // Longer than the server lets a transaction be idle, and shorter than three leases.
                if event.amount == 666 { _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 1.3) }
            }
            try await bank.running(bank.engine(journal, configuration: Self.configuration())) { _ in
                expectStopped(try await bank.untilStopped("journal"), at: events[2])
                try await bank.expect("journal", equals: Journal.recount(through: events[1].position))
            }
        }
    }

    @Test("Of several projections with statements of their own, the one that hangs is found, and stops alone")
    func oneOfSeveral() async throws {
        func projection(_ name: String, hangs: Bool) -> SQLProjection {
            SQLProjection(
                name, version: 1, setUp: ["create table \(name) (position bigint primary key)"],
                clear: ["truncate \(name)"]
            )
            .on(Bank.Deposited.self) { session, event, context in
                let table = PostgresIdentifier(name)
                try session.execute("insert into \(identifier: table) values (\(context.position))")
                if hangs, event.amount == 666 { try session.execute("select pg_sleep(1000)") }
            }
        }
        try await Bank.open { bank in
            let all = [
                projection("first", hangs: false), projection("second", hangs: true), projection("third", hangs: false),
            ]
            let engine = ProjectionEngine(
                ProjectionContext(
                    log: bank.log, pool: bank.views, projections: all, events: Bank.registry,
                    configuration: Self.configuration(), logger: LogFixture.logger))
            try await bank.running(engine) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                for name in ["first", "second", "third"] { try await bank.untilApplied(name) }
                // Alone in its batch, at the head.
                let position = try await bank.append(Bank.Deposited(amount: 666), to: "666").position
                let offset = try await bank.untilStopped("second")
                #expect(offset.stoppedAt == position && offset.position == position - 1)
                for name in ["first", "third"] { try await bank.untilApplied(name) }
            }
            for name in ["first", "third"] {
                #expect(try await bank.offset(of: name)?.stoppedAt == nil)
                try await bank.expectProven(name, ["Deposited"])
            }
        }
    }

    @Test(
        "A batch that waits for somebody's lock is not given up: the next owner would wait as well",
        arguments: ["share", "access exclusive"])
    func lock(mode: String) async throws {
        try await Bank.open { bank in
            try await bank.engine(Account.projection()).prepare()
            _ = try await prepare(bank)
            let other = try await OpenTransaction.begin(in: bank.views)
            try await other.run { try $0.execute("lock table hindsight.account_v1 in \(unsafeSQL: mode) mode") }
            try await bank.running(bank.engine(Account.projection(), configuration: Self.configuration())) { _ in
                func renewals() async throws -> Int64 {
                    try await bank.value("select coalesce(max(renewals), 0) from hindsight.nodes")
                }
                try await Bank.until("it waits") {
                    try await bank.value(
                        """
                        select count(*) > 0 from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'
                        """)
                }
                let epoch = try #require(try await bank.offset(of: "account")).epoch
                let start = ContinuousClock.now
                try await Bank.until("five leases are over") { .now - start > .seconds(5) }
                let offset = try #require(try await bank.offset(of: "account"))
                #expect(offset.epoch == epoch && offset.stoppedAt == nil)
                try await other.rollBack()
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
            }
        }
    }

    @Test("A fold that does not return: its node takes no projections, the next finds the event, the others go on")
    func foldThatHangs() async throws {
        try await Bank.open { bank in
            let events = try await prepare(bank)
            let gate = Gate()
            let account = Account.projection { event, _ in if event.amount == 666 { gate.pass() } }
            func node(_ name: String, _ body: (Bank) async throws -> Void) async throws {
                try await bank.asProcess(name) { process in
                    let engine = process.engine(account, Turnover.projection(), configuration: Self.configuration(name))
                    try await bank.running(engine) { _ in
                        do { try await body(process) } catch {
                            // Or the engine never ends.
                            gate.open()
                            throw error
                        }
                    }
                }
            }
            func states() async throws -> [String: NodeStatus.State] {
                Dictionary(
                    try await bank.administration().nodes().map { ($0.name, $0.state) }, uniquingKeysWith: { $1 })
            }
            try await node("first") { _ in
                try await Bank.until("the first node is stuck") { try await states() == ["first": .stuck] }
                #expect(try await bank.shares() == ["first": 0])
                try await node("second") { _ in
                    expectStopped(try await bank.untilStopped("account"), at: events[2])
                    try await Bank.until("the second node is stuck") { try await states()["second"] == .stuck }
                    try await node("third") { _ in
                        try await bank.untilApplied("turnover")
                        #expect(try await states() == ["first": .stuck, "second": .stuck, "third": .ready])
                        #expect(try await bank.shares() == ["first": 0, "second": 0, "third": 1])
                        gate.open()
                        try await Bank.until("all are well again") {
                            try await states() == ["first": .ready, "second": .ready, "third": .ready]
                        }
                    }
                }
            }
            try await bank.expectTurnover()
            try await bank.expectAccounts(through: events[1].position)
            // Nothing that came back late has been committed.
            #expect(try await bank.offset(of: "account")?.position == events[1].position)
        }
    }
}
