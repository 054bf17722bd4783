import ArgumentParser
import Foundation
import Hindsight
import HindsightPostgres

/// Projecting the orders from the beginning to the head.
struct CatchUpBenchmark {
    let server: BenchmarkServer
    let file: String
    private let database = "catch_up"

    /// Emmett's best setting on a machine of this kind: page of 1,000, poll of 1 ms, batch fold.
    private static let emmett = 11_100.0

    func measureOne(pairs: Int) async throws -> [Report] {
        try await prepare()
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let (events, seconds) = try await catchUp([OrderSummary.projection])
            measured.append(Pair(Double(events) / seconds, Self.emmett, load: load))
        }
        return [
            Report(
                name: "catch-up of order_summary", unit: "events/s", pairs: measured,
                baselineName: "Emmett's best (constant)", goal: .atLeast(10))
        ]
    }

    func measureAll(pairs: Int) async throws -> [Report] {
        try await prepare()
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let all = try await catchUp(BenchmarkShop.projections).seconds
            measured.append(Pair(all, try await catchUp([OrderSummary.projection]).seconds, load: load))
        }
        return [
            Report(
                name: "catch-up of all four", unit: "s", pairs: measured, baselineName: "of order_summary alone",
                goal: .atMost(2.5))
        ]
    }

    private func prepare() async throws {
        try await server.createDatabase(database, importing: file)
    }

    private func catchUp(_ projections: [any Projection]) async throws -> (events: Int64, seconds: Double) {
        try await server.withLog(database: database, keep: true) { log, pool in
            try await CatchUp(server: server, log: log, pool: pool).measure(projections)
        }
    }
}

/// Catches up in a process of its own and prints its peak memory in bytes.
struct CatchUpChild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "catch-up-child", shouldDisplay: false)

    @Argument var conninfo: String

    func run() async throws {
        let pool = PostgresPool(configuration: PostgresConfiguration(conninfo), logger: BenchmarkServer.logger)
        let log = PostgresEventLog(pool: pool, logger: BenchmarkServer.logger)
        let engine = ProjectionEngine(
            ProjectionContext(
                log: log, database: pool.configuration, pool: pool, projections: BenchmarkShop.projections,
                logger: BenchmarkServer.logger))
        try await engine.runUntilCaughtUp()
        await pool.close()
        var usage = rusage()
        getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
        // In kilobytes on Linux.
        print(usage.ru_maxrss * 1_024)
    }
}
