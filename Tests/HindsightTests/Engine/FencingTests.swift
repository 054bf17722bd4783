import Hindsight
import HindsightPostgres
import Testing

@Suite("Leases and fencing", .serialized, .timeLimit(.minutes(3)))
struct FencingTests {
    private func configuration(_ node: String) -> EngineConfiguration {
        var configuration = Bank.small
        configuration.node = node
        return configuration
    }

    @Test("Of two engines one works, the other waits and takes over when the first one ends")
    func twoEngines() async throws {
        try await Bank.open { bank in
            let byFirst = Recorder<Int64>()
            let bySecond = Recorder<Int64>()
            try await bank.asProcess("first") { first in
                try await bank.asProcess("second") { second in
                    let engine = first.engine(
                        Account.projection { byFirst.note($1.position) }, Turnover.projection(),
                        configuration: configuration("first"))
                    let running = RunningEngine(engine)
                    try await bank.append(Bank.Deposited(amount: 1), to: "1")
                    try await bank.untilApplied("account")
                    let waiting = second.engine(
                        Account.projection { bySecond.note($1.position) }, Turnover.projection(),
                        configuration: configuration("second"))
                    try await bank.running(waiting) { _ in
                        for seed in 1...6 { try await bank.appendRandom(100, seed: UInt64(seed), batch: 9) }
                        try await bank.untilApplied("account")
                        #expect(try await bank.offset(of: "account")?.owner == "first")
                        #expect(bySecond.count == 0)

                        async let more: Void = bank.appendRandom(300, seed: 7, batch: 3)
                        try await running.shutDown()
                        let end = byFirst.count
                        try await more
                        try await bank.untilApplied("account")
                        try await bank.untilApplied("turnover")
                        #expect(try await bank.offset(of: "account")?.owner == "second")
                        #expect(byFirst.count == end)
                    }
                }
            }
            // What one committed the other never saw: the lease was handed over clean.
            #expect(Set(byFirst.all).isDisjoint(with: bySecond.all))
            try await bank.expectAccounts()
            try await bank.expectTurnover()
        }
    }

    @Test("Who lost the lease commits nothing", arguments: [false, true])
    func loserCommitsNothing(withStatements: Bool) async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            let projection: any Projection =
                withStatements
                ? Journal.projection { _, _, _ in gate.pass() } : Account.projection { _, _ in gate.pass() }
            let name = projection.name
            try await bank.append(Bank.Deposited(amount: 1), Bank.Deposited(amount: 2), to: "1")
            let running = RunningEngine(bank.engine(projection))
            try await gate.untilReached()

            let thief = try await PostgresConnection.connect(bank.viewsDatabase, logger: LogFixture.logger)
            let epoch = try await thief.withTransaction { session in
                try session.execute(
                    "update hindsight.offsets set leased_until = clock_timestamp() - interval '1 s' where name = \(name)"
                )
                return try session.query(
                    """
                    select hindsight.take_lease(kind, name, version, partition, log, 'thief', interval '1 min')
                    from hindsight.offsets where name = \(name)
                    """)[0].decode(0, as: Int64?.self)
            }
            gate.open()
            try await running.shutDown()
            let offset = try #require(try await bank.offset(of: name))
            #expect(offset.epoch == epoch)
            #expect(offset.owner == "thief")
            #expect(offset.position == 0)
            #expect(offset.applied == 0)
            #expect(try await bank.value("select count(*) from \(identifier: PostgresIdentifier(name))", in: nil) == 0)
            await thief.close()

