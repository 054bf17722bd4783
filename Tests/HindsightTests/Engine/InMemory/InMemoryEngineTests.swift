import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightTesting
import Testing

/// The engine over a log that knows no SQL, dense or with its commit order apart from its position order.
@Suite("An engine over a log in memory", .serialized, .timeLimit(.minutes(3)))
struct InMemoryEngineTests {
    @Test("Catch-up and live events, each once, and its state can be asked for", arguments: InMemoryBank.kinds)
    func feeds(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await memory.appendRandom(1_500)
            try await memory.bank.running(memory.engine()) { _ in
                try await memory.appendRandom(300, seed: 2, batch: 3)
                try await memory.untilApplied()
                try await memory.appendRandom(30, seed: 3, batch: 1)
                try await memory.untilApplied()
            }
            try await memory.expectAll()
            let head = try await memory.log.frontier().position
            for status in try await memory.administration().list() {
                #expect(status.offset == head && status.head == head && status.lagEvents == 0, "\(status)")
                #expect(status.state == .idle && status.error == nil, "\(status)")
            }
            try await memory.appendRandom(10, seed: 4)
            let lags = try await memory.administration().list().map(\.lagEvents)
            #expect(lags.contains { $0 > 0 } && lags.allSatisfy { $0 <= 10 }, "\(lags)")
        }
    }

    @Test("What is reset, a new version, and one that is new to a long log are filled by the fast path")
    func replays() async throws {
        try await InMemoryBank.open([]) { memory in
            var configuration = Bank.small
            configuration.replayThreshold = 500
            try await memory.appendRandom(2_000)
            try await memory.engine(configuration: configuration).runUntilCaughtUp()
            #expect(try await memory.bank.shownTable("account") == "account_v1_2")
            try await memory.expectAll()
            try await memory.administration().reset("account")
            try await memory.engine(configuration: configuration).runUntilCaughtUp()
            try await memory.expectAll()
            try await memory.engine(
                [Account.projection(), Doubled.projection()], configuration: configuration
            ).runUntilCaughtUp()
            try await memory.bank.expect("account", equals: Doubled.recount)
        }
    }

    @Test(
        "Appends that commit in another order than their positions, or never, are neither passed over nor applied twice"
    )
    func commitOrder() async throws {
        try await InMemoryBank.open(.holes) { memory in
            var random = SeededGenerator(seed: 5)
            try await memory.bank.running(memory.engine()) { _ in
                var open: [OpenAppend] = []
                for round in 0..<150 {
                    // A stream of its own: others would wait for the append that is open.
                    let stream = StreamName(category: "account", id: 100 + round)
                    let events = try [
                        Bank.registry.encode(Bank.Deposited(amount: round + 1)),
                        Bank.registry.encode(Bank.Transferred(to: "1", amount: 2)),
                    ]
                    open.append(try memory.log.openAppend([StreamAppend(stream, events)]))
                    try await memory.appendRandom(5, seed: UInt64(round), batch: 2)
                    while open.count > Int.random(in: 0...4, using: &random) {
                        let next = open.remove(at: Int.random(in: 0..<open.count, using: &random))
                        if Int.random(in: 0..<4, using: &random) == 0 { next.rollBack() } else { next.commit() }
                    }
                }
                for append in open { append.commit() }
                try await memory.untilApplied()
            }
            try await memory.expectAll()
        }
    }

    @Test("Nothing behind an open append is applied before it ends")
    func held() async throws {
        try await InMemoryBank.open(.holes) { memory in
            try await memory.appendRandom(50)
            try await memory.bank.running(memory.engine()) { _ in
                try await memory.untilApplied()
                let before = try await memory.log.frontier().position
                let event = try Bank.registry.encode(Bank.Deposited(amount: 3))
                let slow = try memory.log.openAppend([StreamAppend("account-100", [event])])
                try await memory.appendRandom(20, seed: 2)
                // The engine has seen that there is something, and that it must wait for it.
                try await memory.untilApplied()
                #expect(try await memory.bank.offset(of: "account")?.position == before)
                slow.commit()
                try await memory.untilApplied()
                #expect(try await memory.bank.offset(of: "account")?.position ?? 0 > before)
            }
            try await memory.expectAll()
        }
    }

    @Test("A log that was put back stops the projections that have read further", arguments: InMemoryBank.kinds)
    func rewound(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await memory.appendRandom(100)
            try await memory.bank.running(memory.engine()) { _ in
                try await memory.untilApplied()
                memory.log.rewind(to: 60)
                try await memory.appendRandom(80, seed: 2)
                let stopped = try await memory.bank.untilStopped("account")
                #expect(stopped.error?.contains("rewound") == true, "\(stopped)")
            }
        }
    }

    @Test("What a log cannot do it says, and what it would take")
    func lackingAbility() async throws {
        try await InMemoryBank.open([]) { memory in
            try await memory.appendRandom(3)
            let error = await #expect(throws: EventLogError.self) {
                try await memory.log.events(withIDs: [try #require(memory.log.frontier().anchor)])
            }
            #expect(error?.code == .unsupported && error?.isRetriable == false)
            #expect(error?.description.contains("eventsByID") == true)
        }
    }
}
