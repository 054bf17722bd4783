import Foundation
import Hindsight
import HindsightPostgres

/// What live traffic notices of a rebuild that yields to it, and how fast that rebuild still is.
struct RebuildThrottleBenchmark {
    let server: BenchmarkServer
    let file: String
    private let database = "throttle"

    func measure(pairs: Int) async throws -> [Report] {
        try await server.createDatabase(database)
        let conninfo = server.conninfo(database)
        _ = try await ShopChild.run(["events", "import", file], conninfo: conninfo)
        _ = try await ShopChild.run(["run", "--until-caught-up"], conninfo: conninfo)
        return try await server.withLog(database: database, keep: true) { log, pool in
            try await pool.withSession { session in try session.script("vacuum analyze hindsight.events") }
            let engine = ProjectionEngine(
                ProjectionContext(
                    log: log, database: pool.configuration, pool: pool, projections: BenchmarkShop.projections,
                    logger: BenchmarkServer.logger))
            let observer = try await PostgresConnection.connect(pool.configuration, logger: BenchmarkServer.logger)
            let measured = try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await engine.run() }
                let traffic = LiveTraffic(log: log, observer: observer)
                _ = try await traffic.visible { $0 < 100 }  // warms up
                var measured: [(quiet: Double, busy: Double, full: Double, held: Double, load: Double)] = []
                for _ in 0..<pairs {
                    let load = Pair.systemLoad()
                    // The engine has nothing to do while this one runs: nobody appends.
                    let full = try await RebuildChild.run(conninfo, "customer_value").rate
                    let quiet = try await traffic.visible { $0 < 300 }
                    let rebuild = RebuildInBackground(conninfo)
                    let busy = try await traffic.visible { _ in !rebuild.hasEnded }
                    let held = try await rebuild.rate()
                    measured.append((percentile(quiet, 0.99), percentile(busy, 0.99), full, held, load))
                }
                tasks.cancelAll()
                return measured
            }
            await observer.close()
            return [
                Report(
                    name: "append to visible, p99, rebuild beside", unit: "ms",
                    pairs: measured.map { Pair($0.busy, $0.quiet, load: $0.load) }, baselineName: "without a rebuild",
                    goal: .atMost(2)),
                Report(
                    name: "rebuild that yields", unit: "events/s",
                    pairs: measured.map { Pair($0.held, $0.full, load: $0.load) },
                    baselineName: "unthrottled, nobody appends", goal: .atLeast(0.25)),
            ]
        }
    }
}

/// A rebuild with automatic throttle in a process of its own.
private final class RebuildInBackground: Sendable {
    private let task: Task<RebuildChild.Figures, any Error>
    private let flag = Flag()

    private final class Flag: @unchecked Sendable {
        private let lock = NSLock()
        private var isSet = false
        var value: Bool { lock.withLock { isSet } }
        func set() { lock.withLock { isSet = true } }
    }

    init(_ conninfo: String) {
        let flag = flag
        task = Task {
            defer { flag.set() }
            return try await RebuildChild.run(conninfo, "customer_value", automatic: true)
        }
    }

    var hasEnded: Bool { flag.value }

    func rate() async throws -> Double { try await task.value.rate }
}

/// Appends fifty events a second and looks when each is visible.
private struct LiveTraffic {
    let log: PostgresEventLog
    let observer: PostgresConnection

    /// Milliseconds from the return of the append to the row, for as many events as `goesOn` says.
    func visible(while goesOn: (Int) -> Bool) async throws -> [Double] {
        var times: [Double] = []
        while goesOn(times.count) {
            try await Task.sleep(for: .milliseconds(20))
            let event = NewEvent(type: "OrderLinePlaced", data: AppendBenchmark.data)
            let order = event.id.uuidString
            try await log.append(event, to: StreamName(category: "order", id: order))
            let appended = ContinuousClock.now
            try await observer.withSession { session in
                while try session.query("select from order_summary where order_id = \(order)").isEmpty { usleep(100) }
            }
            times.append((ContinuousClock.now - appended).seconds * 1_000)
        }
        return times
    }
}
