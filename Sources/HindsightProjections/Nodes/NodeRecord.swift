import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A node's row: a process with an engine at work, or one that was.
struct NodeRecord: Hashable, Sendable {
    /// Identifies the session that holds its leases; a node that opens another one has a new id.
    let id: UUID
    /// The order in which nodes came. It stays a node's own.
    let number: Int64
    let name: String
    let build: String
    /// The process's id on its own machine.
    let process: Int
    let state: NodeState
    let startedAt: Timestamp
    let renewedAt: Timestamp
    /// Grows with each renewal.
    let renewals: Int64
    /// True while it is connected and has renewed its lease in time, by the server's clock.
    let isLiving: Bool
    /// What it could keep up to date: names and versions.
    let projections: [(name: String, version: Int)]

    static func == (left: NodeRecord, right: NodeRecord) -> Bool {
        left.id == right.id && left.renewals == right.renewals && left.state == right.state
    }

    func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// The columns that ``init(_:)`` reads.
    static func columns(_ names: SchemaNames) -> SQL {
        """
        n.id, n.number, n.name, n.build, n.process, n.state, n.started_at, n.renewed_at, n.renewals, \
        \(identifier: names.object("is_living"))(n), \
        n.projection_names, n.projection_versions
        """
    }

    init(_ row: PostgresRow) throws {
        id = try row.decode(0)
        number = try row.decode(1)
        name = try row.decode(2)
        build = try row.decode(3)
        process = try row.decode(4, as: Int.self)
        // One that a later release knows takes no part here.
        state = NodeState(rawValue: try row.decode(5)) ?? .draining
        startedAt = try row.decode(6)
        renewedAt = try row.decode(7)
        renewals = try row.decode(8)
        isLiving = try row.decode(9)
        let names = try row.decode(10, as: [String].self)
        let versions = try row.decode(11, as: [Int32].self)
        projections = zip(names, versions).map { ($0, Int($1)) }
    }
}
