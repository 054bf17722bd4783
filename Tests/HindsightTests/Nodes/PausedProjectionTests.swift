import Hindsight
import HindsightPostgres
import Testing

@Suite("Pausing a projection", .serialized, .timeLimit(.minutes(3)))
struct PausedProjectionTests {
    private func untilIdle(_ name: String, _ bank: Bank, kind: String = "projection") async throws {
        try await Bank.until("nobody has \(name)") { try await bank.offset(of: name, kind: kind)?.owner == nil }
    }

    @Test("The engine that has it gives it up, and goes on with the others until it is resumed")
    func givenUp() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            let administration = bank.administration(Account.projection(), Turnover.projection())
            try await bank.running(bank.engine(Account.projection(), Turnover.projection())) { _ in
                try await bank.untilApplied("account")
                let start = ContinuousClock.now
                #expect(try await administration.pause("account", reason: "an audit"))
                #expect(try await !administration.pause("account", reason: "another one"))
                try await untilIdle("account", bank)
                #expect(.now - start < .seconds(20))
                let position = try #require(try await bank.offset(of: "account")?.position)
                try await bank.appendRandom(50, seed: 2)
                try await bank.untilApplied("turnover")
                var status = try await administration.list()[0]
                #expect(status.state == .paused && status.node == nil && status.offset == position)
                #expect(status.pause?.reason == "an audit" && status.pause?.role.isEmpty == false)
                #expect(status.lagEvents > 0 && status.error == nil)
                try await bank.expectAccounts(through: position)

                let ended = try await administration.resume("account")
                #expect(ended.wasPaused && !ended.wasStopped)
                try await bank.untilApplied("account")
                status = try await administration.list()[0]
                #expect(status.state == .live && status.pause == nil)
                #expect(try await !administration.resume("account").hasResumed)
            }
            try await bank.expectAccounts()
            await #expect(throws: ProjectionError.self) { try await administration.pause("nobody") }
        }
    }

    @Test("The batch in flight is committed first")
    func batchInFlight() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            let projection = Account.projection { _, _ in gate.pass() }
            try await bank.append(Bank.Deposited(amount: 1), Bank.Deposited(amount: 2), to: "1")
            try await bank.running(bank.engine(projection)) { _ in
                try await gate.untilReached()
                try await bank.administration(projection).pause("account")
                let status = try await bank.administration(projection).list()[0]
                #expect(status.state == .paused && status.node != nil)
                gate.open()
                try await untilIdle("account", bank)
                #expect(try await bank.offset(of: "account")?.applied == 2)
                try await bank.append(Bank.Deposited(amount: 3), to: "1")
                try await bank.administration(projection).resume("account")
                try await bank.untilApplied("account")
            }
            try await bank.expectAccounts()
        }
    }

    @Test("Who waits until all have caught up does not wait for it, and is told where it falls short")
    func untilCaughtUp() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(20)
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            let administration = bank.administration(Account.projection(), Turnover.projection())
            try await administration.pause("account", reason: "an audit")
            // It has all there is.
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            try await bank.appendRandom(20, seed: 2)
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            }
            #expect(error?.code == .stopped)
            #expect(
                error?.description.hasPrefix("projection \"account\" is paused by ") == true,
                "\(String(describing: error))")
            #expect(error?.description.contains("an audit") == true)
            try await bank.expectTurnover()
            try await administration.resume("account")
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            try await bank.expectAccounts()
        }
    }

    @Test("It outlives a rebuild that is swapped in, a rollback, a reset and a new version")
    func outlives() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let administration = bank.administration(Account.projection())
            try await administration.pause("account")
            try await bank.appendRandom(100, seed: 2)

            func expectPaused(at position: Int64, version: Int = 1) async throws {
                await #expect(throws: ProjectionError.self) {
                    try await bank.engine(Account.projection(), Account.projection(version: 2, factor: 2))
                        .runUntilCaughtUp()
                }
                #expect(try await bank.offset(of: "account", version: version)?.position == position)
            }

            let report = try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
            #expect(report.outcome == .swapped)
            let head = try await bank.log.frontier().position
            try await bank.expectAccounts()
            try await bank.appendRandom(10, seed: 3)
            try await expectPaused(at: head)
            #expect(try await bank.offset(of: "account", version: 2)?.position == 0, "the pause is the name's")

            // What was kept stands still with it, so it is behind; going back is refused, or goes to where it stands.
            #expect(try await bank.offset(of: "account", kind: "kept")?.owner == nil)
            try await administration.reset("account")
            try await expectPaused(at: 0)
            #expect(try await administration.list()[0].pause != nil)

            let ended = try await administration.resume("account")
            #expect(ended.wasPaused)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.expectAccounts()
        }
    }

    @Test("A stop and a pause can be ended together, and each is named")
    func stoppedToo() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 13), to: "1")
            let failing = Account.projection { event, _ in
                if event.amount == 13 { throw Bank.Refusal() }
            }
            let administration = bank.administration(Account.projection())
            await #expect(throws: ProjectionError.self) { try await bank.engine(failing).runUntilCaughtUp() }
            try await administration.pause("account")
            let status = try await administration.list()[0]
            #expect(status.state == .stopped && status.pause != nil && status.error != nil)
            let ended = try await administration.resume("account")
            #expect(ended.wasPaused && ended.wasStopped)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.expectAccounts()
        }
    }

    @Test("One that an engine fills anew stands still as well, and goes on from its checkpoint")
    func whileReplaying() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(3_000)
            let gate = Gate()
            defer { gate.open() }
            var configuration = Bank.small
            configuration.replayThreshold = 500
            let projection = Account.projection { _, context in
                if context.position > 1_500 { gate.pass() }
            }
            let administration = bank.administration(projection)
            try await bank.running(
                bank.engine(projection, Turnover.projection(), configuration: configuration)
            ) { _ in
                try await gate.untilReached()
                try await administration.pause("account")
                let looks: Int64 = try await bank.value("select renewals from hindsight.nodes")
                try await Bank.until("the node has looked many times") {
                    try await bank.value("select renewals > \(looks) + 30 from hindsight.nodes")
                }
                gate.open()
                try await untilIdle("account", bank)
                try await bank.untilApplied("turnover")
                #expect(try await bank.offset(of: "account")?.position == 0)
                #expect(try await administration.rebuilds().allSatisfy { $0.node == nil })
                try await administration.resume("account")
                try await bank.untilApplied("account")
            }
            try await bank.expectAccounts()
            try await bank.expectTurnover()
        }
    }

    @Test("A process of the release before does not get it either")
    func releaseBefore() async throws {
        try await Bank.open { bank in
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.administration(Account.projection()).pause("account")
            let status: String = try await bank.value(
                """
                select (hindsight.take_shard(row(kind, name, version, partition, log)::hindsight.shard, 'former',
                    interval '1 min', null, null)).status from hindsight.offsets
                """)
            #expect(status == "stopped")
            let lease: Int64? = try await bank.value(
                """
                select hindsight.take_lease(kind, name, version, partition, log, 'former', interval '1 min')
                from hindsight.offsets
                """)
            #expect(lease == nil)
        }
    }
}
