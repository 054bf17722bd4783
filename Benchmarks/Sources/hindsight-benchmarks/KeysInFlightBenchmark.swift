import Hindsight
import HindsightPostgres
import HindsightValues

/// Projecting the orders by free SQL with several orders in flight, against the same one after the other.
struct KeysInFlightBenchmark {
    let server: BenchmarkServer
    let file: String
    private let database = "in_flight"
    /// What is measured takes much longer than where views are folded, so not all of the orders are taken.
    private let events: Int64 = 150_000
    private let keys = 4

    func measure(pairs: Int) async throws -> [Report] {
        try await server.createDatabase(database)
        _ = try await ShopChild.run(["events", "import", file], conninfo: server.conninfo(database))
        var (upserts, waits): ([Pair], [Pair]) = ([], [])
        try await server.withLog(database: database, keep: true) { log, pool in
            let events = events
            try await pool.withSession { session in
                let end = try session.query(
                    "select position from hindsight.events order by position offset \(events) limit 1"
                ).first?.decode(0, as: Int64.self)
                if let end { try session.execute("delete from hindsight.events where position > \(end)") }
                try session.script("vacuum analyze hindsight.events")
            }
            for _ in 0..<pairs {
                let load = Pair.systemLoad()
                let plain = try await rate(log, pool, keys: 1)
                upserts.append(Pair(try await rate(log, pool, keys: keys), plain, load: load))
            }
            // A fiftieth of the events, each of which waits for a millisecond and takes two.
            try await pool.withSession { session in
                try session.execute("delete from hindsight.events where position > \(events / 50)")
            }
            for _ in 0..<pairs {
                let load = Pair.systemLoad()
                let plain = try await rate(log, pool, keys: 1, waiting: true)
                waits.append(Pair(try await rate(log, pool, keys: keys, waiting: true), plain, load: load))
            }
        }
        return [
            Report(
                name: "free SQL, \(keys) keys in flight", unit: "events/s", pairs: upserts,
                baselineName: "one after the other", goal: .atLeast(2)),
            Report(
                name: "the same, handlers wait 1 ms", unit: "events/s", pairs: waits,
                baselineName: "one after the other", goal: .atLeast(2)),
        ]
    }

    private func rate(
        _ log: PostgresEventLog, _ pool: PostgresPool, keys: Int, waiting: Bool = false
    ) async throws -> Double {
        let projection = Self.totals(keysInFlight: keys, waiting: waiting)
        var configuration = EngineConfiguration()
        // One after the other, a batch of handlers that wait may take longer than three of the usual leases.
        configuration.leaseDuration = .seconds(60)
        let context = ProjectionContext(
            log: log, database: pool.configuration, pool: pool, projections: [projection],
            configuration: configuration, logger: BenchmarkServer.logger)
        let engine = ProjectionEngine(context)
        let administration = ProjectionAdministration(context)
        try await engine.prepare()
        try await administration.reset(projection.name)
        try await server.checkpoint()
        let start = ContinuousClock.now
        try await engine.runUntilCaughtUp()
        let elapsed = (ContinuousClock.now - start).seconds
        guard try await administration.verify([projection.name]).map(\.verdict) == [.proven] else {
            throw BenchmarkError("\(keys) keys in flight: not each event was applied once")
        }
        return Double(try await administration.list()[0].eventsApplied) / elapsed
    }

    /// Lines and value of each order, by one statement for each event.
    private static func totals(keysInFlight: Int, waiting: Bool) -> SQLProjection {
        let wait: @Sendable (inout PostgresSession) throws -> Void = { session in
            if waiting { _ = try session.query("select pg_sleep(0.001)") }
        }
        return SQLProjection(
            "totals", version: 1,
            setUp: ["create table totals (id text primary key, lines int not null, value numeric not null)"],
            clear: ["truncate totals"], keysInFlight: keysInFlight
        )
        .on(OrderLinePlaced.self, key: { $1.stream }) { session, line, context in
            try wait(&session)
            try add(1, line.amount, context, in: &session)
        }
        .on(OrderLineCancelled.self, key: { $1.stream }) { session, line, context in
            try wait(&session)
            try add(-1, line.amount, context, in: &session)
        }
    }

    private static func add(
        _ lines: Int32, _ value: ExactDecimal, _ context: RecordedEvent, in session: inout PostgresSession
    ) throws {
        try session.execute(
            """
            insert into totals values (\(context.stream.rawValue), \(lines), \(value))
            on conflict (id) do update set lines = totals.lines + excluded.lines, value = totals.value + excluded.value
            """)
    }
}
