import Hindsight
import HindsightPostgres
import Testing

/// This program on a database that a program of the first release has filled.
@Suite("Upgrading", .serialized, .timeLimit(.minutes(3)))
struct UpgradeTests {
    private func migrator(_ bank: Bank, _ parts: Set<SchemaPart> = [.log, .engine]) -> Migrator {
        Migrator(pool: bank.views, parts: parts, logger: LogFixture.logger)
    }

    @Test func theDatabaseGetsWhatItLacks() async throws {
        try await ReleasedDatabase.open { bank in
            let names = Migration.all.map(\.name)
            let before = try await migrator(bank).status()
            #expect(before.filter(\.isApplied).map(\.name) == Array(names.prefix(6)))
            #expect(try await migrator(bank).migrate() == Migration.all.dropFirst(6).namesAsApplied)
            #expect(try await migrator(bank).migrate().isEmpty)
        }
    }

    @Test func oneOfItsPartsCanBeBroughtUpToDateBeforeTheOther() async throws {
        try await ReleasedDatabase.open { bank in
            let later = Migration.all.dropFirst(6)
            let ofLog = later.filter { $0.parts.contains(.log) }
            let others = later.filter { !$0.parts.contains(.log) }
            let first = try await migrator(bank, [.log]).migrate()
            #expect(first == ofLog.namesAsApplied)
            let second = try await migrator(bank).migrate()
            #expect(second == others.namesAsApplied)
        }
    }

    @Test func projectionsGoOnFromTheirOffsets() async throws {
        try await ReleasedDatabase.open { bank in
            try await migrator(bank).migrate()
            let folded = Recorder<Int64>()
            let accounts = Account.projection { folded.note($1.position) }
            try await bank.running(bank.engine(accounts, Turnover.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                try await bank.untilApplied("turnover")
                try await bank.appendRandom(50, seed: 7)
                try await bank.untilApplied("account")
                try await bank.untilApplied("turnover")
                // What is kept of turnover is kept up to date as well.
                try await Bank.until("the kept rows are up to date") {
                    let head = try await bank.log.frontier().position
                    return try await bank.offset(of: "turnover", kind: "kept")?.position ?? 0 >= head
                }
            }
            #expect(folded.all.allSatisfy { $0 > ReleasedDatabase.applied } && !folded.all.isEmpty)
            try await bank.expectAccounts()
            try await bank.expectTurnover()
            try await bank.expect("hindsight.turnover_v1", equals: Turnover.recount)
            try await bank.expectApplied("turnover", ["Deposited", "Withdrawn"])
            try await bank.expectApplied("turnover", kind: "kept", ["Deposited", "Withdrawn"])
        }
    }

    @Test func aRebuildGoesOnFromItsCheckpoint() async throws {
        try await ReleasedDatabase.open { bank in
            try await migrator(bank).migrate()
            let folded = Recorder<Int64>()
            let report = try await bank.rebuild(
                Account.projection(version: 2, factor: 2) { folded.note($1.position) })
            #expect(report.outcome == .swapped)
            #expect(folded.all.allSatisfy { $0 > ReleasedDatabase.rebuilt } && !folded.all.isEmpty)
            try await bank.expect("account", equals: Doubled.recount)
            try await bank.expectApplied("account", version: 2, ["Deposited", "Withdrawn", "Closed"])
        }
    }

    /// Whether the sums of what was applied hold for the projection's position.
    private func isProvable(_ name: String, version: Int = 1, _ bank: Bank) async throws -> Bool {
        try await bank.value(
            """
            select summed_through = position from hindsight.offsets
            where kind = 'projection' and name = \(name) and version = \(Int32(version))
            """)
    }

    @Test func whatWasAppliedIsUnknownUntilItIsRebuilt() async throws {
        try await ReleasedDatabase.open { bank in
            try await migrator(bank).migrate()
            #expect(try await !isProvable("account", bank))
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            #expect(try await !isProvable("account", bank))
            try await bank.rebuild(Account.projection())
            #expect(try await isProvable("account", bank))
            let exact: Bool = try await bank.value(
                """
                select position_sum = (select sum(position) from hindsight.events
                    where type in ('Deposited', 'Withdrawn', 'Closed') and position <= o.position)
                from hindsight.offsets o where kind = 'projection' and name = 'account' and version = 1
                """)
            #expect(exact)
        }
    }

    @Test func aProcessOfTheReleaseBeforeMovesAnOffsetBesideThisOne() async throws {
        try await ReleasedDatabase.open { bank in
            try await migrator(bank).migrate()
            try await bank.rebuild(Account.projection())
            // The statements of the release before, by the functions that it knows.
            let moved: Int64 = try await bank.views.withTransaction { session in
                let key: SQL = "kind, name, version, partition, log"
                let this: SQL = "from hindsight.offsets where kind = 'projection' and name = 'account' and version = 1"
                let epoch = try session.query(
                    "select hindsight.take_lease(\(sql: key), 'old', interval '1 s') \(sql: this)")[0]
                    .decode(0, as: Int64?.self)
                let held = try #require(epoch)
                try session.execute(
                    """
                    select hindsight.advance(\(sql: key), \(held), position, position + 1, gen_random_uuid(), 1, 0,
                        interval '1 s') \(sql: this)
                    """)
                #expect(
                    try session.query(
                        "select hindsight.renew_lease(\(sql: key), \(held), interval '1 s') \(sql: this)")[0]
                        .decode(0, as: Bool.self))
                try session.execute("select hindsight.release_lease(\(sql: key), \(held)) \(sql: this)")
                return try session.query("select position \(sql: this)")[0].decode(0)
            }
            #expect(moved > 0)
            #expect(try await !isProvable("account", bank))
        }
    }

    @Test func whatWasKeptCanBeShownAgain() async throws {
        try await ReleasedDatabase.open { bank in
            try await migrator(bank).migrate()
            let shown = try await bank.administration(Turnover.projection()).rollBack("turnover")
            #expect(shown.table == "turnover_v1")
            try await bank.engine(Turnover.projection()).runUntilCaughtUp()
            try await bank.expectTurnover()
        }
    }

    @Test func aSubscriptionGoesOnFromItsOffset() async throws {
        try await ReleasedDatabase.open { bank in
            try await migrator(bank).migrate()
            let numbers = SubscriptionFixture(fixture: bank.fixture)
            let left = try await bank.fixture.storedCount() - 25
            let before = try await bank.administration().subscriptions().first { $0.name == "letters" }
            #expect(before?.filter == nil && before?.state == .unread && before?.handled == 25)
            #expect(before?.lag.events == Int64(left))
            var options = SubscriptionOptions()
            options.name = "letters"
            let subscription = numbers.subscription(options)
            let positions = Recorder<Int64>()
            try await subscription.run { event in
                positions.note(event.position)
                if positions.count == left { subscription.stop() }
            }
            #expect(
                positions.all.allSatisfy { $0 > ReleasedDatabase.handled } && positions.all == positions.all.sorted())
            #expect(try await numbers.offset(of: "letters")?.applied == left + 25)
            let after = try await bank.administration().subscriptions().first { $0.name == "letters" }
            #expect(after?.filter == .all && after?.lag.events == 0)
        }
    }
}
