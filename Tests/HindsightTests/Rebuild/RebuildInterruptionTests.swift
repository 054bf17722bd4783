import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightValues
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

    @Test("A swap whose commit nobody was told of counts as done, of a view and of free SQL", arguments: [false, true])
    func commitUnknown(ofSQL: Bool) async throws {
        let cluster = try await PrivateTestCluster.start()
        try await Bank.open(conninfo: try await cluster.makeDatabase()) { bank in
            try await bank.appendRandom(300)
            try await bank.engine(Account.projection(), Journal.projection()).runUntilCaughtUp()
            let inTheWay = try await OpenTransaction.begin(in: bank.views)
            try await inTheWay.run {
                try $0.script("lock table account in access share mode; update journal set amount = amount")
            }
            let folded = Recorder<Int64>()
            try await bank.asProcess("rebuild") { process in
                let projection: any Projection =
                    ofSQL
                    ? Journal.projection { _, _, context in folded.note(context.position) }
                    : Account.projection { folded.note($1.position) }
                // Its last events, so that the commits of what it does before do not wait.
                let gate = Gate()
                defer { gate.open() }
                let rebuilder = process.rebuilder(projection)
                async let reports = rebuilder.rebuild([projection.name], options: Bank.eager) { statuses in
                    if statuses.contains(where: { $0.phase == .swapping }) { gate.arrive() }
                }
                // The swap waits for somebody who is in the way, and then in its commit.
                try await gate.untilReached()
                try await bank.holdCommits()
                try await inTheWay.rollBack()
                try await bank.untilCommitWaits(in: "rebuild")
                try await bank.terminate("rebuild", where: "wait_event = 'SyncRep'")
                try await bank.releaseCommits()
                #expect(try await reports.map(\.outcome) == [.swapped])
            }
            #expect(Set(folded.all).count == folded.count, "no event is folded twice")
            #expect(try await bank.administration(Account.projection(), Journal.projection()).rebuilds().isEmpty)
            if ofSQL {
                try await bank.expect("journal", equals: Journal.recount())
            } else {
                #expect(try await bank.shownTable("account") == "account_v1_2")
                #expect(try await !bank.tableExists("account_v1_3"))
                try await bank.expectAccounts()
            }
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
            // Two beats more, in which it has tried to swap several times.
            for _ in 0..<2 {
                let beat: Timestamp = try await bank.value("select max(updated_at) from hindsight.rebuilds")
                try await Bank.until("a beat") {
                    try await bank.value("select max(updated_at) > \(beat) from hindsight.rebuilds")
                }
            }
            #expect(try await reader.run { try $0.query("select from account where id = 'late'").count } == 1)
            #expect(try await bank.shownTable("account") == "account_v1")
            try await reader.commit()
            #expect(try await report.outcome == .swapped)
            try await bank.expectAccounts()
        }
    }

    @Test("Several that do not fit in memory go on together")
    func severalWithoutRoom() async throws {
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
