import Hindsight
import HindsightPostgres
import Testing

@Suite("Several keys in flight", .serialized, .timeLimit(.minutes(3)))
struct HandlersInFlightTests {
    private static func stream(_ number: Int, of streams: Int) -> StreamName {
        StreamName(category: "counter", id: number % streams)
    }

    /// Appends numbers to streams in turn.
    private func append(_ numbers: ClosedRange<Int>, streams: Int, _ fixture: SubscriptionFixture) async throws {
        for number in numbers { try await fixture.append(number...number, to: Self.stream(number, of: streams)) }
    }

    private func options(_ keys: Int, bufferSize: Int = 256) -> SubscriptionOptions {
        var options = SubscriptionOptions(name: "keyed")
        options.keysInFlight = keys
        options.bufferSize = bufferSize
        return options
    }

    /// Whether the numbers of each stream are in order.
    private func expectOrder(_ handled: [Int], streams: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        for stream in 0..<streams {
            let own = handled.filter { $0 % streams == stream }
            #expect(own == own.sorted(), sourceLocation: sourceLocation)
        }
    }

    /// The positions that are noted beyond the offset.
    private func noted(_ fixture: SubscriptionFixture) async throws -> [Int64] {
        try await fixture.pool.withSession { session in
            try session.query("select p from hindsight.handled_events, unnest(positions) p order by p").map {
                try $0.decode(0)
            }
        }
    }

