import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

@Suite("Connections that are cut", .serialized, .timeLimit(.minutes(5)))
struct CutConnectionTests {
    private static let wanted = [
        "account": ["Deposited", "Withdrawn", "Closed"], "turnover": ["Deposited", "Withdrawn"],
        "peer": ["Transferred"], "journal": ["Deposited"], "passbook": Passbook.types,
    ]
    private static let cuts = 175
    private static let projections: [any Projection] = [
        Account.projection(), Turnover.projection(), Peer.projection(), Journal.projection(), Passbook.projection(),
    ]

    @Test(
        "175 cuts, while idle, amid answers, before and after commits, in an engine and in rebuilds: every sum is exact"
    )
    func exact() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(1_500)
            try await CuttingProxy.with(inFrontOf: bank.viewsDatabase.conninfo, seed: 13) { proxy in
                try await bank.behind(proxy).asProcess("cut") { process in
                    try await bank.running(engine(process)) { _ in
                        try await cutIdle(proxy, bank)
                        try await withAppends(to: bank) {
                            try await cutWorking(proxy)
                            try await cutRebuilding(proxy, process)
                        }
                        try await untilAllApplied(bank)
                    }
                }
                #expect(proxy.cutCount == Self.cuts)
                for kind in CutKind.allCases { #expect(proxy.cuts[kind, default: 0] >= 10, "\(proxy.cuts)") }
            }
            try await expectAll(bank)
        }
    }

    /// Nothing is under way but the waiting for something new.
    private func cutIdle(_ proxy: CuttingProxy, _ bank: Bank) async throws {
        for amount in 1...8 {
            try await bank.append(Bank.Deposited(amount: amount), Bank.Transferred(to: "2", amount: 1), to: "1")
            try await untilAllApplied(bank)
            let before = proxy.cutCount
            proxy.cutAll()
            try await Bank.until("the connections are cut") { proxy.cutCount > before }
        }
    }

    private func cutWorking(_ proxy: CuttingProxy) async throws {
        let limit = 130
        proxy.setPolicy(
            CutPolicy([.bytes, .beforeCommit, .afterCommit], bytes: 1...40_000, commits: 1...6, limit: limit))
        // Those that were opened before keep to nothing.
        proxy.cutAll()
        try await Bank.until("\(limit) cuts") { proxy.cutCount >= limit }
    }

    /// Mostly in the middle of what the readers of a rebuild get. The engine goes on beside it, and is cut as well.
    private func cutRebuilding(_ proxy: CuttingProxy, _ process: Bank) async throws {
        proxy.setPolicy(
            CutPolicy(
                [.copyData, .copyData, .copyData, .beforeCommit, .afterCommit], bytes: 1...30_000, commits: 1...4,
                limit: Self.cuts))
        proxy.cutAll()
        let rebuilder = ProjectionRebuilder(
            ProjectionContext(
                log: process.log, database: process.viewsDatabase, pool: process.views, projections: Self.projections,
                events: Bank.registry, configuration: Bank.impatient, logger: LogFixture.logger))
        repeat {
            let reports = try await rebuilder.rebuild(Self.projections.map(\.name), options: Bank.eager)
            #expect(reports.map(\.outcome) == Self.projections.map { _ in .swapped })
        } while proxy.cutCount < Self.cuts
    }

    private func engine(_ process: Bank) -> ProjectionEngine {
        ProjectionEngine(
            ProjectionContext(
                log: process.log, database: process.viewsDatabase, pool: process.views, projections: Self.projections,
                events: Bank.registry, configuration: Bank.small, logger: LogFixture.logger))
    }

    /// Events are appended all the while, no faster than they are applied.
    private func withAppends(to bank: Bank, _ body: () async throws -> Void) async throws {
        let end = Gate()
        async let appends: Void = {
            var seed: UInt64 = 100
            while !end.isOpen {
                seed += 1
                try await bank.appendRandom(10, seed: seed, batch: 2)
                try await bank.untilApplied("account")
            }
        }()
        do {
            try await body()
            end.open()
        } catch {
            end.open()
            throw error
        }
        try await appends
    }

    private func untilAllApplied(_ bank: Bank) async throws {
        for name in Self.wanted.keys { try await bank.untilApplied(name) }
    }

    private func expectAll(_ bank: Bank) async throws {
        try await bank.expectAccounts()
        try await bank.expectTurnover()
        try await bank.expectPeers()
        try await bank.expect("journal", equals: Journal.recount())
        try await bank.expectPassbooks()
        for (name, types) in Self.wanted { try await bank.expectProven(name, types) }
    }
}

extension Bank {
    /// The same bank, reached by way of a proxy, with little patience between two attempts to connect.
    fileprivate func behind(_ proxy: CuttingProxy) -> Bank {
        var database = viewsDatabase
        database.conninfo = proxy.conninfo
        database.reconnectBackoff = Backoff(initial: .milliseconds(5), maximum: .milliseconds(100))
        return Bank(fixture: fixture, views: views, viewsDatabase: database)
    }
}