            // The thief is gone: whoever comes next starts where the last commit was.
            try await bank.engine(projection).runUntilCaughtUp()
            #expect(try await bank.offset(of: name)?.applied == 2)
        }
    }

    @Test("A holder whose lease connection is gone is replaced, and what it had in flight is fenced off")
    func leaseConnectionLost() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            try await bank.appendRandom(300)
            try await bank.asProcess("first") { first in
                let running = RunningEngine(
                    first.engine(Account.projection { _, _ in gate.pass() }, configuration: configuration("first")))
                try await gate.untilReached()
                let before = try #require(try await bank.offset(of: "account"))
                #expect(before.owner == "first")
                let terminated: Int = try await bank.value(
                    "select count(pg_terminate_backend(owner_pid)) from hindsight.offsets where name = 'account'")
                #expect(terminated == 1)
                try await bank.asProcess("second") { second in
                    try await bank.running(
                        second.engine(Account.projection(), configuration: configuration("second"))
                    ) { _ in
                        try await bank.untilApplied("account")
                        try await bank.expectAccounts()
                        gate.open()
                        try await bank.appendRandom(100, seed: 2, batch: 5)
                        try await bank.untilApplied("account")
                        let after = try #require(try await bank.offset(of: "account"))
                        #expect(after.owner == "second")
                        #expect(after.epoch > before.epoch)
                    }
                }
                try await running.shutDown()
            }
            try await bank.expectAccounts()
        }
    }

    @Test("An engine that lost its own lease connection takes the lease again")
    func leaseTakenAgain() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.pollInterval = .seconds(3_600)
        try await Bank.open(configuration: configuration) { bank in
            try await bank.running(bank.engine(Account.projection())) { _ in
                for round in 1...5 {
                    try await bank.append(Bank.Deposited(amount: round), to: "1")
                    try await bank.untilApplied("account")
                    let epoch = try #require(try await bank.offset(of: "account")?.epoch)
                    let _: Int = try await bank.value(
                        "select count(pg_terminate_backend(owner_pid)) from hindsight.offsets where name = 'account'")
                    // Nothing is appended meanwhile that could wake it.
                    try await Bank.until("the lease is taken again") {
                        try await bank.offset(of: "account")?.epoch ?? 0 > epoch
                    }
                }
            }
            try await bank.expectAccounts()
        }
    }

    @Test("At a graceful shutdown the batch in flight is committed, under a lease that is kept so long")
    func shutDownInFlight() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            let bySecond = Recorder<Int>()
            try await bank.append(Bank.Deposited(amount: 13), to: "1")
            try await bank.asProcess("first") { first in
                try await bank.asProcess("second") { second in
                    let running = RunningEngine(
                        first.engine(Account.projection { _, _ in gate.pass() }, configuration: configuration("first")))
                    try await gate.untilReached()
                    let waiting = second.engine(
                        Account.projection { event, _ in bySecond.note(event.amount) },
                        configuration: configuration("second"))
                    try await bank.running(waiting) { _ in
                        await running.beginShutDown()
                        var renewals: Set<String> = []
                        try await Bank.until("the lease is kept while the batch is in flight") {
                            let lease: String = try await bank.value(
                                "select owner || leased_until::text from hindsight.offsets where name = 'account'")
                            renewals.insert(lease)
                            return renewals.count > 5
                        }
                        #expect(renewals.allSatisfy { $0.hasPrefix("first") })
                        gate.open()
                        try await running.shutDown()
                        try await bank.append(Bank.Deposited(amount: 14), to: "1")
                        try await bank.untilApplied("account")
                    }
                }
            }
            #expect(bySecond.all == [14])
            try await bank.expectAccounts()
        }
    }

    @Test("Cancelling rolls the batch in flight back")
    func cancelled() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            try await bank.append(Bank.Deposited(amount: 1), Bank.Deposited(amount: 2), to: "1")
            let running = RunningEngine(bank.engine(Journal.projection { _, _, _ in gate.pass() }))
            try await gate.untilReached()
            running.beginCancelling()
            gate.open()
            await running.cancel()
            #expect(try await bank.offset(of: "journal")?.position == 0)
            #expect(try await bank.value("select count(*) from journal") == 0)

            try await bank.engine(Journal.projection()).runUntilCaughtUp()
            try await bank.expect("journal", equals: Journal.recount())
        }
    }
}
