import Hindsight
import HindsightEventCentre
import HindsightNATS
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

            func wait() async throws {
                while !hasCome { try await Task.sleep(for: .milliseconds(10)) }
            }
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

        @Test("SIGTERM before the first connection ends a node in order")
        func terminatedBeforeItsConnection() async throws {
            // It takes the connection, and does not greet.
            try await withScriptedNATSServer(playing: { _ = try await $0.nextIfAny() }) { server in
                let shop = try await ShopProcess.inOwnDatabase()
                let outcome = try await shop.interrupted(["serve", "--nats", server.url], send: .terminate) {
                    try await eventually("it is connecting") { server.connectionCount == 1 }
                }
                #expect(outcome.status == .exited(0), "\(outcome.error)")
                #expect(!outcome.error.contains("error"), "\(outcome.error)")
            }
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

        @Test("A node whose role may not remove receipts says what is to be done, and serves")
        func mayNotRemove() async throws {
            let (url, prefix) = (try await NATSTestServer.shared().url, NATSTestServer.uniqueName("shop"))
            try await ShopFixture.with { fixture in
                let role = "centre_\(UInt64.random(in: 0 ... .max))"
                try await fixture.pool.withSession { session in
                    try session.script(
                        """
                        create role "\(role)" login; set search_path = hindsight; select grant_append('\(role)'::regrole);
                        select grant_read('\(role)'::regrole); grant select, insert, update on receipts to "\(role)"; reset search_path;
                        """)
                }
                let shop = ShopProcess(url: fixture.pool.configuration.conninfo + " user='\(role)'")
                let outcome = try await shop(
                    "serve", "--nats", url, "--prefix", prefix, "--keep-receipts", "30d", send: .terminate,
                    afterError: "this role may not remove receipts")
                #expect(outcome.status == .exited(0), "\(outcome.error)")
                #expect(outcome.error.contains(#"call "hindsight"."grant_centre"(ROLE)"#), "\(outcome.error)")
                for age in ["10s", "0d", "d", "1.5h", "99999999999d"] {
                    #expect(try await shop("serve", "--keep-receipts", age).status == .exited(64), "\(age)")
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

        /// Packs lines while a body runs, from when it says so.
        ///
        /// - Returns: the events of those that were packed, in order.
        private static func packing(
            _ url: String, prefix: String, after start: End, _ body: (EventCentreClient) async throws -> Void
        ) async throws -> [UUID] {
            var configuration = NATSConfiguration()
            configuration.servers = [url]
            return try await NATSClient.withClient(configuration, logger: ShopFixture.logger) { client in
                var centre = EventCentreClient(client, prefix: prefix)
                centre.answerTime = .seconds(1)
                centre.patience = .seconds(120)
                let worker = Task { [centre] in
                    let packed = Packed()
                    do {
                        try await centre.work(on: "pack") { delivery in
                            try await start.wait()
                            packed.add(delivery.event.id)
                            return "packed"
                        }
                    } catch is CancellationError {
                        // Its end.
                    }
                    return packed.events
                }
                defer { worker.cancel() }
                try await body(centre)
                worker.cancel()
                return try await worker.value
            }
        }

        /// The events of lines that were packed.
        private final class Packed: Sendable {
            private let list = Mutex<[UUID]>([])

            var events: [UUID] { list.withLock { $0 } }

            func add(_ event: UUID) { list.withLock { $0.append(event) } }
        }

        @Test(
            "R6 the node that distributes a task is lost before what is done has its receipt: there is one, elsewhere",
            arguments: ["killed", "suspended"])
        func lostDistributor(how: String) async throws {
            let (url, prefix) = (try await NATSTestServer.shared().url, NATSTestServer.uniqueName("shop"))
            try await ShopFixture.with { fixture in
                let arguments = ["serve", "--nats", url, "--prefix", prefix]
                let (isStopped, stands, isNext, isOver) = (End(), End(), End(), End())
                try await withThrowingTaskGroup(of: ShopProcess.Outcome.self) { group in
                    defer { for end in [isStopped, isNext, isOver] { end.come() } }
                    group.addTask {
                        if how == "killed" {
                            defer { stands.come() }
                            return try await fixture.shop.killed(arguments) { try await isStopped.wait() }
                        }
                        return try await fixture.shop.suspended(arguments) {
                            try await isStopped.wait()
                        } until: {
                            stands.come()
                            try await isOver.wait()
                        }
                    }
                    group.addTask {
                        try await isNext.wait()
                        return try await fixture.shop.run(arguments, send: .terminate, killAfter: .seconds(30)) {
                            try await isOver.wait()
                        }
                    }
                    // The task is known from here on.
                    try await Self.untilDistributed(fixture)
                    let buyer = ShopProcess(url: "postgresql:///nowhere?host=/nowhere")
                    let placed = try await buyer.run(Self.place("7", url, prefix: prefix))
                    #expect(placed.status == .exited(0), "\(placed.error)")
                    let start = End()
                    let packed = try await Self.packing(url, prefix: prefix, after: start) { centre in
                        try await Self.holdingReceipts(fixture.pool) {
                            start.come()
                            // That the first line is packed is in the log, and has no receipt.
                            try await fixture.waitForEvents(3)
                            isStopped.come()
                            try await stands.wait()
                            try await Self.forgetSteps(fixture)
                        }
                        isNext.come()
                        // The second line comes behind the first one, from the other node.
                        try await fixture.waitForEvents(4)
                        for event in try await fixture.events().prefix(2) {
                            let deadline = ContinuousClock.now + .seconds(60)
                            while try await centre.state(ofTask: "pack", event: event.id).state != .done {
                                try #require(ContinuousClock.now < deadline)
                                try await Task.sleep(for: .milliseconds(10))
                            }
                        }
                    }
                    let events = try await fixture.events()
                    #expect(packed == events.prefix(2).map(\.id))
                    #expect(
                        events.dropFirst(2).map(\.stream.rawValue)
                            == packed.map { "task-pack.\($0.uuidString.lowercased())" })
                    isOver.come()
                    var outcomes: [ShopProcess.Outcome] = []
                    for try await outcome in group { outcomes.append(outcome) }
                    #expect(
                        outcomes.map(\.status) == [how == "killed" ? .signaled(9) : .exited(0), .exited(0)],
                        "\(outcomes.map(\.error))")
                }
            }
        }

        /// Undoes the step that a process has sent which stands still: otherwise the server takes it.
        private static func forgetSteps(_ fixture: ShopFixture) async throws {
            try await fixture.pool.withSession { session in
                try session.script(
                    """
                    select pg_terminate_backend(pid) from pg_locks
                    where locktype = 'advisory' and not granted and database = (
                        select oid from pg_database where datname = current_database())
                    """)
            }
        }

        @Test("R6 a node stands still between append and receipt: another one answers, and it changes nothing later")
        func suspendedBeforeReceipt() async throws {
            let options = NATSServerOptions.with {
                $0.pingInterval = .seconds(1)
                $0.maxPingsOut = 2
            }
            try await withNATSServer(options) { server in
                try await ShopFixture.with { fixture in
                    let arguments = ["serve", "--nats", server.url]
                    let (isStopped, stands, isOver, isBack) = (End(), End(), End(), End())
                    try await withThrowingTaskGroup(of: ShopProcess.Outcome.self) { group in
                        defer { for end in [isStopped, isOver, isBack] { end.come() } }
                        group.addTask {
                            try await fixture.shop.suspended(arguments) {
                                try await isStopped.wait()
                            } until: {
                                stands.come()
                                try await isOver.wait()
                            } then: {
                                // The server has cut it off meanwhile.
                                while try await server.clients().count < 2, !isBack.hasCome {
                                    try await Task.sleep(for: .milliseconds(10))
                                }
                                isBack.come()
                            }
                        }
                        let buyer = ShopProcess(url: "postgresql:///nowhere?host=/nowhere")
                        let place = Self.place("7", server.url, prefix: "shop")
                        // Otherwise there are no receipts that could be held back.
                        try await Self.untilDistributed(fixture)
                        var order: Task<ShopProcess.Outcome, any Error>?
                        try await Self.holdingReceipts(fixture.pool) {
                            order = Task { try await buyer.run(place) }
                            try await fixture.waitForEvents(2)
                            isStopped.come()
                            try await stands.wait()
                            try await Self.forgetSteps(fixture)
                        }
                        group.addTask {
                            try await fixture.shop.run(arguments, send: .terminate, killAfter: .seconds(30)) {
                                try await isBack.wait()
                            }
                        }
                        let placed = try await #require(order).value
                        #expect(placed.status == .exited(0), "\(placed.error)")
                        let events = try await fixture.events()
                        #expect(events.map(\.stream) == ["order-7", "order-7"])
                        #expect(try placed.json(as: Placed.self).position == events.last?.position)
                        isOver.come()
                        for try await outcome in group { #expect(outcome.status == .exited(0), "\(outcome.error)") }
                        // What the first one went on with has changed nothing.
                        let again = try await fixture.pool.withSession { session in
                            try session.query("select receipt ->> 'position' from hindsight.receipts").map {
                                try $0.decode(0, as: String.self)
                            }
                        }
                        #expect(again == ["\(try placed.json(as: Placed.self).position)"])
                        #expect(try await fixture.events().count == 2)
                    }
                }
            }
        }

        @Test("R6 packers share the lines of orders, each in a process of its own, and end when they are told to")
        func packs() async throws {
            let (url, prefix) = (try await NATSTestServer.shared().url, NATSTestServer.uniqueName("shop"))
            try await ShopFixture.with { fixture in
                try await Self.serving(fixture, url, prefix: prefix, nodes: 2) {
                    try await Self.untilDistributed(fixture)
                    let buyer = ShopProcess(url: "postgresql:///nowhere?host=/nowhere")
                    async let packers = withThrowingTaskGroup(of: ShopProcess.Outcome.self) { group in
                        for _ in 0..<2 {
                            group.addTask {
                                try await buyer.run(
                                    ["pack", "--nats", url, "--prefix", prefix, "--json"], send: .terminate,
                                    killAfter: .seconds(30)
                                ) { try await fixture.waitForEvents(12) }
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    for order in 1...3 {
                        let placed = try await buyer.run(Self.place("\(order)", url, prefix: prefix))
                        #expect(placed.status == .exited(0), "\(placed.error)")
                    }
                    let outcomes = try await packers
                    #expect(outcomes.map(\.status) == [.exited(0), .exited(0)], "\(outcomes.map(\.error))")
                    #expect(outcomes.flatMap(\.lines).count == 6, "\(outcomes.map(\.output))")
                    let done = try await fixture.events().filter { $0.type == "TaskDone" }
                    #expect(Set(done.map(\.stream)).count == 6)
                }
            }
        }

        /// Waits until a node has the lease of the task.
        private static func untilDistributed(_ fixture: ShopFixture) async throws {
            while true {
                do {
                    let isThere = try await fixture.pool.withSession { session in
                        try !session.query(
                            "select from hindsight.offsets where kind = 'subscription' and owner is not null"
                        ).isEmpty
                    }
                    if isThere { return }
                } catch let error as PostgresError where error.sqlState == "42P01" {
                    // The node is about to make the schema.
                }
                try await Task.sleep(for: .milliseconds(10))
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
