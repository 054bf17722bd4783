import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Subprocess
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("The end of run", .timeLimit(.minutes(5)))
struct RunEndTests {
    /// What the command is given for the batch in flight.
    private static let drainTime = 2

    @Test("SIGTERM ends it in time, whatever it waits for", arguments: Hindrance.allCases)
    func comesInTime(hindrance: Hindrance) async throws {
        try await ShopFixture.with { fixture in
            #expect(try await fixture.shop("events", "import", "-", input: Lines.orders(0..<3)).status == .exited(0))
            try await fixture.expectSuccess("run", "--until-caught-up")
            #expect(try await fixture.shop("events", "import", "-", input: Lines.orders(3..<6)).status == .exited(0))
            let before = try await fixture.appliedCounts()
            try await fixture.pool.withSession { try hindrance.prepare(in: &$0) }
            let signaled: ContinuousClock.Instant
            let outcome: ShopProcess.Outcome
            (signaled, outcome) = try await fixture.holding(hindrance) {
                var signaled = ContinuousClock.now
                let outcome = try await fixture.shop.run(
                    ["run", "--drain-seconds", "\(Self.drainTime)"], send: .terminate, killAfter: .seconds(40)
                ) {
                    try await fixture.wait(for: hindrance)
                    signaled = .now
                }
                return (signaled, outcome)
            }
            // The drain's time, then what giving up may take, and something for a machine that is busy.
            #expect(ContinuousClock.now - signaled < .seconds(Self.drainTime + 5 + 5), "\(outcome.error)")
            #expect([.exited(0), .exited(128 + 15)].contains(outcome.status), "\(outcome.status) \(outcome.error)")
            // What it could not finish has left no trace, and the next process goes on.
            try await fixture.pool.withSession { session in
                try hindrance.remove(in: &session)
            }
            if hindrance != .deadServer { #expect(try await fixture.appliedCounts() == before) }
            try await fixture.expectSuccess("run", "--until-caught-up")
            for view in ShopFixture.views { try await fixture.expectRecount(view) }
        }
    }

    @Test(
        "A signal that ends it before it has caught up, as it was to, is in its status",
        arguments: [Signal.interrupt, .terminate])
    func saysThatItWasInterrupted(signal: Signal) async throws {
        try await ShopFixture.with { fixture in
            #expect(try await fixture.shop("events", "import", "-", input: Lines.orders(0..<3)).status == .exited(0))
            for command in [["run", "--until-caught-up"], ["run"]] {
                let outcome = try await fixture.holding(.registration) {
                    try await fixture.shop.run(command, send: signal, killAfter: .seconds(40)) {
                        try await fixture.wait(for: .registration)
                    }
                }
                guard command.count > 1 else {
                    // Without the flag, a signal is how it ends.
                    #expect(outcome.status == .exited(0), "\(outcome.error)")
                    continue
                }
                #expect(outcome.status == .exited(128 + (signal == .interrupt ? 2 : 15)), "\(outcome.error)")
                #expect(outcome.error.contains("shop: interrupted before it had caught up"), "\(outcome.error)")
            }
            // The same command goes on.
            try await fixture.expectSuccess("run", "--until-caught-up")
            for view in ShopFixture.views { try await fixture.expectRecount(view) }
        }
    }
}

extension ShopFixture {
    fileprivate func appliedCounts() async throws -> [Int64] {
        try await pool.withSession { session in
            try session.query("select applied from hindsight.offsets order by name, version").map { try $0.decode(0) }
        }
    }

    fileprivate func wait(for hindrance: Hindrance) async throws {
        try await wait { try hindrance.isMet(in: &$0) }
        if hindrance == .deadServer { try await signalServers(SIGSTOP) }
    }

    private func wait(until isTrue: @Sendable (inout PostgresSession) throws -> Bool) async throws {
        while try await !pool.withSession(isTrue) {
            try Task.checkCancellation()
            // Only a pause between two looks.
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Runs `body` while a transaction of another process holds what it holds.
    fileprivate func holding<Value: Sendable>(
        _ hindrance: Hindrance, _ body: () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [pool] in
                try await pool.withTransaction { session in
                    try hindrance.hold(in: &session)
                    // Until the task is cancelled, which ends the transaction.
                    _ = try session.query("select 'held', pg_sleep(3600)")
                }
            }
            try await wait { session in
                try session.query(
                    """
                    select count(*) > 0 from pg_stat_activity
                    where datname = current_database() and state = 'active' and query like 'select ''held'', %'
                    """)[0].decode(0)
            }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            if hindrance == .deadServer { try await signalServers(SIGCONT) }
            return try result.get()
        }
    }

    /// Stops the server's processes that serve the shop, or has them go on.
    private func signalServers(_ signal: Int32) async throws {
        let processes: [Int32] = try await pool.withSession { session in
            try session.query(
                "select pid from pg_stat_activity where datname = current_database() and application_name = 'hindsight'"
            ).map { try $0.decode(0) }
        }
        for process in processes { kill(process, signal) }
    }
}
