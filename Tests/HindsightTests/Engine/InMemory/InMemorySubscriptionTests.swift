import Hindsight
import HindsightPostgres
import HindsightTesting
import HindsightValues
import Testing

/// Durable subscriptions to a log that knows no SQL; their offsets are in PostgreSQL.
@Suite("Subscriptions to a log in memory", .serialized, .timeLimit(.minutes(2)))
struct InMemorySubscriptionTests {
    private func append(_ numbers: ClosedRange<Int>, to memory: InMemoryBank) async throws {
        for number in numbers {
            try await memory.log.append(
                [LogFixture.event(number)], to: StreamName("counter-\(number % 3)"), expected: .any)
        }
    }

    private func subscription(_ memory: InMemoryBank, _ options: SubscriptionOptions) -> Subscription {
        Subscription(
            log: memory.log, pool: memory.bank.views, options: options, logger: LogFixture.logger)
    }

    private func collect(
        _ count: Int, _ memory: InMemoryBank, _ options: SubscriptionOptions
    ) async throws -> [Int] {
        let subscription = subscription(memory, options)
        let numbers = Recorder<Int>()
        try await subscription.run { event in
            numbers.note(try SubscriptionFixture.number(event))
            if numbers.count == count { subscription.stop() }
        }
        return numbers.all
    }

    @Test("A name goes on where it stopped, from the past into what comes", arguments: InMemoryBank.kinds)
    func durable(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await append(1...20, to: memory)
            let options = SubscriptionOptions(name: "reader")
            #expect(try await collect(7, memory, options) == Array(1...7))
            async let rest = collect(23, memory, options)
            try await append(21...30, to: memory)
            #expect(try await rest == Array(8...30))
            let offset = try #require(try await memory.bank.offset(of: "reader", kind: "subscription"))
            #expect(offset.position == 30 && offset.applied == 30)
        }
    }

    @Test("It starts at a position, a time, or now, with the events that it wants", arguments: InMemoryBank.kinds)
    func starts(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await append(1...10, to: memory)
            let time = Timestamp.now()
            try await append(11...15, to: memory)
            #expect(
                try await collect(3, memory, SubscriptionOptions(name: "position", start: .position(8))) == [8, 9, 10])
            #expect(
                try await collect(3, memory, SubscriptionOptions(name: "time", start: .time(time))) == [11, 12, 13])
            let types = SubscriptionOptions(name: "none", start: .position(4), filter: .types(["Counted"]))
            #expect(try await collect(2, memory, types) == [4, 5])
        }
    }

    @Test("Exactly once, with the effect in the database of the offset", arguments: InMemoryBank.kinds)
    func exactlyOnce(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await memory.bank.script("create table handled (nth serial, position bigint unique, number bigint)")
            try await append(1...15, to: memory)
            for end in [6, 15] {
                let subscription = subscription(memory, SubscriptionOptions(name: "once"))
                try await subscription.runInTransaction { session, event in
                    let number = try SubscriptionFixture.number(event)
                    try session.execute(
                        "insert into handled (position, number) values (\(event.position), \(number))")
                    if number == end { subscription.stop() }
                }
            }
            let handled = try await memory.bank.views.withSession { session in
                try session.query("select number from handled order by nth").map { try $0.decode(0, as: Int.self) }
            }
            #expect(handled == Array(1...15))
        }
    }

    @Test("Events come in the order of their positions, whatever the order of their commits")
    func commitOrder() async throws {
        try await InMemoryBank.open(.holes) { memory in
            async let numbers = collect(4, memory, SubscriptionOptions(name: "ordered"))
            let first = try memory.log.openAppend([StreamAppend("slow-1", [LogFixture.event(1)])])
            try await append(2...2, to: memory)
            let third = try memory.log.openAppend([StreamAppend("slow-2", [LogFixture.event(3)])])
            try await append(4...4, to: memory)
            third.commit()
            first.commit()
            #expect(try await numbers == [1, 2, 3, 4])
        }
    }
}
