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
        let small = try await prepare(events: 1_000_000)
        let large = try await prepare(events: 30_000_000)
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

    /// Orders of ten lines each, made by the server: an import of thirty million events would take minutes.
    private func prepare(events: Int) async throws -> String {
        let database = "scale_\(events)"
        try await server.withLog(database: database, keep: true) { _, pool in
            try await pool.withSession { session in
                // Keys and indexes are made afterwards: kept up to date by each of so many events, they would take an hour.
                let kept = try session.query(
                    """
                    select format('alter table hindsight.events drop constraint %I', conname),
                        format('alter table hindsight.events add constraint %I %s', conname, pg_get_constraintdef(oid))
                    from pg_constraint where conrelid = 'hindsight.events'::regclass and contype in ('p', 'u')
                    union all
                    select format('drop index hindsight.%I', indexname), indexdef
                    from pg_indexes where schemaname = 'hindsight' and tablename = 'events'
                        and indexname in ('events_type_position', 'events_category_position')
                    """
                ).map { (drop: try $0.decode(0, as: String.self), make: try $0.decode(1, as: String.self)) }
                for index in kept { try session.script(index.drop) }
                try session.script(
                    """
                    set maintenance_work_mem = '1GB';
                    insert into hindsight.events (position, version, occurred_at, recorded_at, id, schema_version, stream, type, data)
                    select i, (i - 1) % 10, timestamptz '2026-01-02 08:00+00' + i * interval '1 second', clock_timestamp(),
                        gen_random_uuid(), 1, 'order-s' || (i - 1) / 10,
                        case when i % 12 = 0 then 'OrderLineCancelled' else 'OrderLinePlaced' end,
                        json_build_object('sku', (20000 + i * 7 % 3000)::text, 'description', 'RED GLASS LANTERN ' || i % 3000,
                            'quantity', 1 + i % 24, 'unitPrice', (0.12 + (i * 13 % 1900) / 100.0)::text,
                            'customer', (10000 + i / 10 % 20000)::text, 'country', 'United Kingdom')
                    from generate_series(1, \(events)::bigint) i;
                    select setval('hindsight.positions', \(events));
                    """)
                for index in kept { try session.script(index.make) }
                try session.script("vacuum analyze hindsight.events")
            }
        }
        try await server.checkpoint()
        return database
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
