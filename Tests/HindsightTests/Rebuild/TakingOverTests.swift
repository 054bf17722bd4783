import Hindsight
import HindsightPostgres
import Testing

/// Several processes that are asked for the same rebuild.
@Suite("One rebuild, several processes", .serialized, .timeLimit(.minutes(3)))
struct TakingOverTests {
    private func configuration(_ node: String) -> EngineConfiguration {
        var configuration = Bank.small
        configuration.node = node
        return configuration
    }

    /// Holds the rebuild up at one event.
    private func gated(_ gate: Gate, _ seen: Recorder<Int64>) -> ViewProjection<Account> {
        Account.projection { event, context in
            seen.note(context.position)
            if event.amount == 1_313 { gate.pass() }
        }
    }

    @Test("One does it, the other follows and reports that it is done")
    func follows() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            let gate = Gate()
            defer { gate.open() }
            let (byFirst, bySecond, progress) = (Recorder<Int64>(), Recorder<Int64>(), Recorder<RebuildStatus>())
            let first = bank.rebuilder(gated(gate, byFirst), configuration: configuration("first"))
            async let done = first.rebuild(["account"], options: Bank.eager)
            try await gate.untilReached()
            try await bank.asProcess("second") { other in
                let second = other.rebuilder(
                    Account.projection { bySecond.note($1.position) }, configuration: configuration("second"))
                async let followed = second.rebuild(["account"], options: Bank.eager) { statuses in
                    for status in statuses { progress.note(status) }
                }
                try await Bank.until("the second follows") { progress.count > 0 }
                #expect(progress.all.allSatisfy { $0.name == "account" && $0.node == "first" })
                gate.open()
                #expect(try await followed.map(\.outcome) == [.doneElsewhere])
            }
            #expect(try await done.map(\.outcome) == [.swapped])
            #expect(bySecond.count == 0)
            try await bank.expectAccounts()
        }
    }

    @Test("Of several projections, each process does those that the other one has not begun")
    func shared() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(200)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            let gate = Gate()
            defer { gate.open() }
            let first = bank.rebuilder(gated(gate, Recorder()), configuration: configuration("first"))
            async let done = first.rebuild(["account"], options: Bank.eager)
            try await gate.untilReached()
            try await bank.asProcess("second") { other in
                let second = other.rebuilder(
                    Account.projection(), Turnover.projection(), configuration: configuration("second"))
                async let both = second.rebuild(["account", "turnover"], options: Bank.eager)
                try await Bank.until("the second one has done its part") {
                    try await bank.shownTable("turnover") != nil
                }
                gate.open()
                #expect(try await both.map(\.outcome) == [.doneElsewhere, .swapped])
            }
            #expect(try await done.map(\.outcome) == [.swapped])
            try await bank.expectAccounts()
            try await bank.expectTurnover()
        }
    }

    @Test("When the one that does it is cancelled, the other takes over from its checkpoint")
    func takesOver() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 30)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            let gate = Gate()
            defer { gate.open() }
            let (bySecond, progress) = (Recorder<Int64>(), Recorder<RebuildStatus>())
            let first = bank.rebuilder(gated(gate, Recorder()), configuration: configuration("first"))
            let task = Task { try await first.rebuild(["account"], options: Bank.slow) }
            try await gate.untilReached()
            let status = try #require(try await bank.rebuildStatus(of: Account.projection()))
            #expect(status.checkpoint > 0 && status.node == "first")
            try await bank.asProcess("second") { other in
                let second = other.rebuilder(
                    Account.projection { bySecond.note($1.position) }, configuration: configuration("second"))
                async let taken = second.rebuild(["account"], options: Bank.eager) { statuses in
                    for status in statuses { progress.note(status) }
                }
                try await Bank.until("the second follows") { progress.count > 0 }
                #expect(bySecond.count == 0)
                task.cancel()
                gate.open()
                await #expect(throws: (any Error).self) { try await task.value }
                #expect(try await taken.map(\.outcome) == [.swapped])
            }
            #expect(try #require(bySecond.all.min()) > status.checkpoint)
            try await bank.expectAccounts()
        }
    }

    @Test("One whose connection was ended is fenced off, and follows the one that has taken over")
    func fenced() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 10)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "1")
            let gate = Gate()
            defer { gate.open() }
            try await bank.asProcess("first") { one in
                let first = one.rebuilder(gated(gate, Recorder()), configuration: configuration("first"))
                async let lost = first.rebuild(["account"], options: Bank.slow)
                try await gate.untilReached()
                try await bank.asProcess("second") { other in
                    let second = other.rebuilder(Account.projection(), configuration: configuration("second"))
                    async let taken = second.rebuild(["account"], options: Bank.eager)
                    try #require(try await bank.terminate("first") > 0)
                    let outcomes = try await taken.map(\.outcome)
                    #expect(outcomes == [.swapped])
                }
                gate.open()
                // It may have begun again before the other one looked, or after it was done.
                #expect(try await lost.allSatisfy { $0.outcome == .doneElsewhere || $0.outcome == .swapped })
            }
            try await bank.expectAccounts()
        }
    }

    @Test("Lost connections are waited for, whatever the rebuild is doing")
    func connectionsLost() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 40)
            try await bank.asProcess("rebuilder") { process in
                let rebuilder = process.rebuilder(Account.projection(), Turnover.projection())
                async let reports = rebuilder.rebuild(["account", "turnover"], options: Bank.slow)
                var checkpoint: Int64? = 0
                var losses = 0
                // Until it is done, or has lost enough.
                while losses < 5, let last = checkpoint {
                    try await Bank.until("a checkpoint after the last loss, or the end") {
                        let isShown = try await bank.shownTable("account") != nil
                        let status = try await bank.rebuildStatus(of: Account.projection())
                        return isShown || status?.checkpoint ?? 0 > last
                    }
                    checkpoint = try await bank.rebuildStatus(of: Account.projection())?.checkpoint
                    if try await bank.terminate("rebuilder") > 0 { losses += 1 }
                }
                #expect(losses > 0)
                #expect(try await reports.map(\.outcome) == [.swapped, .swapped])
            }
            try await bank.expectAccounts()
            try await bank.expectTurnover()
        }
    }
}
