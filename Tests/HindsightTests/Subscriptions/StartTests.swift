import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("Where a subscription starts", .serialized, .timeLimit(.minutes(3)))
struct StartTests {
    @Test("From the beginning: the whole history, in order (P1, P7)")
    func beginning() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...300)
            #expect(try await numbers.collect(300) == Array(1...300))
            #expect(try await numbers.collect(300) == Array(1...300))
        }
    }

    @Test("From now: only what is appended afterwards, on an empty log as well", arguments: [0, 5])
    func now(before: Int) async throws {
        try await SubscriptionFixture.open { numbers in
            if before > 0 { try await numbers.append(1...before) }
            let options = SubscriptionOptions(name: "latecomer", start: .now)
            async let collected = numbers.collect(2, options)
            _ = try await numbers.untilTaken("latecomer")
            try await numbers.append(6...9)
            #expect(try await collected == [6, 7])
            // Once it has a place, it goes on from there.
            #expect(try await numbers.collect(2, options) == [8, 9])
        }
    }

    @Test("From a position, also one where there is no event")
    func position() async throws {
        try await SubscriptionFixture.open { numbers in
            let third = try await numbers.append(1...3)
            try await numbers.pool.withSession { session in
                for _ in 1...4 { try session.execute("select nextval('hindsight.positions')") }
            }
            try await numbers.append(4...6)
            func start(_ position: Int64) -> SubscriptionOptions { SubscriptionOptions(start: .position(position)) }
            #expect(try await numbers.collect(4, start(third.position)) == [3, 4, 5, 6])
            for hole in 1...4 {
                #expect(try await numbers.collect(3, start(third.position + Int64(hole))) == [4, 5, 6])
            }
            #expect(try await numbers.collect(6, start(0)) == Array(1...6))
            #expect(try await numbers.collect(6, start(-5)) == Array(1...6))
        }
    }

    @Test("From a position beyond the head: what comes before it is not delivered", arguments: [false, true])
    func positionBeyondHead(isDurable: Bool) async throws {
        try await SubscriptionFixture.open { numbers in
            let head = try await numbers.append(1...3).position
            let options = SubscriptionOptions(name: isDurable ? "patient" : nil, start: .position(head + 4))
            async let collected = numbers.collect(2, options)
            if isDurable { _ = try await numbers.untilTaken("patient") }
            try await numbers.append(4...9)
            #expect(try await collected == [7, 8])
            if isDurable { #expect(try await numbers.collect(1, options) == [9]) }
        }
    }

    @Test("From a time")
    func time() async throws {
        try await SubscriptionFixture.open { numbers in
            func time(_ second: Int64) -> Timestamp { Timestamp(microsecondsSince1970: second * 1_000_000) }
            for number in 1...6 {
                var event = LogFixture.event(number)
                event.recordedAt = time(Int64(number) * 10)
                try await numbers.log.append(event, to: "counter-1")
            }
            #expect(try await numbers.collect(4, SubscriptionOptions(start: .time(time(30)))) == [3, 4, 5, 6])
            #expect(try await numbers.collect(3, SubscriptionOptions(start: .time(time(31)))) == [4, 5, 6])
            #expect(try await numbers.collect(6, SubscriptionOptions(start: .time(time(0)))) == Array(1...6))
            // After all that is there: what is appended from now on.
            async let late = numbers.collect(1, SubscriptionOptions(name: "late", start: .time(time(61))))
            _ = try await numbers.untilTaken("late")
            try await numbers.append(7...7)
            #expect(try await late == [7])
        }
    }

    @Test("A durable name goes on where it stopped (S1, P3)")
    func resume() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...10)
            let options = SubscriptionOptions(name: "durable")
            #expect(try await numbers.collect(4, options) == [1, 2, 3, 4])
            #expect(try await numbers.collect(1, options) == [5])
            try await numbers.append(11...12)
            #expect(try await numbers.collect(7, options) == Array(6...12))
            #expect(try await numbers.offset(of: "durable")?.applied == 12)
        }
    }

    @Test(
        "A durable name goes on where it stopped, wherever it would start today",
        arguments: [
            SubscriptionOptions.Start.now, .position(8), .position(1),
            .time(Timestamp(microsecondsSince1970: .max / 4)),
        ])
    func resumeElsewhere(start: SubscriptionOptions.Start) async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...10)
            #expect(try await numbers.collect(4, SubscriptionOptions(name: "durable")) == [1, 2, 3, 4])
            #expect(try await numbers.collect(6, SubscriptionOptions(name: "durable", start: start)) == Array(5...10))
        }
    }

    @Test("One name on two logs has a place in each (P3)")
    func twoLogs() async throws {
        try await SubscriptionFixture.open { numbers in
            var configuration = PostgresEventLog.Configuration()
            configuration.schema = "second"
            try await Migrator(pool: numbers.pool, schema: "second", logger: LogFixture.logger).migrate()
            let second = PostgresEventLog(pool: numbers.pool, configuration: configuration, logger: LogFixture.logger)
            try await numbers.append(1...5)
            for number in 101...105 { try await second.append(LogFixture.event(number), to: "counter-1") }
            let options = SubscriptionOptions(name: "both")
            #expect(try await numbers.collect(2, options) == [1, 2])
            #expect(try await numbers.collect(3, numbers.subscription(options, log: second)) == [101, 102, 103])
            #expect(try await numbers.collect(3, options) == [3, 4, 5])
            #expect(try await numbers.collect(2, numbers.subscription(options, log: second)) == [104, 105])
        }
    }

    @Test("A log that was rewound is noticed before anything is handled")
    func rewound() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...3)
            #expect(try await numbers.collect(3, SubscriptionOptions(name: "durable")) == [1, 2, 3])
            try await numbers.pool.withSession { session in
                try session.execute("update hindsight.events set id = gen_random_uuid() where position = 3")
            }
            try await numbers.append(4...4)
            let error = await #expect(throws: EventLogError.self) {
                try await numbers.collect(1, SubscriptionOptions(name: "durable"))
            }
            #expect(error?.code == .anchorMismatch)
        }
    }
}