    @Test("A slow key holds up no other one, and the offset stands in front of its event (P10)")
    func slowKey() async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...40, streams: 4, fixture)
            let (handled, release) = (Recorder<Int>(), Recorder<Void>())
            let subscription = fixture.subscription(options(3))
            async let run: Void = subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                if number == 2 { try await Bank.until("the slow one is let go") { release.count > 0 } }
                handled.note(number)
            }
            try await Bank.until("all other keys are handled") { handled.count == 30 }
            try await Bank.until("they are noted beyond the hole") { try await noted(fixture).count == 29 }
            #expect(try await fixture.offset(of: "keyed")?.applied == 1)
            release.note(())
            try await Bank.until("the offset has passed all") {
                let offset = try await fixture.offset(of: "keyed")
                return offset?.position == 40 && offset?.applied == 40
            }
            #expect(try await noted(fixture).isEmpty)
            subscription.drain()
            try await run
            expectOrder(handled.all, streams: 4)
            #expect(handled.all.sorted() == Array(1...40))
        }
    }

    @Test("No more than the limit are handled at once, and never two of one key (P5)")
    func limits() async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...120, streams: 6, fixture)
            let (begun, ended) = (Recorder<Int>(), Recorder<Int>())
            let most = Recorder<Int>()
            let subscription = fixture.subscription(options(4))
            try await subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                begun.note(number)
                let ends = ended.all
                let open = begun.all.filter { !ends.contains($0) }
                most.note(open.count)
                #expect(open.count { $0 % 6 == number % 6 } == 1)
                for _ in 0..<5 { await Task.yield() }
                ended.note(number)
                if ended.count == 120 { subscription.drain() }
            }
            #expect(most.all.max() ?? 0 <= 4 && most.all.max() ?? 0 > 1)
            expectOrder(begun.all, streams: 6)
        }
    }

    @Test("Notes prolong the lease while an event takes longer than it, so that no standby gets the name (P6)")
    func slowerThanTheLease() async throws {
        try await SubscriptionFixture.open { fixture in
            // Each commit takes a while, as on a disk that is busy: nearly all the time some note has the offset's row locked, and the
            // renewals of whoever keeps the leases skip it.
            try await fixture.pool.withSession {
                try $0.script(
                    """
                    create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.05); return null; end $$;
                    create constraint trigger dawdle after insert on hindsight.handled_events deferrable initially deferred
                        for each row execute function dawdle();
                    """)
            }
            var options = options(6, bufferSize: 2_000)
            options.leaseDuration = .milliseconds(1_500)
            try await append(1...700, streams: 7, fixture)
            let (handled, taken, release) = (Recorder<Int>(), Recorder<Int>(), Recorder<Void>())
            let owner = fixture.subscription(options)
            async let run: Void = owner.run { event in
                let number = try SubscriptionFixture.number(event)
                if number == 1 { try await Bank.until("the slow one is let go") { release.count > 0 } }
                handled.note(number)
            }
            try await Bank.until("notes commit") { try await noted(fixture).count > 5 }
            let epoch = try await fixture.offset(of: "keyed")?.epoch
            let standby = fixture.subscription(options)
            async let waiting: Void = standby.run { event in taken.note(try SubscriptionFixture.number(event)) }
            let begin = ContinuousClock.now
            try await Bank.until("the slow event has taken three leases, or the lease was taken") {
                try await fixture.offset(of: "keyed")?.epoch != epoch
                    || ContinuousClock.now - begin > options.leaseDuration * 3
            }
            #expect(handled.count < 600, "notes have committed all the while")
            #expect(try await fixture.offset(of: "keyed")?.epoch == epoch)
            release.note(())
            try await Bank.until("the offset has passed all") {
                try await fixture.offset(of: "keyed")?.applied == 700
            }
            standby.stop()
            owner.drain()
            try await run
            try await waiting
            #expect(taken.all.isEmpty)
            #expect(handled.all.sorted() == Array(1...700))
            expectOrder(handled.all, streams: 7)
        }
    }

    /// What the offset's row says of the lease.
    private func lease(_ fixture: SubscriptionFixture) async throws -> (epoch: Int64, renewals: Int, left: Double) {
        try await fixture.pool.withSession { session in
            let row = try session.query(
                """
                select epoch, renewals, extract(epoch from leased_until - clock_timestamp())::double precision
                from hindsight.offsets where name = 'keyed'
                """)[0]
            return (epoch: try row.decode(0), renewals: try row.decode(1), left: try row.decode(2))
        }
    }

    /// Notes an event under an epoch; without a duration as a program of the release before does.
    private func note(
        _ position: Int64, _ epoch: Int64, _ duration: String?, _ fixture: SubscriptionFixture
    ) async throws {
        let lease: SQL = duration.map { ", \($0)::interval" } ?? ""
        try await fixture.pool.withSession { session in
            _ = try session.query(
                """
                select hindsight.note_handled(row(o.kind, o.name, o.version, o.partition, o.log)::hindsight.shard, \(epoch), null,
                    array[\(position)]::bigint[], array[gen_random_uuid()]\(sql: lease))
                from hindsight.offsets o where o.name = 'keyed'
                """)
        }
    }

    @Test("A note prolongs a lease of which less than half is left; one of a fenced owner commits nothing (P6)")
    func prolongs() async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...2, streams: 2, fixture)
            #expect(try await fixture.collect(1, SubscriptionOptions(name: "keyed")) == [1])
            try await fixture.pool.withSession { session in
                _ = try session.query(
                    """
                    select hindsight.take_shard(row(o.kind, o.name, o.version, o.partition, o.log)::hindsight.shard, 'owner',
                        interval '10 min', null, null) from hindsight.offsets o where o.name = 'keyed'
                    """)
            }
            let taken = try await lease(fixture)
            try await note(5, taken.epoch, "15 min", fixture)
            #expect(try await lease(fixture).renewals == taken.renewals, "more than half of 15 minutes is left")
            try await note(6, taken.epoch, nil, fixture)
            #expect(try await lease(fixture).renewals == taken.renewals, "it does not say how long its lease lasts")
            try await note(7, taken.epoch, "30 min", fixture)
            let prolonged = try await lease(fixture)
            #expect(prolonged.renewals == taken.renewals + 1 && prolonged.left > 1_200)
            // An owner that is fenced meets the lease of its successor, which is due, and leaves it alone.
            try await fixture.steal("keyed")
            for duration in ["10 hours", nil] {
                let error = try await #require(throws: PostgresError.self) {
                    try await note(8, taken.epoch, duration, fixture)
                }
                #expect(error.sqlState == "HS001")
            }
            let stolen = try await lease(fixture)
            #expect(stolen.renewals == prolonged.renewals && stolen.left < 3_700)
            #expect(try await noted(fixture) == [5, 6, 7])
        }
    }

    @Test("The number of events read ahead is bounded by the hole")
    func bounded() async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...60, streams: 3, fixture)
            let (handled, release) = (Recorder<Int>(), Recorder<Void>())
            let subscription = fixture.subscription(options(3, bufferSize: 12))
            async let run: Void = subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                if number == 1 { try await Bank.until("it is let go") { release.count > 0 } }
                handled.note(number)
                if handled.count == 60 { subscription.drain() }
            }
            // Of the first twelve, the four of its own key wait.
            try await Bank.until("what there is room for is handled") { handled.count == 8 }
            try await Bank.until("it is noted") { try await noted(fixture).count == 8 }
            #expect(handled.all.max() == 12)
            release.note(())
            try await run
            expectOrder(handled.all, streams: 3)
            #expect(handled.all.sorted() == Array(1...60))
        }
    }

    @Test("Whatever connections break, each event has its effect once, in the order of its key (P6, E3)")
    func connectionsBreak() async throws {
        try await SubscriptionFixture.withTable { fixture in
            let count = 400
            async let appends: Void = append(1...count, streams: 10, fixture)
            let write = SubscriptionFixture.write("keyed")
            // Those of the test itself are not cut.
            let pool = PostgresPool(configuration: fixture.fixture.database, logger: LogFixture.logger)
            let subscription = Subscription(
                log: fixture.log, pool: pool, options: options(6), logger: LogFixture.logger)
            async let run: Void = subscription.runInTransaction { session, event in
                try write(&session, event)
                _ = try session.query("select pg_sleep(0.002)")
            }
            for round in 1...6 {
                try await Bank.until("event \(round * 50) is handled") {
                    try await fixture.handled("keyed").count >= round * 50
                }
                if round.isMultiple(of: 2) { try await fixture.terminate(try await fixture.untilTaken("keyed")) }
                for worker in try await fixture.workers(of: "keyed").prefix(round) {
                    try await fixture.terminate(worker)
                }
            }
            try await appends
            try await Bank.until("the offset has passed all") {
                try await fixture.offset(of: "keyed")?.applied == count
            }
            subscription.drain()
            try await run
            await pool.close()
            let handled = try await fixture.handled("keyed")
            #expect(handled.sorted() == Array(1...count))
            expectOrder(handled, streams: 10)
            #expect(try await noted(fixture).isEmpty)
        }
    }

    @Test("Who goes on after a process that is gone leaves out what it had handled beyond the hole (S3, P6)")
    func goesOn() async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...24, streams: 4, fixture)
            let (begun, handled) = (Recorder<Int>(), Recorder<Int>())
            let first = fixture.subscription(options(4))
            let running = Task {
                try await first.run { event in
                    let number = try SubscriptionFixture.number(event)
                    begun.note(number)
                    // Numbers 2 and 9 never end.
                    if number == 2 || number == 9 { try await Bank.until("the process ends") { false } }
                    handled.note(number)
                }
            }
            try await Bank.until("the two other keys are handled") { handled.count == 14 }
            try await Bank.until("and noted") { try await noted(fixture).count == 13 }
            running.cancel()
            await #expect(throws: (any Error).self) { try await running.value }
            let again = Recorder<Int>()
            let second = fixture.subscription(options(4))
            try await second.run { event in
                again.note(try SubscriptionFixture.number(event))
                if again.count == 10 { second.drain() }
            }
            // What was in flight is handled again, and nothing else.
            #expect(again.all.sorted() == (1...24).filter { !handled.all.contains($0) })
            #expect(Set(begun.all).intersection(again.all) == [2, 9])
            #expect(try await fixture.offset(of: "keyed")?.applied == 24)
            #expect(try await noted(fixture).isEmpty)
        }
    }

    @Test(
        "After an error nothing further is begun; what was in flight is stored, and the failed event comes first (P4)")
    func error() async throws {
        try await SubscriptionFixture.withTable { fixture in
            try await append(1...30, streams: 3, fixture)
            let write = SubscriptionFixture.write("keyed")
            let gate = Gate()
            defer { gate.open() }
            let failing = fixture.subscription(options(3))
            let running = Task {
                try await failing.runInTransaction { session, event in
                    try write(&session, event)
                    switch try SubscriptionFixture.number(event) {
                    case 1: throw Bank.Refusal()
                    case 2: gate.pass()
                    default: break
                    }
                }
            }
            try await gate.untilReached()
            gate.open()
            await #expect(throws: Bank.Refusal.self) { try await running.value }
            let before = try await fixture.handled("keyed")
            #expect(before.contains(2) && !before.contains(1))
            #expect(try await fixture.offset(of: "keyed")?.position == 0)
            #expect(try await noted(fixture).count == before.count)
            let mended = fixture.subscription(options(3))
            async let run: Void = mended.runInTransaction { session, event in try write(&session, event) }
            try await Bank.until("all is handled") { try await fixture.offset(of: "keyed")?.applied == 30 }
            mended.drain()
            try await run
            let handled = try await fixture.handled("keyed")
            #expect(handled.sorted() == Array(1...30))
            expectOrder(handled, streams: 3)
        }
    }

    @Test(
        "A drain handles what was read, also what waits behind its key; a stop only what is in flight",
        arguments: [false, true])
    func ends(stops: Bool) async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...20, streams: 2, fixture)
            let (begun, handled, release) = (Recorder<Int>(), Recorder<Int>(), Recorder<Void>())
            let subscription = fixture.subscription(options(4))
            async let run: Void = subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                begun.note(number)
                try await Bank.until("the handlers are let go") { release.count > 0 }
                handled.note(number)
            }
            try await Bank.until("one of each key is in flight") { begun.count == 2 }
            if stops { subscription.stop() } else { subscription.drain() }
            try await append(21...22, streams: 2, fixture)
            release.note(())
            try await run
            expectOrder(handled.all, streams: 2)
            #expect(handled.all.sorted() == Array(1...(stops ? 2 : 20)))
            #expect(try await fixture.offset(of: "keyed")?.applied == (stops ? 2 : 20))
            #expect(try await noted(fixture).isEmpty)
        }
    }

    @Test("The key can be anything in the event")
    func ownKey() async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...40, streams: 20, fixture)
            var options = options(4)
            options.key = { event in "\(event.position % 2)" }
            let handled = Recorder<Int>()
            let subscription = fixture.subscription(options)
            try await subscription.run { event in
                handled.note(try SubscriptionFixture.number(event))
                if handled.count == 40 { subscription.drain() }
            }
            expectOrder(handled.all, streams: 2)
        }
    }

    @Test("A log that was rewound is noticed at an event that was handled beyond the hole")
    func rewound() async throws {
        try await SubscriptionFixture.open { fixture in
            try await append(1...4, streams: 2, fixture)
            await #expect(throws: Bank.Refusal.self) {
                try await fixture.subscription(options(2)).run { event in
                    guard event.position == 1 else { return }
                    try await Bank.until("another key is noted") { try await noted(fixture) == [2, 4] }
                    throw Bank.Refusal()
                }
            }
            try await fixture.pool.withSession {
                try $0.execute("update hindsight.events set id = gen_random_uuid() where position = 4")
            }
            let error = await #expect(throws: EventLogError.self) {
                try await fixture.subscription(options(2)).run { _ in }
            }
            #expect(error?.code == .anchorMismatch)
        }
    }
}
