import Foundation
import Hindsight
import HindsightPostgres

/// Appending one event a call, against `pgbench -M prepared` inserting the same row into the same table with the same indexes.
struct AppendBenchmark {
    let server: BenchmarkServer
    let clients: Int
    private let seconds = 3

    static let data = Array(
        """
        {"sku":"85123A","description":"WHITE HANGING HEART T-LIGHT HOLDER","quantity":6,"unitPrice":"2.55",\
        "customer":"17850","country":"United Kingdom"}
        """.utf8)

    init(server: BenchmarkServer, clients: Int) {
        self.server = server
        self.clients = clients
    }

    func measure(pairs: Int) async throws -> [Report] {
        let database = "append_\(clients)"
        return try await server.withLog(database: database) { log, pool in
            try await pool.withSession { session in
                try session.script(
                    """
                    create table plain (like hindsight.events including all);
                    create sequence plain_positions;
                    """)
            }
            var measured: [Pair] = []
            for _ in 0..<pairs {
                let load = Pair.systemLoad()
                try await server.checkpoint()
                let figure = try await appendRate(log)
                try await server.checkpoint()
                measured.append(Pair(figure, try await pgbenchRate(database), load: load))
            }
            return [
                Report(
                    name: clients == 1 ? "one appender" : "\(clients) concurrent appenders", unit: "events/s",
                    pairs: measured, baselineName: "pgbench -M prepared -c \(clients)",
                    goal: .atLeast(clients == 1 ? 0.8 : 2))
            ]
        }
    }

    private func appendRate(_ log: PostgresEventLog) async throws -> Double {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for _ in 0..<clients {
                tasks.addTask {
                    var count = 0
                    while .now < end {
                        let event = NewEvent(type: "OrderLinePlaced", data: Self.data)
                        try await log.append(event, to: StreamName(category: "order", id: event.id.uuidString))
                        count += 1
                    }
                    return count
                }
            }
            return try await tasks.reduce(0, +)
        }
        return Double(count) / (ContinuousClock.now - start).seconds
    }

    private func pgbenchRate(_ database: String) async throws -> Double {
        let script = server.folder + "-pgbench.sql"
        try """
        insert into plain (position, version, occurred_at, recorded_at, id, schema_version, stream, type, data)
        values (nextval('plain_positions'), 0, now(), clock_timestamp(), gen_random_uuid(), 1,
            'order-' || gen_random_uuid(), 'OrderLinePlaced', '\(String(decoding: Self.data, as: UTF8.self))');
        """.write(toFile: script, atomically: true, encoding: .utf8)
        // A file that stays in the temporary folder is no error.
        defer { try? FileManager.default.removeItem(atPath: script) }
        let output = try await BenchmarkServer.run(
            try Self.pgbench(),
            [
                "-n", "-M", "prepared", "-c", "\(clients)", "-j", "\(min(clients, 2))", "-T", "\(seconds)", "-f",
                script,
                server.conninfo(database),
            ])
        guard let match = output.firstMatch(of: /tps = ([0-9.]+)/), let rate = Double(match.1) else {
            throw BenchmarkError("pgbench printed no rate: \(output)")
        }
        return rate
    }

    /// Debian keeps it beside the server's programs, not on the path.
    private static func pgbench() throws -> String {
        // Nothing there means that this is not Debian.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let debian = versions.sorted().reversed().map { "/usr/lib/postgresql/\($0)/bin/pgbench" }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/pgbench" }
        guard let found = (debian + path).first(where: FileManager.default.isExecutableFile) else {
            throw BenchmarkError("pgbench not found: apt-get install postgresql")
        }
        return found
    }
}
