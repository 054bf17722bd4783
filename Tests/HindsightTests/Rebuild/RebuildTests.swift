import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("Rebuilding", .serialized, .timeLimit(.minutes(4)))
struct RebuildTests {
    private static let types = [
        "account": ["Deposited", "Withdrawn", "Closed"], "turnover": ["Deposited", "Withdrawn"],
        "peer": ["Transferred"],
    ]

    private func expectAll(_ bank: Bank, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await bank.expectAccounts(sourceLocation: sourceLocation)
        try await bank.expectTurnover(sourceLocation: sourceLocation)
        try await bank.expectPeers(sourceLocation: sourceLocation)
        for (name, types) in Self.types {
            try await bank.expectApplied(name, types, sourceLocation: sourceLocation)
        }
    }

    @Test("Under appends, one of them in flight since before it began, the new rows are what a recount says")
    func underAppends() async throws {
        try await Bank.open { bank in
            try await bank.fill(70_000)
            try await bank.append(Bank.Deposited(amount: 1_313), to: "901")
            let gate = Gate()
            defer { gate.open() }
            try await bank.running(bank.engine(Account.projection(), Turnover.projection(), Peer.projection())) { _ in
                for name in Self.types.keys { try await bank.untilApplied(name) }
                let shown = try await bank.shownTable("account")
                let inFlight = try await OpenTransaction.begin(in: bank.views)
                let log = bank.log
                let held = try await inFlight.run { session in
                    try log.append(
                        [Bank.registry.encode(Bank.Deposited(amount: 17))],
                        to: StreamName(category: "account", id: "900"), in: &session)
                }
                let rebuilder = bank.rebuilder(
                    Account.projection { event, _ in if event.amount == 1_313 { gate.pass() } }, Turnover.projection(),
                    Peer.projection())
                async let reports = rebuilder.rebuild(["account", "turnover", "peer"], options: Bank.eager)
                try await gate.untilReached()
                // Behind the append in flight, so that nobody sees them yet.
                try await bank.appendRandom(300, seed: 7, batch: 9)
                #expect(try await bank.log.frontier().position < held.position)
                try await inFlight.commit()
                try await bank.appendRandom(300, seed: 8, batch: 1)
                gate.open()
                try await bank.appendRandom(1_000, seed: 9, batch: 3)
                let done = try await reports
                #expect(done.map(\.name) == ["account", "turnover", "peer"])
                #expect(done.allSatisfy { $0.outcome == .swapped && $0.offset > held.position })
                #expect(try await bank.shownTable("account") != shown)

                for name in Self.types.keys { try await bank.untilApplied(name) }
                try await expectAll(bank)
                // The engine goes on with the new tables.
                try await bank.appendRandom(300, seed: 10, batch: 5)
                for name in Self.types.keys { try await bank.untilApplied(name) }
                try await expectAll(bank)
            }
        }
    }

    @Test("Rows that are deleted and come back, ranges apart and checkpoints apart, are as if folded one by one")
    func comingAndGoing() async throws {
        try await Bank.open { bank in
            for round in 0..<12 {
                for account in 0..<6 {
                    // Each account is opened, changed, closed or left alone in another rhythm.
                    let events: [any Event]? =
                        switch (round + account) % (account + 2) {
                        case 0: [Bank.Deposited(amount: round + 1)]
                        case 1: [Bank.Closed()]
                        case 2: [Bank.Deposited(amount: 1), Bank.Closed(), Bank.Deposited(amount: 7)]
                        case 3: [Bank.Withdrawn(amount: 2), Bank.Closed()]
                        default: nil
                        }
                    for event in events ?? [] { try await bank.append(event, to: "\(account)") }
                }
                let last = try await bank.log.frontier().position
                try await bank.fixture.drawPositions(through: last + max(16_384, last))
            }
            var options = Bank.eager
            options.throttle = .eventsPerSecond(100)
            try await bank.rebuilder(Account.projection()).rebuild(["account"], options: options)
            try await bank.expectAccounts()
        }
    }

