import Hindsight
import HindsightPostgres
import Testing

/// What the database tells of durable subscriptions, on a real server.
@Suite("How subscriptions are", .timeLimit(.minutes(4)))
struct SubscriptionHealthTests {
    private static let strict = ProjectionHealth.Limits(warning: .milliseconds(1), critical: .milliseconds(2))
    private static let patient = ProjectionHealth.Limits(warning: .milliseconds(1), critical: .seconds(3_600))

    private static let options = SubscriptionOptions(name: "mailer", filter: .types(["Counted", "Ordered"]))

    private func administration(_ log: PostgresEventLog) -> ProjectionAdministration {
        ProjectionAdministration(ProjectionContext(log: log, pool: log.pool, projections: []))
    }

    private func status(_ numbers: SubscriptionFixture) async throws -> SubscriptionStatus? {
        try await administration(numbers.log).subscriptions().first { $0.name == "mailer" }
    }

    private func health(
        _ numbers: SubscriptionFixture, _ limits: ProjectionHealth.Limits = .init()
    ) async throws -> SubscriptionHealth {
        let health = try await administration(numbers.log).health(ofSubscriptions: ["mailer"], limits: limits)
        return try #require(health.first)
    }

    /// Runs `body` while a subscription is read.
    private func reading(
        _ subscription: Subscription, handling handle: @escaping @Sendable (RecordedEvent) async throws -> Void,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await subscription.run(handle) }
            do {
                try await body()
            } catch {
                subscription.stop()
                throw error
            }
            subscription.stop()
            try await tasks.waitForAll()
        }
    }

    @Test(
        "Read or not, with everything that it wants handled: well. With an event that waits and nobody who reads it: not"
    )
    func unread() async throws {
        try await SubscriptionFixture.open { numbers in
            #expect(try await administration(numbers.log).subscriptions().isEmpty)
            try await numbers.append(1...3)
            try await reading(numbers.subscription(Self.options), handling: { _ in }) {
                try await Bank.until("it has handled everything") { try await status(numbers)?.state == .live }
                let live = try #require(try await status(numbers))
                #expect(live.handled == 3 && live.offset == 3 && live.head == 3 && live.lag == .none)
                #expect(live.filter == Self.options.filter && live.owner?.isConnected == true)
            }
            // What it does not want.
            try await numbers.append(4...20, type: "Noise")
            let idle = try await health(numbers, Self.strict)
            #expect(idle.grade == .ok && idle.status.state == .unread && idle.stalledSeconds == 0, "\(idle)")
            #expect(idle.status.lag == .none && idle.status.owner == nil && idle.remedy() == nil)
            try await numbers.append(21...22, type: "Ordered")
            #expect(try await health(numbers).grade == .ok, "they have only just come")
            try await Bank.until("they have waited for longer than the limit") {
                try await health(numbers, Self.strict).grade == .critical
            }
            let waiting = try await health(numbers, Self.patient)
            #expect(waiting.grade == .warning && waiting.status.lag.events == 2 && waiting.stalledSeconds > 0)
            #expect(waiting.sentence == "Subscription mailer is not read by any process, and 2 events wait.")
            #expect(waiting.remedy()?.contains("name = 'mailer'") == true)
            // The remedy for a name that nobody reads any more leaves a reader of the same name on another log alone.
            try await numbers.fixture.script(
                """
                insert into hindsight.offsets (kind, name, version, partition, log, position, anchor, applied, epoch, parked_list)
                select kind, name, version, partition, gen_random_uuid(), position, anchor, applied, 7, parked_list + 1000
                from hindsight.offsets where name = 'mailer'
                """)
            let remedy = try #require(waiting.remedy()?.split(separator: "`").first { $0.hasPrefix("delete") })
            try await numbers.fixture.script(String(remedy))
            #expect(try await numbers.offset(of: "mailer")?.epoch == 7)
            let error = try await #require(throws: SubscriptionError.self) { try await health(numbers) }
            #expect(error.code == .unknown && error.description.contains("there are none"))
        }
    }

    @Test("A handler that does not return stands still; one that is slow does not")
    func standingStill() async throws {
        try await SubscriptionFixture.open { numbers in
            let (release, released) = AsyncStream.makeStream(of: Void.self)
            let stuck: @Sendable (RecordedEvent) async throws -> Void = { event in
                if try SubscriptionFixture.number(event) == 2 { for await _ in release {} }
            }
            try await reading(numbers.subscription(Self.options), handling: stuck) {
                defer { released.finish() }
                try await numbers.append(1...3)
                try await Bank.until("two events wait") { try await status(numbers)?.lag.events == 2 }
                let limits = ProjectionHealth.Limits(warning: .milliseconds(300), critical: .seconds(3_600))
                try await Bank.until("it stands still") { try await health(numbers, limits).grade == .warning }
                let still = try await health(numbers, limits)
                #expect(still.status.state == .behind && still.stalledSeconds > 0.3, "\(still)")
                #expect(still.sentence.contains("2 events wait") && still.remedy()?.contains("handler") == true)
                released.finish()
                try await Bank.until("it goes on") {
                    let found = try await health(numbers, limits)
                    return found.grade == .ok && found.status.state == .live
                }
            }
        }
    }

    @Test("Behind an append in flight nothing can be handled: it says which, for as long as that is open")
    func heldByAppend() async throws {
        try await SubscriptionFixture.open { numbers in
            try await reading(numbers.subscription(Self.options), handling: { _ in }) {
                try await numbers.append(1...3)
                try await Bank.until("it has handled everything") { try await status(numbers)?.handled == 3 }
                let holder = try await OpenTransaction.begin(in: numbers.pool)
                try await holder.run { _ = try numbers.log.append([LogFixture.event(4)], to: "held-1", in: &$0) }
                try await numbers.append(5...6)
                try await Bank.until("the append has been open for a moment") {
                    try await health(numbers, Self.strict).grade == .critical
                }
                let held = try await health(numbers, Self.patient)
                #expect(held.grade == .warning && held.status.state == .live && held.status.handled == 3, "\(held)")
                #expect(held.holder?.processID != nil && held.stalledSeconds > 0)
                #expect(held.sentence.contains("waits for an append in flight: process \(held.holder?.processID ?? 0)"))
                #expect(held.remedy()?.contains("pg_terminate_backend") == true, "\(held.remedy() ?? "none")")
                #expect(try await health(numbers).grade == .ok, "an append may take its time")
                try await holder.commit()
                try await Bank.until("it goes on") {
                    let found = try await health(numbers, Self.strict)
                    return found.grade == .ok && found.status.handled == 6
                }
            }
        }
    }

    @Test("What several keys in flight have handled beyond the first that is not does not wait")
    func keysInFlight() async throws {
        try await SubscriptionFixture.open { numbers in
            var options = Self.options
            options.keysInFlight = 4
            let (release, released) = AsyncStream.makeStream(of: Void.self)
            let stuck: @Sendable (RecordedEvent) async throws -> Void = { event in
                if try SubscriptionFixture.number(event) == 1 { for await _ in release {} }
            }
            try await reading(numbers.subscription(options), handling: stuck) {
                defer { released.finish() }
                for number in 1...3 { try await numbers.append(number...number, to: StreamName("counter-\(number)")) }
                try await Bank.until("two are handled beyond the first") {
                    try await status(numbers)?.handledBeyond == 2
                }
                let found = try #require(try await status(numbers))
                #expect(found.lag.events == 1 && found.handled == 0 && found.state == .behind, "\(found)")
            }
        }
    }

    @Test("A reader that hangs, one that has died, and an offset of another log are told apart")
    func causes() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...3)
            #expect(try await numbers.collect(2, Self.options) == [1, 2])
            let hanging = try await PostgresConnection.connect(numbers.fixture.database, logger: LogFixture.logger)
            try await hanging.withSession { session in
                try session.execute(
                    """
                    select hindsight.take_shard(row(kind, name, version, partition, log)::hindsight.shard, 'host pid 7',
                        interval '0 s', null, null) from hindsight.offsets where name = 'mailer'
                    """)
            }
            let hangs = try await health(numbers, Self.strict)
            #expect(hangs.status.state == .hanging && hangs.grade == .critical, "\(hangs)")
            #expect(hangs.sentence.contains("host pid 7 hangs"))
            #expect(hangs.remedy()?.contains("pg_terminate_backend") == true)
            await hanging.close()
            try await Bank.until("it is gone") { try await status(numbers)?.state == .unread }
            let gone = try await health(numbers, Self.strict)
            #expect(gone.grade == .critical && gone.sentence.contains("is gone without having given its lease back"))
            try await numbers.fixture.script("delete from hindsight.events where position = 2")
            let other = try await health(numbers)
            #expect(other.grade == .critical && other.status.state == .mismatched, "\(other)")
            #expect(other.sentence.contains("does not belong to this log"))
        }
    }

    @Test("Of one that only a program of before has read, nobody knows what it wants: a warning at most")
    func unknownFilter() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...1)
            #expect(try await numbers.collect(1, Self.options) == [1])
            try await numbers.append(2...4, type: "Noise")
            try await numbers.fixture.script("update hindsight.offsets set filter_kind = null, filter_names = null")
            try await Bank.until("they have waited for longer than the limit") {
                try await health(numbers, Self.strict).grade == .warning
            }
            let unknown = try await health(numbers, Self.strict)
            #expect(unknown.status.filter == nil && unknown.status.lag.events == 3)
            #expect(unknown.sentence.contains("up to 3 events may wait"))
            // Whoever reads it says so; what is noted follows the program.
            var all = Self.options
            all.filter = .category("counter")
            #expect(try await numbers.collect(1, all) == [2])
            #expect(try await status(numbers)?.filter == .category("counter"))
        }
    }

    @Test("A role that may only read may ask")
    func readingRole() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...1)
            #expect(try await numbers.collect(1, Self.options) == [1])
            try await numbers.fixture.withRole { role, conninfo in
                try await numbers.pool.withSession { session in
                    try session.execute(
                        "select hindsight.grant_read(\(PostgresIdentifier(role).quoted)::text::regrole)")
                }
                try await numbers.fixture.withAnotherLog(conninfo: conninfo) { log in
                    let health = try await administration(log).health(ofSubscriptions: nil)
                    #expect(health.map(\.status.name) == ["mailer"] && health.map(\.grade) == [.ok], "\(health)")
                    let error = try await #require(throws: PostgresError.self) {
                        try await log.pool.withSession { session in
                            try session.execute(
                                """
                                select hindsight.describe_subscription(
                                    row('subscription', 'mailer', 1, 0, null)::hindsight.shard, 1, 'all', '{}')
                                """)
                        }
                    }
                    #expect(error.sqlState == "42501")
                }
            }
        }
    }
}
