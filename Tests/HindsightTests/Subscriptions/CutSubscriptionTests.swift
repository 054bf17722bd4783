import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightValues
import Testing

@Suite("Connections of subscriptions that are cut", .serialized, .timeLimit(.minutes(3)))
struct CutSubscriptionTests {
    @Test(
        "Before a commit, between it and its answer, or anywhere: each event has its effect once (P6, E3)",
        arguments: [1, 5], [CutKind.beforeCommit, .afterCommit, .bytes])
    func exactlyOnce(keysInFlight: Int, kind: CutKind) async throws {
        try await SubscriptionFixture.withTable { fixture in
            let (count, cuts) = (240, 25)
            for number in 1...count {
                try await fixture.append(number...number, to: StreamName(category: "counter", id: number % 8))
            }
            let policy = CutPolicy([kind], bytes: 1...20_000, commits: 1...12, limit: cuts)
            try await CuttingProxy.with(inFrontOf: fixture.fixture.database.conninfo, seed: 7, cutting: policy) {
                proxy in
                var database = PostgresConfiguration(proxy.conninfo)
                database.reconnectBackoff = Backoff(initial: .milliseconds(5), maximum: .milliseconds(50))
                let pool = PostgresPool(configuration: database, maximumConnections: 6, logger: LogFixture.logger)
                var options = SubscriptionOptions(name: "cut")
                options.keysInFlight = keysInFlight
                let subscription = Subscription(
                    log: fixture.log, pool: pool, options: options, logger: LogFixture.logger)
                let write = SubscriptionFixture.write("cut")
                async let run: Void = subscription.runInTransaction { session, event in try write(&session, event) }
                try await Bank.until("the offset has passed all") {
                    try await fixture.offset(of: "cut")?.applied == count
                }
                subscription.drain()
                try await run
                #expect(proxy.cutCount >= 5, "\(proxy.cuts)")
                await pool.close()
            }
            let handled = try await fixture.handled("cut")
            #expect(handled.sorted() == Array(1...count))
            for stream in 0..<8 {
                let own = handled.filter { $0 % 8 == stream }
                #expect(own == own.sorted())
            }
        }
    }
}
