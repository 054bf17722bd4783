#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightJetStream
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import HindsightTesting
    import HindsightValues
    import Synchronization
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 a node that ends between two steps", .timeLimit(.minutes(3)))
    struct InterruptedCommandTests {
        /// Makes the database refuse a step until it is told to stop, as if the process had ended before it.
        static func refusing(
            _ condition: String, _ pool: PostgresPool, _ body: () async throws -> Void
        ) async throws {
            try await pool.withSession { session in
                try session.script(
                    """
                    create function refuse() returns trigger language plpgsql as $$
                    begin raise exception 'refused for a test'; end $$;
                    create trigger refuse before update on hindsight.receipts for each row when (\(condition))
                    execute function refuse();
                    """)
            }
            try await body()
            try await pool.withSession { session in
                try session.script("drop trigger refuse on hindsight.receipts; drop function refuse()")
            }
        }

        /// Hands a command in that fails at a step, and then again, changed by what it can see of the log meanwhile.
        private func interrupted(
            over log: (NATSClient) async throws -> (any EventLog)?, at condition: String, appendedBefore: Bool,
            asksForState: Bool
        ) async throws {
            try await CentreFixture.with(over: log) { fixture in
                let decided = Mutex(0)
                let commands = Bank.commands { _ in decided.withLock { $0 += 1 } }
                let id = UUID.version7()
                try await fixture.serving(commands) {
                    _ = try await fixture.centre.submit(Deposit(account: "1", amount: 5))
                    try await Self.refusing(condition, fixture.pool) {
                        let error = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.submit(Withdraw(account: "1", amount: 5), id: id)
                        }
                        #expect(error?.code == .failed)
                        let amounts = try await fixture.amounts("1")
                        #expect(amounts == (appendedBefore ? [5, -5] : [5]))
                    }
                }
                try await fixture.serving(commands) {
                    if asksForState {
                        let state = try await fixture.centre.state(ofCommand: id)
                        #expect(state.state == (appendedBefore ? .ended : .open))
                        #expect(state.receipt?.version == (appendedBefore ? 1 : nil))
                    }
                    // Decided anew it would be refused: there is nothing left.
                    let receipt = try await fixture.centre.submit(Withdraw(account: "1", amount: 5), id: id)
                    #expect(receipt.status == .appended)
                    #expect(receipt.version == 1)
                    #expect(try await fixture.centre.submit(Withdraw(account: "1", amount: 5), id: id) == receipt)
                    #expect(try await fixture.amounts("1") == [5, -5])
                    #expect(decided.withLock { $0 } == (appendedBefore ? 1 : 2))
                }
            }
        }

        static let afterAppend = "new.receipt is not null"
        static let beforeAppend = "new.decision is not null"

        @Test("R6 between append and receipt: the repeated command finds its events", arguments: [true, false])
        func afterAppend(asksForState: Bool) async throws {
            try await interrupted(
                over: { _ in nil }, at: Self.afterAppend, appendedBefore: true, asksForState: asksForState)
        }

        @Test("R6 before the decision is stored: the repeated command is decided")
        func beforeDecision() async throws {
            try await interrupted(
                over: { _ in nil }, at: Self.beforeAppend, appendedBefore: false, asksForState: true)
        }

        @Test("R6 the same over a log in memory that does not find events by their ids")
        func overMemory() async throws {
            try await interrupted(
                over: { _ in InMemoryEventLog(abilities: []) }, at: Self.afterAppend, appendedBefore: true,
                asksForState: true)
        }

        @Test("R6 the same over JetStream")
        func overJetStream() async throws {
            try await interrupted(
                over: { client in
                    let log = JetStreamEventLog(
                        client, stream: NATSTestServer.uniqueName("log"), logger: CentreFixture.logger)
                    try await log.prepare()
                    return log
                }, at: Self.afterAppend, appendedBefore: true, asksForState: true)
        }

        @Test("R6 two nodes take the same command, one hangs after it has decided: the other appends what was decided")
        func hungDecider() async throws {
            try await CentreFixture.with { fixture in
                let id = UUID.version7()
                let gate = DrainTests.Gate()
                let calls = Mutex(0)
                let commands = Bank.commands { _ in
                    let call = calls.withLock { calls in
                        calls += 1
                        return calls
                    }
                    // The first one reads the state, and then hangs.
                    if call == 1 { try await gate.pass() }
                }
                try await fixture.serving([fixture.node(commands), fixture.node(commands)]) {
                    _ = try await fixture.centre.submit(Deposit(account: "1", amount: 5))
                    let slow = Task { try await fixture.centre.submit(Withdraw(account: "1", amount: 5), id: id) }
                    try await eventually("it hangs") { gate.waiting == 1 }
                    let fast = try await fixture.centre.submit(Withdraw(account: "1", amount: 5), id: id)
                    #expect(fast.version == 1)
                    gate.open()
                    #expect(try await slow.value == fast)
                    #expect(try await fixture.amounts("1") == [5, -5])
                }
            }
        }
    }
#endif
