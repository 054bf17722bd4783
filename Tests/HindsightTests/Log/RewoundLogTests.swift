import Hindsight
import HindsightPostgres
import Testing

/// A log that is put back while somebody reads it: noticed at the next look, not taken for "nothing new".
@Suite("A rewound log is noticed", .timeLimit(.minutes(3)))
struct RewoundLogTests {
    /// What happened to the log since the reader read position 30.
    enum Fate: CaseIterable {
        /// It ends at position 20 now.
        case cut
        /// It was put back to 20, and others have appended since.
        case refilled
        /// It was put back to 20, and has grown beyond the reader.
        case overgrown
        /// It is empty.
        case emptied
    }

    private static let filters: [EventFilter] = [
        .all, .types(["Counted"]), .types(["Counted", "None"]), .types(["None"]), .category("a"),
    ]

    private func rewind(_ fixture: LogFixture, _ fate: Fate) async throws {
        let end = fate == .emptied ? 0 : 20
        try await fixture.script(
            """
            delete from hindsight.events where position > \(end);
            select setval('hindsight.positions', \(max(end, 1)), \(end > 0))
            """)
        switch fate {
        case .cut, .emptied: break
        case .refilled: try await fixture.log.append((0..<10).map { LogFixture.event($0) }, to: "b-1")
        case .overgrown: try await fixture.log.append((0..<1_000).map { LogFixture.event($0) }, to: "b-1")
        }
    }

    private func expectMismatch(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ read: () async throws -> EventBatch
    ) async {
        do {
            let batch = try await read()
            Issue.record(
                "\(what): \(batch.events.count) events through \(batch.through.position)",
                sourceLocation: sourceLocation)
        } catch let error as EventLogError {
            #expect(error.code == .anchorMismatch, what, sourceLocation: sourceLocation)
            #expect(error.description.contains("position 30"), what, sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, what, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: Fate.allCases)
    func byEachRead(fate: Fate) async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append((0..<30).map { LogFixture.event($0) }, to: "a-1")
            let offset = try await log.frontier()
            try await rewind(fixture, fate)
            let goal = Offset(position: 1_000, anchor: nil)
            for filter in Self.filters {
                for limit in [5, 100, 499, 2_000] {
                    await expectMismatch("at the head, \(filter), \(limit)") {
                        try await log.read(after: offset, filter: filter, limit: limit)
                    }
                    await expectMismatch("below a known frontier, \(filter), \(limit)") {
                        try await log.read(after: offset, through: goal, filter: filter, limit: limit)
                    }
                    if fate != .overgrown {
                        await expectMismatch("above the frontier, \(filter), \(limit)") {
                            try await log.read(
                                after: offset, through: Offset(position: 20, anchor: nil), filter: filter, limit: limit)
                        }
                    }
                    await expectMismatch("by a reader, \(filter), \(limit)") {
                        try await log.reader(after: offset, filter: filter).next(limit: limit)
                    }
                }
            }
        }
    }

