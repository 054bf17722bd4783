import HindsightPostgres

extension ProjectionAdministration {
    /// Pauses a projection: nobody keeps its views up to date until it is resumed. Readers go on reading them as they are.
    ///
    /// The process that works on it gives it up after the batch in progress, within about a second. The pause is the
    /// name's: it holds for all versions, and outlives processes, deployments, resets, swaps and rollbacks. A rebuild of a
    /// paused projection goes on and is swapped in; then its rows stand still as well.
    ///
    /// - Parameters:
    ///   - name: the projection's name.
    ///   - reason: why, for those who look at it later.
    /// - Returns: false if it was paused already; the former reason stays.
    /// - Throws: ``ProjectionError`` with `unknownProjection`; a `PostgresError`.
    @discardableResult
    public func pause(_ name: String, reason: String? = nil) async throws -> Bool {
        _ = try definition(name)
        let nodes = NodeStore(catalog: try await catalog())
        return try await pool.withTransaction(.readCommitted) { session in
            try nodes.pause(name, reason: reason, in: &session)
        }
    }

    /// Resumes a projection that was paused or has stopped, or both: a stopped one at the event that stopped it. One whose
    /// `setUp` failed is set up first. One that runs is left alone.
    ///
    /// - Returns: what has ended.
    /// - Throws: ``ProjectionError`` with `unknownProjection`, or `setUpFailed` if that fails again; then a pause stays, too.
    @discardableResult
    public func resume(_ name: String) async throws -> ProjectionResumption {
        let definition = try definition(name)
        try [definition].check()
        let catalog = try await catalog()
        return try await pool.withTransaction(.readCommitted) { session in
            if try catalog.store.state(catalog.key(definition), in: &session)?.stoppedAt == 0 {
                try catalog.register([definition], in: &session)
            }
            let wasPaused = try NodeStore(catalog: catalog).unpause(name, in: &session)
            let wasStopped = try catalog.clearStop(of: definition, in: &session)
            return ProjectionResumption(wasStopped: wasStopped, wasPaused: wasPaused)
        }
    }
}
