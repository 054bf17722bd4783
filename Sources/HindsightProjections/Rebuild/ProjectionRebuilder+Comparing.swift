import HindsightPostgres

extension ProjectionRebuilder {
    /// Folds projections from nothing and compares the rows with those that are shown, both at the same offset. Nothing is swapped in, and
    /// what was folded is dropped.
    ///
    /// That proves what ``ProjectionAdministration/verify(_:countingAgain:)`` does not: that the rows are what these folds make of the
    /// events. It takes as long as a rebuild, and as much room.
    ///
    /// - Parameters:
    ///   - names: which projections, views only; each once.
    ///   - options: how many readers, how much memory, and how fast; the rest concerns rebuilds that are swapped in.
    ///   - onProgress: told now and then how far each of them is.
    /// - Returns: a report for each of the names, in their order, with ``RebuildReport/comparison``.
    /// - Throws: as ``rebuild(_:options:onProgress:)``; ``ProjectionError`` with `rebuildRunning` if a rebuild of one of them is not
    ///   complete, which this would go on with and drop.
    public func compareRows(
        of names: [String], options: RebuildOptions = RebuildOptions(),
        onProgress: @escaping @Sendable ([RebuildStatus]) -> Void = { _ in }
    ) async throws -> [RebuildReport] {
        let administration = administration
        if let unfinished = try await administration.rebuilds().first(where: { names.contains($0.name) }) {
            throw ProjectionError(
                .rebuildRunning,
                """
                a rebuild of version \(unfinished.version) of projection "\(unfinished.name)" is not complete: let it finish, or cancel it, \
                and compare again
                """)
        }
        var options = options
        options.verification = .only
        let chosen = options
        do {
            let reports = try await rebuild(names, options: chosen, onProgress: onProgress)
            for name in names { try await administration.cancelRebuild(of: name) }
            return reports
        } catch {
            // In a task of its own, so that nothing is left of a comparison that was cancelled.
            await Task {
                // The first error is the one to tell.
                for name in names { _ = try? await administration.cancelRebuild(of: name) }
            }.value
            throw error
        }
    }
}
