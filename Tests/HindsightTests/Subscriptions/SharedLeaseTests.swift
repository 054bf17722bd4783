import Hindsight
import HindsightPostgres
import Testing

@Suite("The leases of many durable subscriptions", .serialized, .timeLimit(.minutes(3)))
struct SharedLeaseTests {
    private static let names = (1...20).map { "reader \($0)" }

    /// Runs durable subscriptions that write what they handle, over a pool of their own.
    private func running(
        _ numbers: SubscriptionFixture, _ names: [String], lease: Duration = .seconds(10), connections: Int = 4,
        _ body: ([Subscription]) async throws -> Void
    ) async throws {
        var database = numbers.fixture.database
        database.applicationName = "readers"
        let pool = PostgresPool(configuration: database, maximumConnections: connections, logger: LogFixture.logger)
        let subscriptions = names.map { name in
            var options = SubscriptionOptions(name: name)
            options.leaseDuration = lease
            return Subscription(log: numbers.log, pool: pool, options: options, logger: LogFixture.logger)
        }
        try await withThrowingTaskGroup { tasks in
            for (name, subscription) in zip(names, subscriptions) {
                tasks.addTask { try await subscription.runInTransaction(SubscriptionFixture.write(name)) }
            }
            try await body(subscriptions)
            for subscription in subscriptions { subscription.drain() }
            try await tasks.waitForAll()
        }
        try await eventually("with the last subscription the connection of the leases is closed") {
            try await sessions(numbers) <= connections
        }
        await pool.close()
    }

    private func sessions(_ numbers: SubscriptionFixture) async throws -> Int {
        try await numbers.pool.withSession {
            try $0.query("select count(*) from pg_stat_activity where application_name = 'readers'")[0].decode(0)
        }
    }

    /// The server processes that have leases, and how many commits the latest renewals were.
    private func leases(_ numbers: SubscriptionFixture) async throws -> (holders: [Int32], commits: Int, least: Int) {
        try await numbers.pool.withSession { session in
            let row = try session.query(
                """
                select coalesce(array_agg(distinct owner_pid) filter (where owner_pid is not null), '{}'),
                    count(distinct xmin::text), coalesce(min(renewals), 0)
                from hindsight.offsets where kind = 'subscription'
                """)[0]
            return (
                holders: try row.decode(0), commits: try row.decode(1, as: Int.self),
                least: try row.decode(2, as: Int.self)
            )
        }
    }

    private func untilHandled(_ count: Int, _ numbers: SubscriptionFixture, _ names: [String]) async throws {
        try await Bank.until("all subscriptions have handled \(count) events") {
            try await numbers.pool.withSession {
                try $0.query("select count(*) from handled")[0].decode(0, as: Int.self)
            } == count * names.count
        }
    }

