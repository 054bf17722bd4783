import HindsightPostgres

/// What a node sees when it looks: the shards over its log, who has them, the nodes, and what is paused.
struct LeaseLook: Sendable {
    /// A shard that has a table.
    struct Shard: Sendable {
        let state: ShardState
        /// The node that holds it; nil if nobody does, or a process that is no node.
        let holder: Int64?
        /// True if this session holds it.
        let isOwn: Bool
        /// True if it has stopped at an event at which this node's build has not stopped.
        let isUntried: Bool
    }

    let builds: [ShardKey: ProjectionTable]
    let shards: [ShardKey: Shard]
    let nodes: [NodeRecord]
    /// The names of paused projections.
    let paused: Set<String>

    /// The statements whose answers ``init(_:_:)`` reads.
    static func statements(_ catalog: ProjectionCatalog, build: String) -> [SQL] {
        let names = catalog.names
        return [
            catalog.buildsQuery,
            """
            select o.kind, o.name, o.version, o.partition, n.number,
                coalesce(n.session_pid = pg_backend_pid(), false), \(identifier: names.object("is_untried"))(o, \(build)),
                \(sql: ShardState.columns(of: "o", isHeld: names.object("is_held")))
            from \(identifier: names.offsets) o
            left join \(identifier: names.nodes) n on n.session_pid = o.owner_pid and n.session_start = o.owner_started_at
            where o.kind in ('projection', 'kept') and o.log = \(catalog.log)
            """,
            """
            select \(sql: NodeRecord.columns(names)) from \(identifier: names.nodes) n
            where n.log = \(catalog.log) order by n.number
            """,
            "select name from \(identifier: names.pausedProjections) where log = \(catalog.log)",
        ]
    }

    init(_ results: [PostgresResult], _ catalog: ProjectionCatalog) throws {
        builds = try catalog.builds(results[0])
        var shards: [ShardKey: Shard] = [:]
        for row in results[1] {
            guard let kind = ShardKey.Kind(rawValue: try row.decode(0)) else { continue }
            let key = ShardKey(
                kind: kind, name: try row.decode(1), version: try row.decode(2, as: Int.self),
                partition: try row.decode(3, as: Int.self), log: catalog.log)
            let state = try ShardState(row, from: 7)
            shards[key] = Shard(
                state: state, holder: state.owner == nil ? nil : try row.decode(4), isOwn: try row.decode(5),
                isUntried: try row.decode(6))
        }
        self.shards = shards
        nodes = try results[2].map { try NodeRecord($0) }
        paused = Set(try results[3].map { try $0.decode(0, as: String.self) })
    }

    func isPaused(_ key: ShardKey) -> Bool {
        switch key.kind {
        case .projection, .kept: paused.contains(key.name)
        case .rebuild, .subscription: false
        }
    }
}
