import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Subprocess
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The shop takes orders from processes of their own.
@Suite("R6 serve and place", .timeLimit(.minutes(5)))
struct EventCentreTests {
    #if NATS
        /// Whether the nodes are to end.
        private final class End: Sendable {
            private let flag = Atomic(false)

            var hasCome: Bool { flag.load(ordering: .acquiring) }

            func come() { flag.store(true, ordering: .releasing) }
        }

        /// Runs nodes of the shop's centre as processes while a body works; SIGTERM ends them then, with 0.
        private static func serving(
            _ fixture: ShopFixture, _ url: String, prefix: String, nodes: Int = 1, _ body: () async throws -> Void
        ) async throws {
            let end = End()
            var failure: (any Error)?
            try await withThrowingTaskGroup(of: ShopProcess.Outcome.self) { group in
                for _ in 0..<nodes {
                    group.addTask {
                        try await fixture.shop.run(
                            ["serve", "--nats", url, "--prefix", prefix], send: .terminate, killAfter: .seconds(30)
                        ) {
                            while !end.hasCome { try await Task.sleep(for: .milliseconds(10)) }
                        }
                    }
                }
                do {
                    try await body()
                } catch {
                    failure = error
                }
                end.come()
                for try await outcome in group { #expect(outcome.status == .exited(0), "\(outcome.error)") }
            }
            if let failure { throw failure }
        }

        private static func place(_ order: String, _ url: String, prefix: String, id: UUID = UUID()) -> [String] {
            [
                "place", order, "--line", "20001:2:4.95", "--line", "20002:1:12.50", "--country", "EIRE", "--nats", url,
                "--prefix", prefix, "--id", id.uuidString, "--json",
            ]
        }

        private struct Placed: Codable, Hashable {
            var order: String
            var command: String
            var position: Int64
            var version: Int64
        }

        /// Holds the storing of receipts back until a body returns.
        private static func holdingReceipts(_ pool: PostgresPool, _ body: () async throws -> Void) async throws {
            let key: Int64 = 7_415_926
            let connection = try await PostgresConnection.connect(pool.configuration, logger: ShopFixture.logger)
            do {
                try await connection.withSession { session in
                    try session.script(
                        """
                        select pg_advisory_lock(\(key));
                        create function hold() returns trigger language plpgsql as $$
                        begin perform pg_advisory_xact_lock_shared(\(key)); return new; end $$;
                        create trigger hold before update on hindsight.receipts for each row when (new.receipt is not null)
                        execute function hold();
                        """)
                }
                try await body()
            } catch {
                await connection.close()
                throw error
            }
            // Its lock ends with it.
            await connection.close()
        }

        @Test("R6 a process without a database places an order; with the same id it gets the same receipt")
        func places() async throws {
            let (url, prefix) = (try await NATSTestServer.shared().url, NATSTestServer.uniqueName("shop"))
            try await ShopFixture.with { fixture in
                try await Self.serving(fixture, url, prefix: prefix, nodes: 2) {
                    let buyer = ShopProcess(url: "postgresql:///nowhere?host=/nowhere")
                    let id = UUID()
                    let first = try await buyer.run(Self.place("7", url, prefix: prefix, id: id))
                    #expect(first.status == .exited(0), "\(first.error)")
                    let placed = try first.json(as: Placed.self)
                    #expect(placed.version == 1)
                    let second = try await buyer.run(Self.place("7", url, prefix: prefix, id: id))
                    #expect(try second.json(as: Placed.self) == placed)
                    let other = try await buyer.run(Self.place("7", url, prefix: prefix))
                    #expect(other.status == .exited(1))
                    #expect(other.error.contains("order 7 is placed already"))
                    let events = try await fixture.events()
                    #expect(events.map(\.stream) == ["order-7", "order-7"])
                    #expect(events.last?.position == placed.position)
                }
            }
        }

        @Test("A role that may append and read takes orders once it has what grant_centre gives")
        func role() async throws {
            let (url, prefix) = (try await NATSTestServer.shared().url, NATSTestServer.uniqueName("shop"))
            try await ShopFixture.with { fixture in
                let role = "centre_\(UInt64.random(in: 0 ... .max))"
                try await fixture.pool.withSession { session in
                    try session.script(
                        """
                        create role "\(role)" login; set search_path = hindsight; select grant_append('\(role)'::regrole);
                        select grant_read('\(role)'::regrole); reset search_path;
                        """)
                }
                let node = ShopFixture(
                    shop: ShopProcess(url: fixture.pool.configuration.conninfo + " user='\(role)'"), pool: fixture.pool,
                    log: fixture.log)
                try await Self.serving(node, url, prefix: prefix) {
                    let buyer = ShopProcess(url: "postgresql:///nowhere?host=/nowhere")
                    let id = UUID()
                    let denied = try await buyer.run(Self.place("7", url, prefix: prefix, id: id))
                    #expect(denied.status == .exited(1))
                    #expect(denied.error.contains("failed"), "\(denied.error)")
                    #expect(try await fixture.events().isEmpty)
                    try await fixture.pool.withSession { session in
                        try session.script(
                            "set search_path = hindsight; select grant_centre('\(role)'::regrole); reset search_path")
                    }
                    let placed = try await buyer.run(Self.place("7", url, prefix: prefix, id: id))
                    #expect(placed.status == .exited(0), "\(placed.error)")
                    #expect(try await fixture.events().count == 2)
                }
                try await fixture.pool.withSession { session in
                    try session.script("drop owned by \"\(role)\"; drop role \"\(role)\"")
                }
            }
        }

        @Test(
            "R6 a node is killed between append and receipt: the order is placed once, and gets its receipt elsewhere")
        func killedBeforeReceipt() async throws {
            let (url, prefix) = (try await NATSTestServer.shared().url, NATSTestServer.uniqueName("shop"))
            try await ShopFixture.with { fixture in
                let buyer = ShopProcess(url: "postgresql:///nowhere?host=/nowhere")
                let order = Task { try await buyer.run(Self.place("7", url, prefix: prefix)) }
                try await Self.holdingReceipts(fixture.pool) {
                    let outcome = try await fixture.shop.killed(["serve", "--nats", url, "--prefix", prefix]) {
                        // Appended, and no receipt yet.
                        try await fixture.waitForEvents(2)
                    }
                    #expect(outcome.status == .signaled(9))
                }
                try await Self.serving(fixture, url, prefix: prefix) {
                    let outcome = try await order.value
                    #expect(outcome.status == .exited(0), "\(outcome.error)")
                    let events = try await fixture.events()
                    #expect(events.map(\.stream) == ["order-7", "order-7"])
                    #expect(try outcome.json(as: Placed.self).position == events.last?.position)
                }
            }
        }

        @Test("R6 the receipt is lost on its way: the process that placed the order asks for the state, and has it")
        func lostReceipt() async throws {
            let server = try await NATSTestServer.shared()
            let prefix = NATSTestServer.uniqueName("shop")
            try await ShopFixture.with { fixture in
                try await TCPProxy.with(to: server.port) { proxy in
                    try await Self.serving(fixture, server.url, prefix: prefix) {
                        let buyer = ShopProcess(url: "postgresql:///nowhere?host=/nowhere")
                        let place = Self.place("7", "nats://127.0.0.1:\(proxy.port)", prefix: prefix)
                        let order = Task { try await buyer.run(place) }
                        try await Self.holdingReceipts(fixture.pool) {
                            try await fixture.waitForEvents(2)
                            // Nobody is there for the answer.
                            proxy.refuse()
                        }
                        while try await fixture.pool.withSession({ session in
                            try session.query("select from hindsight.receipts where receipt is not null").isEmpty
                        }) { try await Task.sleep(for: .milliseconds(5)) }
                        proxy.mend()
                        let outcome = try await order.value
                        #expect(outcome.status == .exited(0), "\(outcome.error)")
                        #expect(try outcome.json(as: Placed.self).version == 1)
                        #expect(try await fixture.events().count == 2)
                    }
                }
            }
        }
    #else
        @Test(
            "Without the trait, serve and place say which one is missing",
            arguments: [
                ["serve"], ["place", "7", "--line", "20001:2:4.95", "--country", "EIRE"],
            ])
        func withoutTrait(_ arguments: [String]) async throws {
            let outcome = try await ShopProcess.inOwnDatabase().run(arguments)
            #expect(outcome.status == .exited(1))
            #expect(outcome.error.contains("the trait NATS"))
        }
    #endif
}
