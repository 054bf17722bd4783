import HindsightLog
import HindsightPostgres

/// The positions of a row's events up to some place, as the projection beside a traced view has noted them.
struct NotedPositions: Sendable {
    /// The projection.
    var name: String
    /// In order.
    var positions: [Int64] = []
    /// Up to where they are all of them.
    var end: Int64
    /// Where the projection stands, which is no nearer than the end.
    var offset: Offset

    /// With more than these, reading the log takes no longer, unless they are a small part of it.
    private static let many = 10_000
    private static let smallPart: Int64 = 100
    /// How many stretches are read at once.
    private static let page = 256

    /// Whether it takes less time to read the noted events up to a position than the log.
    func isWorthReading(through last: Int64) -> Bool {
        let count = positions.prefix { $0 <= last }.count
        return count <= Self.many || Int64(count) < last / Self.smallPart
    }

    /// Reads what is noted for a key; nil while nothing is shown or what is shown changes, if an event could not be read, whose row is
    /// not known, and if this role may not read it. The log has it all.
    static func read(
        _ notes: ProjectionDefinition, of key: [String], _ catalog: ProjectionCatalog, _ pool: PostgresPool
    ) async throws -> NotedPositions? {
        do {
            guard let table = try await pool.withSession({ try shown(notes, catalog, in: &$0)?.table }) else {
                return nil
            }
            return try await pool.withTransaction(TransactionOptions(.repeatableRead, isReadOnly: true)) { session in
                // Before the snapshot: a table that is emptied in between looks empty in it, too.
                try session.execute("lock table \(identifier: catalog.names.object(table)) in access share mode")
                return try read(notes, of: key, from: table, catalog, in: &session)
            }
        } catch let error as PostgresError where error.sqlState == "42P01" || error.sqlState == "42501" {
            // Dropped meanwhile, or not for this role.
            return nil
        }
    }

    private static func shown(
        _ notes: ProjectionDefinition, _ catalog: ProjectionCatalog, in session: inout PostgresSession
    ) throws -> ProjectionTable? {
        try catalog.builds(in: &session).values.first {
            $0.isActive && $0.key.name == notes.name && $0.key.version == notes.version
        }
    }

    private static func read(
        _ notes: ProjectionDefinition, of key: [String], from table: String, _ catalog: ProjectionCatalog,
        in session: inout PostgresSession
    ) throws -> NotedPositions? {
        guard let build = try shown(notes, catalog, in: &session), build.table == table,
            let state = try catalog.store.state(build.key, in: &session),
            try ParkedStore(store: catalog.store, key: build.key).entries(in: &session).isEmpty
        else { return nil }
        var noted = NotedPositions(name: notes.name, end: state.offset.position, offset: state.offset)
        var stretch: Int64 = -1
        while true {
            let rows = try session.query(
                """
                select stretch, offsets from \(identifier: catalog.names.object(table))
                where key = \(ParkedKeyText.encode(key)) and stretch > \(stretch)
                order by stretch limit \(Int64(page))
                """)
            for row in rows {
                stretch = try row.decode(0)
                noted.positions += NotedStretch.positions([UInt8](columnForm: try row.decode(1)), in: stretch)
            }
            if rows.count < page { return noted }
            // So that a row of very many events does not fill the memory; the log is read from there.
            if noted.positions.count > 1_000_000 {
                noted.end = min(noted.end, noted.positions[noted.positions.count - 1])
                return noted
            }
        }
    }
}
