import HindsightPostgres

extension ProjectionAdministration {
    /// How long a second look waits that is to show whether something moves after all.
    static let pause = Duration.seconds(1)

    /// Whether projections get on: for how long each has not moved although events wait that it wants.
    ///
    /// ```swift
    /// let health = try await administration.health()
    /// let isWell = health.allSatisfy { $0.grade == .ok }
    /// ```
    ///
    /// One that has everything, one that is slow and one that was idle until a moment ago are well. Where something seems to stand still
    /// beyond a limit, it is looked at a second time one second later: only what has not moved in between does.
    ///
    /// This only reads. Where somebody has locked a table, it gives up after the time below.
    ///
    /// - Parameters:
    ///   - names: the projections' names. Defaults to all; of each, the newest declared version is looked at.
    ///   - limits: after how long a standstill counts. Defaults to 60 seconds for a warning, and 5 minutes.
    /// - Returns: the health of each, in the order of `names`, or in which they are declared.
    /// - Throws: ``ProjectionError`` with `unknownProjection`; an error if the database or the log cannot be reached, or does not answer
    ///   within ten seconds, and half a second more for each projection.
    public func health(
        of names: [String] = [], limits: ProjectionHealth.Limits = ProjectionHealth.Limits()
    ) async throws -> [ProjectionHealth] {
        let chosen = try definitions(named: names)
        let administration = self
        // Each takes a few round trips, one after the other.
        let limit = Duration.seconds(10) + .milliseconds(500) * chosen.count
        let health = try await withTimeLimit(limit) {
            // A pool would wait for a server that is away.
            let probe = try await PostgresConnection.connect(administration.pool.configuration, logger: Self.quiet)
            await probe.close()
            return try await administration.look(at: chosen, limits)
        }
        guard let health else {
            throw PostgresError(
                .timeout,
                "the database did not answer within \(limit.seconds) s; somebody may have locked the engine's tables")
        }
        return health
    }

    private func definitions(named names: [String]) throws -> [ProjectionDefinition] {
        var chosen = names
        if names.isEmpty {
            for definition in definitions where !chosen.contains(definition.name) { chosen.append(definition.name) }
        }
        return try chosen.map { try definition($0) }
    }

    private func look(
        at definitions: [ProjectionDefinition], _ limits: ProjectionHealth.Limits
    ) async throws -> [ProjectionHealth] {
        var seen: [ProjectionObservations] = []
        for definition in definitions { seen.append(try await observer(of: definition).look()) }
        var health = seen.map { ProjectionHealth.decide(from: $0, limits: limits) }
        let still = health.indices.filter { health[$0].stalledSeconds >= limits.warning.seconds }
        guard !still.isEmpty else { return health }
        try await Task.sleep(for: Self.pause)
        for index in still {
            let again = try await observer(of: definitions[index]).look()
            health[index] = .decide(from: again, since: seen[index], limits: limits)
        }
        return health
    }
}
