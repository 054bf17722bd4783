import Hindsight
import HindsightPostgres
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("Exactly once", .serialized, .timeLimit(.minutes(3)))
struct ExactlyOnceTests {
    /// Handles numbers into a table that would show a second time.
    private static let handle: @Sendable (inout PostgresSession, RecordedEvent) throws -> Void = { session, event in
        try session.execute(
            """
            insert into handled (position, number) values (\(event.position), \(try SubscriptionFixture.number(event)))
            """)
    }

    private func open(_ body: (SubscriptionFixture) async throws -> Void) async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.pool.withSession {
                try $0.script("create table handled (nth serial primary key, position bigint unique, number bigint)")
            }
            try await body(numbers)
        }
    }

    private func handled(_ numbers: SubscriptionFixture) async throws -> [Int] {
        try await numbers.pool.withSession { session in
            try session.query("select number from handled order by nth").map { try $0.decode(0, as: Int.self) }
        }
    }

    @Test(
        "The effect and the place commit together, also when connections break in between (P6)",
        arguments: [false, true])
    func connectionBreaks(breaksLease: Bool) async throws {
        try await open { numbers in
            try await numbers.append(1...12)
            let gates = [3, 4, 9].map { (number: $0, gate: Gate()) }
            defer { for gate in gates { gate.gate.open() } }
            let subscription = numbers.subscription(SubscriptionOptions(name: "once"))
            let handle = Self.handle
            async let run: Void = subscription.runInTransaction { session, event in
                try handle(&session, event)
                let number = try SubscriptionFixture.number(event)
                for gate in gates where gate.number == number { gate.gate.pass() }
                if number == 12 { subscription.drain() }
            }
            for (_, gate) in gates {
                try await gate.untilReached()
                for worker in try await numbers.workers(of: "once") { try await numbers.terminate(worker) }
                if breaksLease { try await numbers.terminate(try await numbers.untilTaken("once")) }
                gate.open()
            }
            try await run
            #expect(try await handled(numbers) == Array(1...12))
            #expect(try await numbers.offset(of: "once")?.applied == 12)
            #expect(gates.map(\.gate.arrivals) == [2, 2, 2])
        }
    }

    @Test("An error of the handler rolls its effect back")
    func handlerThrows() async throws {
        try await open { numbers in
            try await numbers.append(1...5)
            let handle = Self.handle
            await #expect(throws: Bank.Refusal.self) {
                try await numbers.subscription(SubscriptionOptions(name: "once")).runInTransaction { session, event in
                    try handle(&session, event)
                    if try SubscriptionFixture.number(event) == 3 { throw Bank.Refusal() }
                }
            }
            #expect(try await handled(numbers) == [1, 2])
            let again = numbers.subscription(SubscriptionOptions(name: "once"))
            try await again.runInTransaction { session, event in
                try handle(&session, event)
                if event.position == 5 { again.stop() }
            }
            #expect(try await handled(numbers) == Array(1...5))
        }
    }

    @Test("Two readers of one name handle each event once, in order, whoever breaks down")
    func competingReaders() async throws {
        try await open { numbers in
            let handle = Self.handle
            let count = 300
            async let appends = numbers.append(1...count)
            try await withThrowingTaskGroup { tasks in
                for _ in 1...2 {
                    tasks.addTask {
                        while try await self.handled(numbers).count < count {
                            let subscription = numbers.subscription(SubscriptionOptions(name: "once"))
                            do {
                                try await subscription.runInTransaction { session, event in
                                    try handle(&session, event)
                                    // Each reader goes after some time, and the other one goes on.
                                    if event.position % 37 == 0 || event.position >= Int64(count) {
                                        subscription.stop()
                                    }
                                }
                            } catch let error as SubscriptionError where error.code == .takenOver {
                                continue
                            }
                        }
                    }
                }
                tasks.addTask {
                    for round in 1...10 {
                        try await Bank.until("event \(round * 25) is handled") {
                            try await self.handled(numbers).count >= round * 25
                        }
                        try await numbers.pool.withSession {
                            try $0.execute(
                                "select pg_terminate_backend(owner_pid) from hindsight.offsets where owner_pid is not null"
                            )
                        }
                    }
                }
                // The last reader may wait for a name whose events are all handled.
                try await tasks.next()
                try await tasks.next()
                tasks.cancelAll()
                while let result = await tasks.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) {
                        #expect((error as? PostgresError)?.code == .cancelled, "\(error)")
                    }
                }
            }
            _ = try await appends
            #expect(try await handled(numbers) == Array(1...count))
            #expect(try await numbers.offset(of: "once")?.applied == count)
        }
    }

    @Test("Who was taken over commits nothing and says so", arguments: [false, true])
    func takenOver(inTransaction: Bool) async throws {
        try await open { numbers in
            try await numbers.append(1...2)
            let gate = Gate()
            defer { gate.open() }
            let handle = Self.handle
            let subscription = numbers.subscription(SubscriptionOptions(name: "once"))
            let running = Task {
                if inTransaction {
                    try await subscription.runInTransaction { session, event in
                        try handle(&session, event)
                        gate.pass()
                    }
                } else {
                    try await subscription.run { _ in
                        gate.arrive()
                        try await Bank.until("the lease was taken") { gate.isOpen }
                    }
                }
            }
            try await gate.untilReached()
            try await numbers.steal("once")
            gate.open()
            let error = await #expect(throws: SubscriptionError.self) { try await running.value }
            #expect(error?.code == .takenOver)
            #expect(try await handled(numbers).isEmpty)
            #expect(try await numbers.offset(of: "once")?.applied == 0)
        }
    }

    @Test("A handler that leaves its transaction idle for longer than the lease is told so, and not called for ever")
    func handlerTooSlow() async throws {
        try await open { numbers in
            try await numbers.append(1...2)
            var options = SubscriptionOptions(name: "once")
            options.leaseDuration = .milliseconds(300)
            let subscription = numbers.subscription(options)
            let calls = Recorder<Int64>()
            let handle = Self.handle
            let error = await #expect(throws: SubscriptionError.self) {
                try await subscription.runInTransaction { session, event in
                    calls.note(event.position)
                    try handle(&session, event)
                    // The subject of the test.
                    usleep(900_000)
                    try handle(&session, event)
                }
            }
            #expect(error?.code == .handlerTooSlow)
            #expect(error?.description.contains("leaseDuration") == true)
            #expect(calls.all == [1, 1, 1])
            #expect(try await handled(numbers).isEmpty)
            #expect(try await numbers.offset(of: "once")?.applied == 0)
        }
    }

    @Test("A server that has not noticed a lost connection yet is no other reader")
    func lingeringLease() async throws {
        try await open { numbers in
            try await numbers.append(1...3)
            let gate = Gate()
            defer { gate.open() }
            let handle = Self.handle
            let subscription = numbers.subscription(SubscriptionOptions(name: "once"))
            async let run: Void = subscription.runInTransaction { session, event in
                try handle(&session, event)
                if event.position == 1 { gate.pass() }
                if event.position == 3 { subscription.stop() }
            }
            try await gate.untilReached()
            let processID = try await numbers.untilTaken("once")
            // The lease stands in the name of a connection that lives on.
            let other = try await PostgresConnection.connect(numbers.fixture.database, logger: LogFixture.logger)
            try await other.withSession {
                try $0.execute(
                    """
                    update hindsight.offsets o set owner_pid = a.pid, owner_started_at = a.backend_start,
                        leased_until = clock_timestamp() + interval '1 s'
                    from pg_stat_activity a where a.pid = pg_backend_pid()
                    """)
            }
            try await numbers.terminate(processID)
            gate.open()
            try await run
            #expect(try await handled(numbers) == [1, 2, 3])
            await other.close()
        }
    }

    @Test("Exactly once needs a durable name")
    func needsName() async throws {
        try await open { numbers in
            let error = await #expect(throws: SubscriptionError.self) {
                try await numbers.subscription().runInTransaction { _, _ in }
            }
            #expect(error?.code == .misuse)
        }
    }
}
