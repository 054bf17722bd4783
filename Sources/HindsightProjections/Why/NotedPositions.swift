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

    /// With more than these, reading the log takes no longer.
    private static let enough = 1_000_000
    /// How many stretches are read at once.
    private static let page = 256

    /// Reads what is noted for a key, in the caller's snapshot; nil while nothing is shown, or if an event could not be read, whose
    /// row is not known.
    static func read(
        _ notes: ProjectionDefinition, of key: [String], _ catalog: ProjectionCatalog, in session: inout PostgresSession
    ) throws -> NotedPositions? {
        let builds = try catalog.builds(in: &session)
        guard
            let build = builds.values.first(where: {
                $0.isActive && $0.key.name == notes.name && $0.key.version == notes.version
            }),
            let table = build.table, let state = try catalog.store.state(build.key, in: &session),
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
            if noted.positions.count > enough {
                noted.end = min(noted.end, noted.positions[noted.positions.count - 1])
                return noted
            }
        }
    }
}
