import Hindsight
import HindsightPostgres

/// Logs that are too large to be appended to one by one.
enum SimulatedLog {
    /// Makes a database with a log of orders of ten lines each, in the server: an import of thirty million events would take minutes.
    ///
    /// - Returns: the name of the database.
    static func prepare(events: Int, on server: BenchmarkServer) async throws -> String {
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
