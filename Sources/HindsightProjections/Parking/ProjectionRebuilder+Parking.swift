import HindsightPostgres

extension ProjectionRebuilder {
    /// Folds the events that are noted for parked keys onto their rows, in order, and lets the keys go on.
    ///
    /// Call it once the fold or the data is mended. A key whose event fails again remains parked, at that event. An engine that works on
    /// the view pauses for a moment.
    ///
    /// - Parameters:
    ///   - name: the projection's name.
    ///   - key: the texts of one key's columns, in declared order. Defaults to nil: all parked keys.
    /// - Throws: ``ProjectionError`` with `unknownProjection`, or `cannotRetry` if the version that the program declares is not the one
    ///   that is shown, the key is not parked, or not all of its events are noted. Nothing was changed then. `PostgresError` if the
    ///   database refuses a row: retry the keys one by one.
    @discardableResult
    public func retry(_ name: String, key: [String]? = nil) async throws -> RetryReport {
        let definition = try definitions.newest(named: name)
        guard case .view = definition.kind else {
            throw ProjectionError(
                .cannotRetry, "projection \"\(name)\" writes tables of its own, and has no keys that could be parked")
        }
        return try await withConnection { connection, catalog in
            do {
                return try await ParkedRetry(
                    log: log, pool: pool, connection: connection, catalog: catalog, events: events,
                    node: configuration.node
                ).run(definition, key)
            } catch is RebuildLost {
                throw ProjectionError(
                    .cannotRetry,
                    "projection \"\(name)\" was swapped, reset or taken over meanwhile, and nothing was changed: try again"
                )
            }
        }
    }
}