    @Test("An interrupted rebuild goes on from its checkpoint, rows that were deleted since included")
    func interrupted() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 40)
            var checkpoints: [Int64] = []
            while checkpoints.count < 3 {
                try await bank.interrupting(Account.projection(), options: Bank.slow) {
                    try await Bank.until("a checkpoint beyond the last one") {
                        try await bank.rebuildStatus(of: Account.projection())?.checkpoint ?? 0 > checkpoints.last ?? 0
                    }
                }
                let status = try #require(try await bank.rebuildStatus(of: Account.projection()))
                #expect(status.checkpoint > checkpoints.last ?? 0)
                #expect(try await bank.value("select to_regclass('account') is null"), "nothing half done is visible")
                checkpoints.append(status.checkpoint)
            }
            let first = Recorder<Int64>()
            let report = try await bank.rebuild(Account.projection { first.note($1.position) })
            #expect(report.outcome == .swapped)
            #expect(try #require(first.all.min()) > (try #require(checkpoints.last)), "it does not begin again")
            try await bank.expectAccounts()
        }
    }

    @Test("Rows are counted as the view has them")
    func rowCount() async throws {
        try await Bank.open { bank in
            for account in 0..<30 { try await bank.append(Bank.Deposited(amount: 1), to: "\(account)") }
            for account in 0..<10 { try await bank.append(Bank.Closed(), to: "\(account)") }
            let report = try await bank.rebuild(Account.projection())
            #expect(report.rows == 20)
            #expect(report.eventsApplied == 40)
            #expect(report.version == 1 && report.comparison == nil)
        }
    }

    @Test("An empty log, and one without any wanted event, have an empty view")
    func nothingToFold() async throws {
        try await Bank.open { bank in
            #expect(try await bank.rebuild(Account.projection()).outcome == .swapped)
            try await bank.expectAccounts()
            try await bank.appendNoise(300)
            let report = try await bank.rebuild(Account.projection())
            #expect(report.rows == 0 && report.eventsApplied == 0)
            #expect(report.offset == (try await bank.log.frontier().position))
            try await bank.expectAccounts()
        }
    }

    @Test("An older shape of an event is upcast, whatever name it was stored under")
    func upcaster() async throws {
        struct PaidIn: Event {
            var pounds: Int
        }
        var registry = Bank.registry
        registry.upcast(from: PaidIn.self, to: Bank.Deposited.self) { Bank.Deposited(amount: $0.pounds * 100) }
        try await Bank.open { bank in
            for amount in 1...20 {
                try await bank.append(Bank.Deposited(amount: amount), to: "\(amount % 3)")
                try await bank.log.append(
                    [registry.encode(PaidIn(pounds: amount))],
                    to: StreamName(category: "account", id: "\(amount % 3)"), expected: .any)
            }
            let reports = try await bank.rebuilder(Account.projection(), registry: registry)
                .rebuild(["account"], options: Bank.eager)
            #expect(reports.first?.eventsApplied == 40)
            let rows = try await Views(pool: bank.views).fetch(Account.query)
            #expect(rows.map(\.entries).reduce(0, +) == 40)
            #expect(rows.map(\.balance).reduce(0, +) == 210 * 101)
        }
    }

    @Test("Keys of two columns, keys of several rows, null columns and indexes are as the engine makes them")
    func shapes() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 25)
            try await bank.engine(Turnover.projection(), Peer.projection()).runUntilCaughtUp()
            let indexes = """
                select string_agg(regexp_replace(indexdef, ' INDEX .* ON .* USING', ' on'), '; ' order by indexdef)
                from pg_indexes where schemaname = 'hindsight' and tablename = 
                """
            let old = try #require(try await bank.shownTable("turnover"))
            let before: String = try await bank.value("\(unsafeSQL: indexes)\(old)")
            try await bank.rebuilder(Turnover.projection(), Peer.projection())
                .rebuild(["turnover", "peer"], options: Bank.slow)
            try await bank.expectTurnover()
            try await bank.expectPeers()
            let new = try #require(try await bank.shownTable("turnover"))
            #expect(new != old)
            #expect(try await bank.value("\(unsafeSQL: indexes)\(new)") == before)
            // The engine compares the table with the declaration.
            try await bank.appendRandom(100, seed: 3)
            try await bank.engine(Turnover.projection(), Peer.projection()).runUntilCaughtUp()
            try await bank.expectTurnover()
            try await bank.expectPeers()
        }
    }

    @Test("Every type of column makes the round trip, null included, and is read back after an interruption")
    func columnTypes() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), Bank.Deposited(amount: 2), to: "1")
            let projection = AllColumns.projection
            try await bank.rebuild(projection)
            try await bank.engine(projection).runUntilCaughtUp()
            try await AllColumns.expectRoundTrip(in: bank)
        }
    }

    @Test("Keys that are one text in two spellings are two rows, across checkpoints and interruptions")
    func spellings() async throws {
        try await Bank.open { bank in
            for round in 0..<12 {
                for account in ["Jos\u{e9}", "Jose\u{301}", "Jos\u{e9}"] {
                    try await bank.append(Bank.Deposited(amount: round + 1), to: account)
                }
                let last = try await bank.log.frontier().position
                try await bank.fixture.drawPositions(through: last + max(16_384, last))
            }
            var options = Bank.eager
            options.throttle = .eventsPerSecond(40)
            try await bank.interrupting(Account.projection(), options: options) {
                try await Bank.until("a checkpoint") {
                    try await bank.rebuildStatus(of: Account.projection())?.checkpoint ?? 0 > 0
                }
            }
            try await bank.rebuild(Account.projection())
            try await bank.expectAccounts()
            #expect(try await Views(pool: bank.views).count(Account.query) == 2)
        }
    }

    @Test("Starting over gives up what an unfinished rebuild has done")
    func restart() async throws {
        try await Bank.open { bank in
            try await bank.appendSparse(batches: 30)
            try await bank.interrupting(Account.projection(), options: Bank.slow) {
                try await Bank.until("a checkpoint") {
                    try await bank.rebuildStatus(of: Account.projection())?.checkpoint ?? 0 > 0
                }
            }
            let first = Recorder<Int64>()
            let projection = Account.projection { first.note($1.position) }
            let report = try await bank.rebuild(projection) { $0.restarts = true }
            #expect(report.outcome == .swapped)
            let all: Int = try await bank.value("select count(*) from hindsight.events where type = 'Deposited'")
            #expect(first.count == all)
            try await bank.expectAccounts()
        }
    }
}
