import HindsightPostgres

extension ProjectionAdministration {
    /// The nodes that share the projections over this log, in the order in which they came: each process with an engine at
    /// work, and for an hour those that have ended without saying so.
    ///
    /// Processes of releases before nodes do not appear, nor do rebuilds and durable subscriptions.
    public func nodes() async throws -> [NodeStatus] {
        let nodes = NodeStore(catalog: try await catalog())
        return try await pool.withSession { session in
            try nodes.list(in: &session).map { NodeStatus($0.node, projections: $0.shards) }
        }
    }
}
