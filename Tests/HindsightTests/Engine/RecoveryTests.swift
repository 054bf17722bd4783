import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

@Suite("Recovery of the engine", .serialized, .timeLimit(.minutes(3)))
struct RecoveryTests {
    @Test("All connections of the engine are terminated again and again, during catch-up and live")
    func terminated() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(3_000)
            try await bank.asProcess("engine") { process in
                let engine = process.engine(
                    Account.projection(), Turnover.projection(), Peer.projection(), Journal.projection(),
                    configuration: Bank.small)
                try await bank.running(engine) { _ in
                    async let appends: Void = appendSlowly(to: bank)
                    // Not while it starts: an engine that cannot start says so and ends.
                    var position: Int64 = 0
                    for _ in 1...25 {
                        try await Bank.until("the engine goes on after \(position)") {
                            let now: Int64 = try await bank.value(
                                "select coalesce(sum(position), 0)::bigint from hindsight.offsets")
                            defer { if now > position { position = now } }
                            return now > position
                        }
                        try await bank.terminate("engine")
                        // Something to go on with, should it have reached the head.
                        try await bank.append(Bank.Deposited(amount: 1), Bank.Transferred(to: "2", amount: 1), to: "1")
                    }
                    try await appends
                    try await untilAllApplied(bank)
                }
            }
            try await expectAll(bank)
        }
    }

    @Test("The server restarts while the engine catches up", arguments: [false, true])
    func serverRestart(immediate: Bool) async throws {
        let cluster = try await PrivateTestCluster.start()
        try await Bank.open(conninfo: try await cluster.makeDatabase()) { bank in
            try await bank.appendRandom(2_000)
            try await bank.asProcess("engine") { process in
                let gate = Gate()
                defer { gate.open() }
                let projection = Account.projection { _, context in
                    if context.position > 500 { gate.pass() }
                }
                let engine = process.engine(
                    projection, Turnover.projection(), Peer.projection(), Journal.projection(),
                    configuration: Bank.small)
                try await bank.running(engine) { _ in
                    try await gate.untilReached()
                    try await cluster.restart(immediate: immediate)
                    gate.open()
                    try await Bank.until("the server takes appends again") {
                        try await bank.append(Bank.Deposited(amount: 1), to: "1")
                        return true
                    }
                    try await untilAllApplied(bank)
                    try await cluster.restart(immediate: immediate)
                    try await Bank.until("the server takes appends again") {
                        try await bank.append(Bank.Deposited(amount: 2), to: "1")
                        return true
                    }
                    try await untilAllApplied(bank)
                }
            }
            try await expectAll(bank)
        }
    }

    @Test("Without its LISTEN connection the engine finds events by looking")
    func listenLost() async throws {
        try await Bank.open { bank in
            try await bank.asProcess("engine", pollInterval: .milliseconds(50)) { process in
                try await bank.running(process.engine(Account.projection())) { _ in
                    for amount in 1...5 {
                        try await bank.append(Bank.Deposited(amount: amount), to: "1")
                        try await bank.untilApplied("account")
                        try await bank.terminate("engine", where: "query ilike 'listen%'")
                    }
                    try await bank.append(Bank.Deposited(amount: 6), to: "1")
                    try await bank.untilApplied("account")
                }
            }
            try await bank.expectAccounts()
        }
    }

    @Test("A commit whose outcome nobody knows is neither lost nor made twice")
    func commitUnknown() async throws {
        let cluster = try await PrivateTestCluster.start()
        try await Bank.open(conninfo: try await cluster.makeDatabase()) { bank in
            for amount in 1...10 { try await bank.append(Bank.Deposited(amount: amount), to: "1") }
            try await bank.script("create table probe ()")
            // No renewal of the lease that could wait before the batch does, and hold the offset's row.
            var configuration = Bank.impatient
            configuration.leaseInterval = .seconds(3_600)
            try await bank.asProcess("engine") { process in
                let gate = Gate()
                defer { gate.open() }
                let engine = process.engine(Account.projection { _, _ in gate.pass() }, configuration: configuration)
                let commits = engine.commits(of: "account")
                try await bank.running(engine) { _ in
                    try await gate.untilReached()
                    try await bank.holdCommits()
                    try await bank.asProcess("probe") { probe in
                        let probing = Task {
                            while !Task.isCancelled { try await probe.script("insert into probe default values") }
                        }
                        try await bank.untilCommitWaits(in: "probe")
                        gate.open()
                        try await bank.untilCommitWaits(in: "engine")
                        #expect(try await bank.offset(of: "account")?.applied == 0)
                        try await bank.terminate("engine", where: "wait_event = 'SyncRep'")
                        try await bank.releaseCommits()
                        probing.cancel()
                        _ = await probing.result
                    }
                    try await bank.untilApplied("account")
                    // Whoever waits for it is told, although nothing more comes.
                    let head = try await bank.log.frontier().position
                    for await commit in commits where commit.offset.position >= head { break }
                    try await bank.append(Bank.Deposited(amount: 11), to: "1")
                    try await bank.untilApplied("account")
                }
            }
            try await bank.expectAccounts()
        }
    }

    private static let names = ["account", "turnover", "peer", "journal"]

    private func appendSlowly(to bank: Bank) async throws {
        for seed in 2...11 { try await bank.appendRandom(60, seed: UInt64(seed), batch: 2) }
    }

    private func untilAllApplied(_ bank: Bank) async throws {
        for name in Self.names { try await bank.untilApplied(name) }
    }

    private func expectAll(_ bank: Bank) async throws {
        try await bank.expectAccounts()
        try await bank.expectTurnover()
        try await bank.expectPeers()
        try await bank.expect("journal", equals: Journal.recount())
        let applied: Int = try await bank.value("select sum(applied)::bigint from hindsight.offsets")
        let wanted: Int = try await bank.value(
            """
            select sum(case type when 'Deposited' then 3 when 'Withdrawn' then 2 else 1 end)::bigint from hindsight.events
            """)
        #expect(applied == wanted)
    }
}
