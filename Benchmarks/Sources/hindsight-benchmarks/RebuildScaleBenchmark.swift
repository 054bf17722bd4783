import ArgumentParser
import Foundation
import Hindsight
import HindsightPostgres

/// Rebuilding three million rows from thirty million events: as fast as fewer, within the memory bound.
struct RebuildScaleBenchmark {
    let server: BenchmarkServer
    /// The default of ``RebuildOptions/memoryBytes``.
    private let bound = Double(RebuildOptions().memoryBytes)

    func measure(pairs: Int) async throws -> [Report] {
        let small = try await SimulatedLog.prepare(events: 1_000_000, on: server)
        let large = try await SimulatedLog.prepare(events: 30_000_000, on: server)
        var rates: [Pair] = []
        var memory: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let few = try await RebuildChild.run(server.conninfo(small), "order_summary")
            let many = try await RebuildChild.run(server.conninfo(large), "order_summary")
            rates.append(Pair(many.rate, few.rate, load: load))
            memory.append(Pair(many.peakBytes / 1e6, bound / 1e6, load: load))
        }
        try await server.dropDatabase(small)
        try await server.dropDatabase(large)
        return [
            Report(
                name: "rebuild, 30,000,000 events", unit: "events/s", pairs: rates, baselineName: "1,000,000 events",
                goal: .atLeast(0.9)),
            Report(
                name: "peak memory of that rebuild", unit: "MB", pairs: memory, baselineName: "the bound, 512 MiB",
                goal: .atMost(1)),
        ]
    }
}

/// Rebuilds in a process of its own, and prints how fast it was and how much memory it took.
struct RebuildChild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rebuild-child", shouldDisplay: false)

    @Argument var conninfo: String
    @Argument var projection: String
    @Flag var automatic = false

    struct Figures: Codable {
        var rate: Double
        var peakBytes: Double
    }

    func run() async throws {
        let pool = PostgresPool(configuration: PostgresConfiguration(conninfo), logger: BenchmarkServer.logger)
        let rebuilder = ProjectionRebuilder(
            ProjectionContext(
                log: PostgresEventLog(pool: pool, logger: BenchmarkServer.logger), database: pool.configuration,
                pool: pool,
                projections: BenchmarkShop.projections, logger: BenchmarkServer.logger))
        var options = RebuildOptions()
        if automatic { options.throttle = .automatic }
        let report = try await rebuilder.rebuild([projection], options: options)[0]
        await pool.close()
        var usage = rusage()
        getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
        // In kilobytes on Linux.
        let figures = Figures(
            rate: Double(report.eventsApplied) / report.duration.seconds, peakBytes: Double(usage.ru_maxrss) * 1_024)
        print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
    }

    static func run(_ conninfo: String, _ projection: String, automatic: Bool = false) async throws -> Figures {
        let output = try await BenchmarkServer.run(
            BenchmarkServer.executable,
            ["rebuild-child", conninfo, projection] + (automatic ? ["--automatic"] : []))
        return try JSONDecoder().decode(Figures.self, from: Data(output.utf8))
    }
}