    @Test("Twenty of them need one connection beside the pool, and one commit renews all leases")
    func oneConnection() async throws {
        try await SubscriptionFixture.withTable { numbers in
            try await numbers.append(1...3)
            try await running(numbers, Self.names, lease: .milliseconds(900)) { _ in
                try await untilHandled(3, numbers, Self.names)
                let before = try await leases(numbers).least
                try await eventually("one commit has renewed all") {
                    let found = try await leases(numbers)
                    return found.commits == 1 && found.least > before
                }
                #expect(try await leases(numbers).holders.count == 1)
                #expect(try await sessions(numbers) <= 5)
            }
            for name in Self.names { #expect(try await numbers.handled(name) == [1, 2, 3]) }
        }
    }

    @Test("When the connection of the leases breaks, all go on, and nothing is handled twice (P6, E3)")
    func connectionBreaks() async throws {
        try await SubscriptionFixture.withTable { numbers in
            let names = Array(Self.names.prefix(5))
            try await running(numbers, names) { _ in
                var holders: Set<Int32> = []
                for round in 0..<6 {
                    try await numbers.append((round * 20 + 1)...(round * 20 + 20))
                    let holder = try await numbers.untilTaken(names[round % names.count])
                    holders.insert(holder)
                    try await numbers.terminate(holder)
                    try await Bank.until("all leases are taken anew") {
                        let found = try await leases(numbers).holders
                        return found.count == 1 && found != [holder]
                    }
                }
                #expect(holders.count == 6)
                try await untilHandled(120, numbers, names)
            }
            for name in names {
                #expect(try await numbers.handled(name) == Array(1...120))
                #expect(try await numbers.offset(of: name)?.applied == 120)
            }
        }
    }

    @Test("A lease whose row somebody has locked is skipped, and the others are renewed")
    func lockedRow() async throws {
        try await SubscriptionFixture.withTable { numbers in
            let names = Array(Self.names.prefix(3))
            try await running(numbers, names, lease: .milliseconds(900)) { _ in
                for name in names { _ = try await numbers.untilTaken(name) }
                let lock = try await OpenTransaction.begin(in: numbers.pool)
                try await lock.run { session in
                    try session.execute("select from hindsight.offsets where name = 'reader 2' for no key update")
                }
                let before = try await renewals(numbers)
                try await eventually("the others are renewed three times") {
                    let now = try await renewals(numbers)
                    return now["reader 1"]! >= before["reader 1"]! + 3 && now["reader 3"]! >= before["reader 3"]! + 3
                }
                #expect(try await renewals(numbers)["reader 2"] == before["reader 2"])
                try await lock.rollBack()
                try await eventually("it is renewed as well") {
                    try await renewals(numbers)["reader 2"]! > before["reader 2"]!
                }
            }
        }
    }

    private func renewals(_ numbers: SubscriptionFixture) async throws -> [String: Int] {
        try await numbers.pool.withSession { session in
            let rows = try session.query("select name, renewals from hindsight.offsets where kind = 'subscription'")
            return Dictionary(
                uniqueKeysWithValues: try rows.map {
                    (try $0.decode(0, as: String.self), try $0.decode(1, as: Int.self))
                })
        }
    }

    @Test("One that ends gives its own lease back, and leaves the others theirs")
    func oneEnds() async throws {
        try await SubscriptionFixture.withTable { numbers in
            let names = Array(Self.names.prefix(3))
            try await running(numbers, names) { subscriptions in
                for name in names { _ = try await numbers.untilTaken(name) }
                let epoch = try await numbers.offset(of: "reader 1")?.epoch
                subscriptions[1].stop()
                try await subscriptions[1].closed
                #expect(try await numbers.offset(of: "reader 2")?.processID == nil)
                #expect(try await numbers.offset(of: "reader 1")?.epoch == epoch)
                #expect(try await leases(numbers).holders.count == 1)
                try await numbers.append(1...2)
                try await Bank.until("the others go on") {
                    let (first, third) = (try await numbers.handled("reader 1"), try await numbers.handled("reader 3"))
                    return first == [1, 2] && third == first
                }
                #expect(try await numbers.handled("reader 2").isEmpty)
            }
        }
    }

    @Test("One that waits for events ends as well when another reader has taken its name over")
    func takenOverWhileIdle() async throws {
        try await SubscriptionFixture.withTable { numbers in
            var options = SubscriptionOptions(name: "idle")
            options.leaseDuration = .milliseconds(600)
            let subscription = numbers.subscription(options)
            let running = Task { try await subscription.run { _ in } }
            defer { running.cancel() }
            _ = try await numbers.untilTaken("idle")
            try await numbers.steal("idle")
            let closing = try await #require(throws: SubscriptionError.self) { try await subscription.closed }
            #expect(closing.code == .takenOver)
            let ending = await #expect(throws: SubscriptionError.self) { try await running.value }
            #expect(ending?.code == .takenOver)
        }
    }

    @Test(
        "A handler that fails on what a successor has written ends with the loss of the name", arguments: [false, true])
    func successorsEffect(isReleased: Bool) async throws {
        try await SubscriptionFixture.withTable { numbers in
            try await numbers.append(1...1)
            let gate = Gate()
            defer { gate.open() }
            let write = SubscriptionFixture.write("reader")
            let subscription = numbers.subscription(SubscriptionOptions(name: "reader"))
            let running = Task {
                try await subscription.runInTransaction { session, event in
                    gate.pass()
                    try write(&session, event)
                }
            }
            defer { running.cancel() }
            try await gate.untilReached()
            try await numbers.steal("reader")
            try await numbers.pool.withSession { session in
                try session.execute("insert into handled (name, position, number) values ('reader', 1, 1)")
                guard isReleased else { return }
                try session.execute(
                    "update hindsight.offsets set owner = null, leased_until = null where name = 'reader'")
            }
            gate.open()
            let ending = await #expect(throws: SubscriptionError.self) { try await running.value }
            #expect(ending?.code == .takenOver)
            #expect(try await numbers.handled("reader") == [1])
        }
    }

    @Test(
        "A reader that hangs within a transaction is replaced, and what it had written is gone (P6)",
        arguments: ["1 s", "10 min"])
    func hangs(idleLimit: String) async throws {
        try await SubscriptionFixture.withTable { numbers in
            try await numbers.append(1...3)
            #expect(try await numbers.collect(1, SubscriptionOptions(name: "reader 1")) == [1])
            // What a process that was stopped has on the server: a lease that it does not renew, and a transaction.
            let lease = try await PostgresConnection.connect(numbers.fixture.database, logger: LogFixture.logger)
            try await lease.withSession { session in
                _ = try session.query(
                    """
                    select hindsight.take_shard(row(kind, name, version, partition, log)::hindsight.shard, 'hanging',
                        interval '1 s', null, null) from hindsight.offsets where name = 'reader 1'
                    """)
            }
            let work = try await OpenTransaction.begin(in: numbers.pool)
            try await work.run { session in
                // With a limit of ten minutes the server does nothing, and the successor ends the transaction.
                try session.execute(
                    """
                    select hindsight.work_on(row(kind, name, version, partition, log)::hindsight.shard, \(idleLimit)::interval)
                    from hindsight.offsets where name = 'reader 1'
                    """)
                try session.execute("insert into handled (name, position, number) values ('reader 1', 2, 2)")
                try session.execute("update hindsight.offsets set position = position where name = 'reader 1'")
            }
            try await running(numbers, ["reader 1"], lease: .seconds(1)) { _ in
                try await Bank.until("the successor has handled all") {
                    try await numbers.handled("reader 1") == [2, 3]
                }
            }
            await #expect(throws: (any Error).self) { try await work.commit() }
            await lease.close()
        }
    }

    @Test("Without a durable name no connection of the pool is needed")
    func withoutName() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...2)
            let nowhere = PostgresPool(
                configuration: PostgresConfiguration("host=/nowhere"), logger: LogFixture.logger)
            let subscription = Subscription(
                log: numbers.log, pool: nowhere, options: SubscriptionOptions(), logger: LogFixture.logger)
            #expect(try await numbers.collect(2, subscription) == [1, 2])
            await nowhere.close()
        }
    }
}
