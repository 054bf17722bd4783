import HindsightLog
import HindsightPostgres

extension ProjectionAdministration {
    /// How each durable subscription to this log is doing whose offset is in this database, in the order of their names.
    ///
    /// This only reads. Counting what they have yet to handle takes a query for each.
    public func subscriptions() async throws -> [SubscriptionStatus] {
        try await subscriptionObserver().look()
    }

    /// Whether durable subscriptions get on: for how long each has handled nothing although events wait that it wants.
    ///
    /// One that has everything, one that is slow and one that was idle until a moment ago are well, whoever reads them. Where something
    /// seems to stand still beyond a limit, it is looked at a second time one second later, as for ``health(of:limits:)``.
    ///
    /// - Parameters:
    ///   - names: the durable names; nil for all that have ever been read.
    ///   - limits: after how long a standstill counts. Defaults to 60 seconds for a warning, and 5 minutes.
    /// - Returns: the health of each, in the order of `names`, or of all by name.
    /// - Throws: ``SubscriptionError`` with `unknown`; an error if the database or the log cannot be reached, or does not answer within
    ///   thirty seconds.
    public func health(
        ofSubscriptions names: [String]?, limits: ProjectionHealth.Limits = ProjectionHealth.Limits()
    ) async throws -> [SubscriptionHealth] {
        let administration = self
        let health = try await withTimeLimit(Self.subscriptionLimit) {
            // A pool would wait for a server that is away.
            let probe = try await PostgresConnection.connect(administration.pool.configuration, logger: Self.quiet)
            await probe.close()
            return try await administration.look(atSubscriptions: names, limits)
        }
        guard let health else {
            throw PostgresError(
                .timeout,
                "the database did not answer within \(Self.subscriptionLimit.seconds) s; somebody may have locked the engine's tables"
            )
        }
        return health
    }

    /// How many there are is not known beforehand.
    private static var subscriptionLimit: Duration { .seconds(30) }

    private func subscriptionObserver() async throws -> SubscriptionObserver {
        SubscriptionObserver(log: log, pool: pool, catalog: try await catalog())
    }

    private func look(
        atSubscriptions names: [String]?, _ limits: ProjectionHealth.Limits
    ) async throws -> [SubscriptionHealth] {
        let observer = try await subscriptionObserver()
        // The locks before the offsets: what ends in between has brought them on.
        let holder = try await log.frontierHolders()?.first
        let all = try await observer.look()
        let seen = try names.map { try $0.map { try Self.find($0, in: all) } } ?? all
        let decide = { (status: SubscriptionStatus, before: SubscriptionStatus?, holder: HoldingTransaction?) in
            SubscriptionHealth.decide(
                from: status, since: before, holder: holder, schema: configuration.schema, log: observer.catalog.log,
                limits: limits)
        }
        let health = seen.map { decide($0, nil, holder) }
        guard health.contains(where: { $0.stalledSeconds >= limits.warning.seconds && $0.stalledSeconds > 0 }) else {
            return health
        }
        try await Task.sleep(for: Self.pause)
        let holderThen = try await log.frontierHolders()?.first
        let isSame = (holder?.processID, holder?.preparedName) == (holderThen?.processID, holderThen?.preparedName)
        let again = try await observer.look()
        return health.map { first in
            guard first.stalledSeconds >= limits.warning.seconds,
                let status = again.first(where: { $0.name == first.status.name })
            else { return first }
            return decide(status, first.status, isSame ? holderThen : nil)
        }
    }

    private static func find(_ name: String, in all: [SubscriptionStatus]) throws -> SubscriptionStatus {
        if let found = all.first(where: { $0.name == name }) { return found }
        let known = all.isEmpty ? "there are none" : "there are \(all.map(\.name).joined(separator: ", "))"
        throw SubscriptionError(
            .unknown, "nobody has ever read a durable subscription \"\(name)\" of this log: \(known)")
    }
}
