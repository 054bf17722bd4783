import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The gateway to the nodes and pauses in the database: each operation calls the function of `schema/0016_nodes.sql` that
/// performs it.
struct NodeStore: Sendable {
    let catalog: ProjectionCatalog

    private var names: SchemaNames { catalog.names }

    private func call(_ function: String, _ arguments: SQL) -> SQL {
        "select \(identifier: names.object(function))(\(sql: arguments))"
    }

    private static func interval(_ duration: Duration) -> SQL {
        "make_interval(secs => \(duration.seconds))"
    }

    // MARK: - The node of a session

    /// Registers the node whose leases this session will hold.
    ///
    /// - Parameter number: the number that it had before it lost its last session.
    /// - Returns: its number.
    func register(
        _ node: NodeIdentity, number: Int64?, for duration: Duration, in session: inout PostgresSession
    ) throws -> Int64 {
        let results = try session.pipeline([
            // A row that a server crash loses is of no use any more.
            .unflushed,
            call(
                "register_node",
                """
                \(node.id), \(catalog.log), \(node.name), \(node.build), \(Int32(truncatingIfNeeded: node.process)), \
                \(number), \(node.startedAt), \(node.projections.map(\.name)), \
                \(node.projections.map { Int32($0.version) }), \(sql: Self.interval(duration))
                """),
        ])
        return try results[1][0].decode(0)
    }

    /// Renews the lease of this session's node and of all its shards, in one commit, and looks at what there is.
    ///
    /// - Returns: nil if the node is not registered.
    func renew(
        _ id: UUID, build: String, as state: NodeState, for duration: Duration, in session: inout PostgresSession
    ) throws -> LeaseLook? {
        let results = try session.pipeline(
            [
                // A renewal that a server crash loses is of no use any more.
                .unflushed,
                call("renew_node", "\(id), \(sql: Self.interval(duration)), \(state.rawValue)"),
            ] + LeaseLook.statements(catalog, build: build))
        guard try results[1][0].decode(0, as: Bool.self) else { return nil }
        return try LeaseLook(Array(results[2...]), catalog)
    }

    /// Removes a node that has ended.
    func leave(_ id: UUID) -> SQL { call("leave_node", "\(id)") }

    /// All nodes over this log, in the order in which they came, with how many shards each holds.
    func list(in session: inout PostgresSession) throws -> [(node: NodeRecord, shards: [String])] {
        try session.query(
            """
            select \(sql: NodeRecord.columns(names)), array(
                select o.name from \(identifier: names.offsets) o
                where o.kind in ('projection', 'kept') and o.log = n.log and o.owner_pid = n.session_pid
                    and o.owner_started_at = n.session_start and \(identifier: names.object("is_held"))(o)
                order by o.name, o.version, o.kind)
            from \(identifier: names.nodes) n where n.log = \(catalog.log) order by n.number
            """
        ).map { (try NodeRecord($0), try $0.decode(12)) }
    }

    // MARK: - Pauses

    /// - Returns: true if the projection was not paused before.
    func pause(_ name: String, reason: String?, in session: inout PostgresSession) throws -> Bool {
        try session.query(call("pause_projection", "\(name), \(catalog.log), \(reason)"))[0].decode(0)
    }

    /// - Returns: true if the projection was paused.
    func unpause(_ name: String, in session: inout PostgresSession) throws -> Bool {
        try session.query(call("unpause_projection", "\(name), \(catalog.log)"))[0].decode(0)
    }

    /// The projections that are paused, by name.
    func pauses(in session: inout PostgresSession) throws -> [String: ProjectionStatus.Pause] {
        let rows = try session.query(
            """
            select name, paused_at, paused_by, reason from \(identifier: names.pausedProjections)
            where log = \(catalog.log)
            """)
        var pauses: [String: ProjectionStatus.Pause] = [:]
        for row in rows {
            pauses[try row.decode(0)] = ProjectionStatus.Pause(
                since: try row.decode(1), role: try row.decode(2), reason: try row.decode(3))
        }
        return pauses
    }
}
