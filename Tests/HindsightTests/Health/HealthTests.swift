import Hindsight
import HindsightPostgres
import Testing

/// A standstill is told from idleness, on a real server.
@Suite("How projections are", .timeLimit(.minutes(4)))
struct HealthTests {
    private static let strict = ProjectionHealth.Limits(warning: .zero, critical: .milliseconds(1))

    private func administration(_ bank: Bank, _ projections: any Projection...) -> ProjectionAdministration {
        ProjectionAdministration(
            ProjectionContext(
                log: bank.log, pool: bank.views, projections: projections, events: Bank.registry,
                configuration: Bank.impatient, logger: LogFixture.logger))
    }

    @Test("At the head, idle, with events that it does not want, and not run: well. With an event that waits: not")
    func idle() async throws {
        try await Bank.open { bank in
            let administration = administration(bank, Account.projection())
            let patient = ProjectionHealth.Limits(warning: .milliseconds(1), critical: .seconds(3_600))
            #expect(try await administration.health(limits: patient).map(\.grade) == [.ok])
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await Bank.until("the event is older than the limit") {
                try await administration.health(limits: patient).map(\.grade) == [.warning]
            }
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                let live = try await administration.health(limits: patient)
                #expect(live.map(\.grade) == [.ok] && live.map(\.stalledSeconds) == [0], "\(live)")
            }
            // Nobody runs, and the log goes on with what it does not want.
            try await bank.appendNoise(100)
            #expect(try await administration.health(limits: patient).map(\.grade) == [.ok])
            #expect(try await administration.health().map(\.grade) == [.ok])
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            #expect(try await administration.health().map(\.grade) == [.ok], "it has only just come")
            let waiting = try await administration.health(of: ["account"], limits: Self.strict)
            #expect(waiting.map(\.grade) == [.critical], "\(waiting)")
            #expect(waiting.first?.stalledSeconds ?? 0 > 0 && waiting.first?.diagnosis.cause == .notRunning(last: nil))
            await #expect(throws: ProjectionError.self) { try await administration.health(of: ["nobody"]) }
        }
    }

    @Test("An engine that is slow is well, however far it is behind; one that hangs is not")
    func slow() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            let slow = Account.projection { event, _ in if event.amount == 6 { gate.pass() } }
            let administration = administration(bank, slow)
            let limits = ProjectionHealth.Limits(warning: .milliseconds(300), critical: .seconds(3_600))
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.running(bank.engine(slow)) { _ in
                try await bank.untilApplied("account")
                try await bank.append(Bank.Deposited(amount: 6), to: "7")
                try await gate.untilReached()
                // Even if this fails, the engine must come to its end.
                defer { gate.open() }
                try await Bank.until("it hangs") {
                    try await administration.health(limits: limits).map(\.grade) == [.warning]
                }
                gate.open()
                try await Bank.until("it goes on") {
                    try await administration.health(limits: limits).map(\.grade) == [.ok]
                }
            }
        }
    }

    @Test("Stopped, paused, parked and rewound, whatever the limits; the worst of several is what counts")
    func causes() async throws {
        try await Bank.open { bank in
            let parking = Bank.parkingAccounts()
            let both = administration(bank, parking, Turnover.projection())
            try await bank.append(Bank.Deposited(amount: Bank.poison), to: "7")
            try await bank.engine(parking, Turnover.projection()).runUntilCaughtUp()
            let parked = try await both.health()
            #expect(parked.map(\.grade) == [.warning, .ok], "\(parked)")
            _ = try await both.pause("turnover", reason: nil)
            #expect(try await both.health(of: ["turnover"]).map(\.grade) == [.ok])
            try await bank.append(Bank.Deposited(amount: 5), to: "8")
            #expect(try await both.health(of: ["turnover"]).map(\.grade) == [.warning])
            _ = try await both.resume("turnover")
            try await bank.script("update hindsight.offsets set stopped_at = 2, error = 'no' where name = 'turnover'")
            #expect(try await both.health().map(\.grade) == [.warning, .critical])
            try await bank.script("delete from hindsight.events where position = 1")
            #expect(try await both.health(of: ["account"]).map(\.grade) == [.critical])
        }
    }

    @Test("A role that may only read may ask")
    func readingRole() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.fixture.withRole { role, conninfo in
                try await bank.views.withSession { session in
                    try session.execute(
                        "select hindsight.grant_read(\(PostgresIdentifier(role).quoted)::text::regrole)")
                }
                try await bank.fixture.withAnotherLog(conninfo: conninfo) { log in
                    let administration = ProjectionAdministration(
                        ProjectionContext(
                            log: log, pool: log.pool, projections: [Account.projection()], events: Bank.registry))
                    let health = try await administration.health()
                    #expect(health.map(\.grade) == [.ok], "\(health)")
                }
            }
        }
    }
}
