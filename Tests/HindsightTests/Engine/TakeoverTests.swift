import Hindsight
import HindsightPostgres
import Testing

/// A process that hangs is replaced within the time of its lease, whatever it was doing.
@Suite("Taking over from a process that hangs", .serialized, .timeLimit(.minutes(3)))
struct TakeoverTests {
    private static let lease = Duration.seconds(2)
    /// What a takeover may take beside the lease's time. Generous, because machines that run tests are busy.
    private static let bound = Duration.seconds(20)

    private var configuration: EngineConfiguration {
        var configuration = Bank.impatient
        configuration.leaseDuration = Self.lease
        return configuration
    }

    /// A process that has the lease of `account`, has begun to apply a batch, and hangs.
    private func hang(
        _ bank: Bank, idleLimit: String, in pool: PostgresPool
    ) async throws -> (lease: PostgresConnection, work: OpenTransaction) {
        let lease = try await PostgresConnection.connect(bank.viewsDatabase, logger: LogFixture.logger)
        try await lease.withTransaction { session in
            try session.execute(
                """
                select hindsight.take_shard(row(kind, name, version, partition, log)::hindsight.shard, 'hanging',
                    interval '2 s', null, null) from hindsight.offsets where name = 'account'
                """)
        }
        let work = try await OpenTransaction.begin(in: pool)
        try await work.run { session in
            try session.execute(
                """
                select hindsight.work_on(row(kind, name, version, partition, log)::hindsight.shard, \(idleLimit)::interval)
                from hindsight.offsets where name = 'account'
                """)
            try session.execute("update hindsight.account set balance = balance + 1000")
            try session.execute("update hindsight.offsets set position = position where name = 'account'")
        }
        return (lease, work)
    }

    private func expectTakenOver(
        _ bank: Bank, sourceLocation: SourceLocation = #_sourceLocation, after hanging: ContinuousClock.Instant = .now
    ) async throws {
        try await bank.running(bank.engine(Account.projection(), configuration: configuration)) { _ in
            try await bank.untilApplied("account", sourceLocation: sourceLocation)
            #expect(.now - hanging < Self.lease + Self.bound, sourceLocation: sourceLocation)
        }
        try await bank.expectAccounts(sourceLocation: sourceLocation)
    }

    /// An account with a table under its plain name, and events that are not applied yet.
    private func prepare(_ bank: Bank) async throws {
        try await bank.appendRandom(100)
        try await bank.engine(Account.projection()).runUntilCaughtUp()
        try await bank.script("create view hindsight.account as select * from hindsight.account_v1")
        try await bank.appendRandom(100, seed: 2)
    }

    @Test("Within a transaction, with rows and offset locked", arguments: ["2 s", "10 min"])
    func withinTransaction(idleLimit: String) async throws {
        try await Bank.open { bank in
            try await prepare(bank)
            // With a limit of ten minutes the server does nothing, and the successor ends the transaction.
            let (lease, work) = try await hang(bank, idleLimit: idleLimit, in: bank.views)
            try await expectTakenOver(bank)
            // It was ended, and what it had written is gone.
            await #expect(throws: (any Error).self) { try await work.commit() }
            await lease.close()
        }
    }

    @Test("While it is still connected, and outside of a transaction")
    func outsideOfTransaction() async throws {
        try await Bank.open { bank in
            try await prepare(bank)
            let (lease, work) = try await hang(bank, idleLimit: "10 min", in: bank.views)
            try await work.rollBack()
            try await expectTakenOver(bank)
            await lease.close()
        }
    }

    @Test("Where the server's clock was put back, the successor goes by its own")
    func clockPutBack() async throws {
        try await Bank.open { bank in
            try await prepare(bank)
            let (lease, work) = try await hang(bank, idleLimit: "10 min", in: bank.views)
            try await work.rollBack()
            try await bank.script("update hindsight.offsets set leased_until = leased_until + interval '1 hour'")
            try await expectTakenOver(bank)
            await lease.close()
        }
    }

    @Test("A holder that goes on renewing keeps its lease, whatever the server's clock says")
    func clockPutForward() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            try await bank.asProcess("first") { first in
                var holder = configuration
                holder.node = "first"
                try await bank.running(first.engine(Account.projection(), configuration: holder)) { _ in
                    try await bank.untilApplied("account")
                    var other = configuration
                    other.node = "second"
                    try await bank.running(bank.engine(Account.projection(), configuration: other)) { _ in
                        let renewals: Int64 = try await bank.value(
                            "select renewals from hindsight.offsets where name = 'account'")
                        try await Bank.until("the lease is renewed a hundred times") {
                            try await bank.value(
                                "select renewals > \(renewals) + 100 from hindsight.offsets where name = 'account'")
                        }
                        #expect(try await bank.offset(of: "account")?.owner == "first")
                    }
                }
            }
        }
    }

    @Test("Within a swap: readers wait for a second at most, and the rebuild can be taken over")
    func withinSwap() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            // What a swap holds: the lock of the catalog, and the stable name.
            let swap = try await OpenTransaction.begin(in: bank.views)
            try await swap.run { session in
                try session.execute(
                    """
                    select hindsight.work_on(row(kind, name, version, partition, log)::hindsight.shard, interval '1 s')
                    from hindsight.offsets where name = 'account'
                    """)
                try session.execute("select pg_advisory_xact_lock(hashtextextended('hindsight.projections', 0))")
                try session.execute("select from hindsight.offsets where name = 'account' for update")
                try session.execute("create or replace view account as select * from hindsight.account_v1")
            }
            let start = ContinuousClock.now
            let rows: Int = try await bank.value("select count(*) from account")
            #expect(rows > 0)
            #expect(.now - start < Self.bound)
            await #expect(throws: (any Error).self) { try await swap.commit() }
            try await bank.rebuild(Account.projection())
            try await bank.expectAccounts()
        }
    }
}
