import HindsightLog
import HindsightPostgres

/// The limits that the database has for all who append (`schema/0027_append_limits.sql`).
enum DatabaseLimits {
    /// The constraint that an error names when the database refuses an append by them.
    static let constraint = "append_limits"
    /// What is no limit to a program is this to the database.
    private static let highest = 1_000_000_000

    private static let all: [(name: String, limit: any WritableKeyPath<EventLogLimits, Int> & Sendable)] = [
        ("event_bytes", \.eventBytes), ("metadata_bytes", \.metadataBytes), ("correlation_bytes", \.correlationBytes),
        ("batch_events", \.batchEvents), ("batch_bytes", \.batchBytes), ("batch_streams", \.batchStreams),
    ]

    /// What the database has now. Its limits of names are those of every log.
    static func read(_ names: SchemaNames, in session: inout PostgresSession) throws -> EventLogLimits {
        var limits = EventLogLimits()
        let rows = try session.query(
            """
            select n.name, \(identifier: names.object("append_limit"))(n.name)
            from unnest(\(all.map(\.name))) n (name)
            """)
        for row in rows {
            let name = try row.decode(0, as: String.self)
            guard let entry = all.first(where: { $0.name == name }) else { continue }
            limits[keyPath: entry.limit] = try row.decode(1)
        }
        return limits
    }

    /// Raises those that are below a program's, where the role may and nobody has set them below their defaults. It does not wait for who
    /// is just setting one.
    ///
    /// - Returns: those that are still lower because the role may not raise them, or somebody else is setting one, with what they are and
    ///   what the program's are.
    static func raise(
        to limits: EventLogLimits, _ names: SchemaNames, in session: inout PostgresSession
    ) throws -> [(name: String, limit: Int, wanted: Int)] {
        let defaults = EventLogLimits()
        let rows = try session.query(
            """
            select r.name, r."limit" from \(identifier: names.object("raise_append_limits"))(
                \(all.map(\.name)), \(all.map { Int64(wanted($0.limit, limits)) }),
                \(all.map { Int64(defaults[keyPath: $0.limit]) })) r
            """)
        return try rows.compactMap { row in
            let name = try row.decode(0, as: String.self)
            let limit = try row.decode(1, as: Int.self)
            guard let entry = all.first(where: { $0.name == name }), limit >= defaults[keyPath: entry.limit] else {
                return nil
            }
            return (name, limit, wanted(entry.limit, limits))
        }
    }

    private static func wanted(_ limit: KeyPath<EventLogLimits, Int>, _ limits: EventLogLimits) -> Int {
        min(limits[keyPath: limit], highest)
    }
}
