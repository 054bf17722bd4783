import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

/// Connections that are lost when a rebuild is nearly done.
@Suite("Rebuilds interrupted near their end", .serialized, .timeLimit(.minutes(3)))
struct RebuildInterruptionTests {
    @Test("What was swapped in before the connection was lost is not rebuilt again, and what was kept is the original")
    func afterOneOfTwo() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            let folded = Recorder<Int64>()
            // The second swap waits for somebody who reads.
            let reader = try await OpenTransaction.begin(in: bank.views)
            try await reader.run { try $0.script("lock table turnover in access share mode") }
            try await bank.asProcess("rebuild") { process in
                var options = Bank.eager
                options.keepsOld = true
                let rebuilder = process.rebuilder(
                    Account.projection { folded.note($1.position) }, Turnover.projection())
                async let reports = rebuilder.rebuild(["account", "turnover"], options: options)
                try await Bank.until("the first is swapped in") {
                    try await bank.shownTable("account") == "account_v1_2"
                }
                try await bank.terminate("rebuild")
                try await reader.rollBack()
                let done = try await reports
                #expect(done.map(\.outcome) == [.swapped, .swapped])
                #expect(done.map(\.name) == ["account", "turnover"])
                #expect(done[0].eventsApplied > 0 && done[0].rows > 0)
            }
            #expect(Set(folded.all).count == folded.count, "no event is folded twice")
            let versions = try await bank.administration(Account.projection()).versions(of: "account")
            #expect(versions.map(\.role) == [.active, .kept])
            #expect(versions.map(\.table) == ["account_v1_2", "account_v1"])
            try await bank.expectAccounts()
            try await bank.expectTurnover()
        }
    }

    @Test("A swap whose commit nobody was told of counts as done")
    func commitUnknown() async throws {
        let cluster = try await PrivateTestCluster.start()
        try await Bank.open(conninfo: try await cluster.makeDatabase()) { bank in
            try await bank.appendRandom(300)
            let folded = Recorder<Int64>()
            try await bank.asProcess("rebuild") { process in
                try await bank.holdCommits()
                let rebuilder = process.rebuilder(Account.projection { folded.note($1.position) })
                async let reports = rebuilder.rebuild(["account"], options: Bank.eager)
                try await bank.untilCommitWaits(in: "rebuild")
                #expect(try await bank.shownTable("account") == nil)
                try await bank.terminate("rebuild", where: "wait_event = 'SyncRep'")
                try await bank.releaseCommits()
                #expect(try await reports.map(\.outcome) == [.swapped])
            }
            #expect(Set(folded.all).count == folded.count, "no event is folded twice")
            #expect(try await bank.shownTable("account") == "account_v1")
            #expect(try await !bank.tableExists("account_v1_2"))
            #expect(try await bank.administration(Account.projection()).rebuilds().isEmpty)
            try await bank.expectAccounts()
        }
    }

    @Test("Continued after a rest, the swap waits for whoever would see the rows of before the rest")
    func continuedAfterRest() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.rebuild(Account.projection()) { $0.verification = .only }
            try await bank.append(Bank.Deposited(amount: 1_313), to: "late")
            try await bank.engine(Account.projection()).runUntilCaughtUp()

            let gate = Gate()
            defer { gate.open() }
            async let report = bank.rebuild(
                Account.projection { event, _ in if event.amount == 1_313 { gate.pass() } })
            try await gate.untilReached()
            // This one knows the deposit, and the new rows without it.
            let reader = try await OpenTransaction.begin(in: bank.views, TransactionOptions(.repeatableRead))
            #expect(
                try await reader.run { try $0.query("select from hindsight.account_v1 where id = 'late'").count } == 1)
            gate.open()
            try await Bank.until("the rebuild waits") {
                try await bank.rebuildStatus(of: Account.projection())?.phase == .swapping
            }
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await reader.run { try $0.query("select from account where id = 'late'").count } == 1)
            #expect(try await bank.shownTable("account") == "account_v1")
            try await reader.commit()
            #expect(try await report.outcome == .swapped)
            try await bank.expectAccounts()
        }
    }

    @Test("Several that go on share the memory")
    func sharedMemory() async throws {
        try await Bank.open { bank in
            try await bank.fill(20_000, accounts: 5_003, padding: 300)
            let names = ["account", "peer"]
            var options = Bank.eager
            options.memoryBytes = 64 << 20
            options.throttle = .eventsPerSecond(20_000)
            let task = Task { [options] in
                try await bank.rebuilder(Account.projection(), Peer.projection()).rebuild(names, options: options)
            }
            try await Bank.until("both have a checkpoint") {
                try await bank.rebuildStatus(of: Account.projection())?.checkpoint ?? 0 > 8_000
            }
            task.cancel()
            _ = await task.result
            options.throttle = .none
            let reports = try await bank.rebuilder(Account.projection(), Peer.projection())
                .rebuild(names, options: options)
            #expect(reports.map(\.outcome) == [.swapped, .swapped])
            try await bank.expectAccounts()
            try await bank.expectPeers()
        }
    }
}
