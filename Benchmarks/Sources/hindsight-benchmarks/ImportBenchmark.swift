import Foundation
import Hindsight
import HindsightPostgres

/// The import of a file, by the command, against `COPY` of the same rows into a table with the same indexes.
struct ImportBenchmark {
    let server: BenchmarkServer
    let file: String

    func measure(pairs: Int) async throws -> [Report] {
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            try await server.dropDatabase("import")
            try await server.createDatabase("import")
            try await server.checkpoint()
            let start = ContinuousClock.now
            _ = try await ShopChild.run(["events", "import", file], conninfo: server.conninfo("import"))
            let importTime = (ContinuousClock.now - start).seconds
            let (events, copyTime) = try await server.withLog(database: "import") { _, pool in try await copy(pool) }
            measured.append(Pair(Double(events) / importTime, Double(events) / copyTime, load: load))
        }
        return [
            Report(
                name: "import of the orders", unit: "events/s", pairs: measured,
                baselineName: "COPY, same rows and indexes", goal: .atLeast(0.6))
        ]
    }

    private func copy(_ pool: PostgresPool) async throws -> (events: Int, seconds: Double) {
        let rows = try await pool.withSession { session in
            try session.script("create table plain (like hindsight.events including all)")
            var rows: [[UInt8]] = []
            try session.copyOut("copy (select * from hindsight.events order by position) to stdout (format binary)") {
                rows.append(Array($0))
            }
            return rows
        }
        try await server.checkpoint()
        let start = ContinuousClock.now
        try await pool.withSession { session in
            try session.copyIn("copy plain from stdin (format binary)") { writer in
                for row in rows { try row.withUnsafeBytes { try writer.row(bytes: $0) } }
            }
        }
        return (rows.count, (ContinuousClock.now - start).seconds)
    }
}
