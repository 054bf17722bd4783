import HindsightPostgres

extension ProjectionAdministration {
    /// Gives up the unfinished rebuilds of a projection, of whichever versions: what they have done so far is dropped.
    /// What is shown stays as it is.
    ///
    /// - Returns: what they were; nothing if there is none.
    /// - Throws: ``ProjectionError`` with `unknownProjection`, or `rebuildRunning` if a process is at work on one of them.
    @discardableResult
    public func cancelRebuild(of name: String) async throws -> [RebuildStatus] {
        let store = store(try await catalog())
        let cancelled = try await pool.withTransaction(.readCommitted) { session in
            try store.cancel(name, in: &session)
        }
        // A rebuild may be left of a projection that is not declared any more.
        if cancelled.isEmpty { _ = try definition(name) }
        return cancelled
    }
}