    @Test("also while an open append holds the frontier back")
    func held() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append((0..<30).map { LogFixture.event($0) }, to: "a-1")
            let offset = try await log.frontier()
            try await rewind(fixture, .cut)
            let open = try await OpenTransaction.begin(in: fixture.pool)
            try await open.run { session in _ = try log.append([LogFixture.event(1)], to: "c-1", in: &session) }
            for _ in 0..<3 {
                await expectMismatch("held") { try await log.read(after: offset, limit: 10) }
            }
            try await open.commit()
        }
    }

    @Test("An offset stays good while the bound stands below it")
    func boundBelowTheOffset() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append((0..<30).map { LogFixture.event($0) }, to: "a-1")
            let offset = try await log.frontier()
            // As an appender does that has read its floor and not yet drawn a position.
            let open = try await OpenTransaction.begin(in: fixture.pool)
            try await open.run { session in
                try session.execute("select pg_advisory_xact_lock_shared(hindsight.log_class(), 12)")
            }
            for limit in [10, 1_000] {
                let batch = try await log.read(after: offset, limit: limit)
                #expect(batch.events.isEmpty && batch.through == offset && batch.isHeld)
                let known = try await log.frontier()
                #expect(known.position == 12)
                let again = try await log.read(after: offset, through: known, filter: .all, limit: limit)
                #expect(again.events.isEmpty && again.through == offset)
            }
            try await open.commit()
        }
    }

    @Test("A subscription ends with it")
    func subscription() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.pollInterval = .milliseconds(20)
        try await SubscriptionFixture.open(configuration: configuration) { numbers in
            try await numbers.append(1...30)
            let seen = Recorder<Int64>()
            let subscription = numbers.subscription()
            let task = Task { try await subscription.run { seen.note($0.position) } }
            try await eventually("it has read all") { seen.count == 30 }
            try await rewind(numbers.fixture, .refilled)
            let error = await #expect(throws: EventLogError.self) { try await task.value }
            #expect(error?.code == .anchorMismatch)
            #expect(seen.count == 30)
        }
    }

    @Test("A projection is stopped by it, and is so after a restart")
    func engine() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.pollInterval = .milliseconds(20)
        try await Bank.open(configuration: configuration) { bank in
            try await bank.appendRandom(300)
            let before: Int = try await bank.value("select count(*) from hindsight.events")
            try await bank.running(bank.engine(Account.projection(), Turnover.projection())) { _ in
                try await bank.untilApplied("account")
                try await bank.untilApplied("turnover")
                try await bank.script(
                    """
                    delete from hindsight.events where position > \(before - 10);
                    select setval('hindsight.positions', \(before - 10))
                    """)
                try await bank.appendRandom(10, seed: 2)
                for name in ["account", "turnover"] {
                    let stopped = try await bank.untilStopped(name)
                    #expect(stopped.error?.contains("rewound") == true, "\(stopped)")
                    #expect(stopped.owner == nil)
                }
            }
            // A restart tries again, and finds the same.
            let again = await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            }
            #expect(again?.description.contains("rewound") == true)
        }
    }

    @Test("Others of the same engine go on where their offsets fit")
    func othersGoOn() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.pollInterval = .milliseconds(20)
        try await Bank.open(configuration: configuration) { bank in
            try await bank.appendRandom(100)
            try await bank.running(bank.engine(Account.projection())) { _ in try await bank.untilApplied("account") }
            let behind = try await bank.log.frontier()
            try await bank.appendRandom(100, seed: 2)
            try await bank.running(bank.engine(Turnover.projection())) { _ in try await bank.untilApplied("turnover") }
            try await bank.script(
                """
                delete from hindsight.events where position > \(behind.position + 50);
                select setval('hindsight.positions', \(behind.position + 50))
                """)
            try await bank.appendRandom(100, seed: 3)
            try await bank.running(bank.engine(Account.projection(), Turnover.projection())) { _ in
                _ = try await bank.untilStopped("turnover")
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
            }
        }
    }

    @Test("A rebuild that reads ranges ends with it at its next checkpoint")
    func rebuild() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(2_000)
            let rewinding = Once()
            let log = MeddledLog(bank.log) { position in
                guard position > 0 else { return }
                try await rewinding.run {
                    try await bank.script(
                        "delete from hindsight.events where position > 1000; select setval('hindsight.positions', 1000)"
                    )
                    try await bank.appendRandom(1_500, seed: 2)
                }
            }
            let rebuilder = ProjectionRebuilder(
                ProjectionContext(
                    log: log, database: bank.viewsDatabase, pool: bank.views, projections: [Account.projection()],
                    events: Bank.registry, configuration: Bank.small, logger: LogFixture.logger))
            let error = await #expect(throws: EventLogError.self) {
                try await rebuilder.rebuild(["account"], options: Bank.eager)
            }
            #expect(error?.code == .anchorMismatch)
        }
    }

    /// Does something once.
    private actor Once {
        private var isDone = false

        func run(_ body: @Sendable () async throws -> Void) async throws {
            guard !isDone else { return }
            isDone = true
            try await body()
        }
    }
}
