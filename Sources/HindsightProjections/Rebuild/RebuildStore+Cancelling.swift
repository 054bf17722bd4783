import HindsightPostgres

extension RebuildStore {
    /// Discards the unfinished rebuilds of a name, of whichever versions.
    ///
    /// - Returns: what they were.
    /// - Throws: ``ProjectionError`` with `rebuildRunning` if a process is at work on one of them; nothing is discarded
    ///   then.
    func cancel(_ name: String, in session: inout PostgresSession) throws -> [RebuildStatus] {
        // No process can take them up meanwhile.
        try catalog.lock(in: &session)
        // A process that hangs may still have a lock.
        try session.execute("set local lock_timeout = '5s'")
        let rebuilds = try list(in: &session).filter { $0.name == name }
        for rebuild in rebuilds {
            guard let node = rebuild.node else { continue }
            throw ProjectionError(
                .rebuildRunning,
                """
                version \(rebuild.version) of projection "\(name)" is being rebuilt by \(node): end that process first, or let it finish. \
                Nothing was changed
                """)
        }
        for rebuild in rebuilds {
            try discard(
                ShardKey(kind: .rebuild, name: name, version: rebuild.version, partition: 0, log: catalog.log),
                in: &session)
        }
        return rebuilds
    }
}
