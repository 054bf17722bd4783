import HindsightLog
import HindsightPostgres

/// Holds the rows of a projection still for a moment: takes the lease from the engine that works on them, and gives it back.
struct ProjectionPause: Sendable {
    let pool: PostgresPool
    /// The hold ends with this connection.
    let connection: PostgresConnection
    let catalog: ProjectionCatalog
    let node: String

    /// How long a hold lasts that nobody renews.
    private static let duration = Duration.seconds(5)

    /// Holds what a name shows, once it stands at a position or further, or nobody brings it there.
    ///
    /// - Returns: nil if nothing is shown.
    func hold(_ name: String, from position: Int64) async throws -> HeldProjection? {
        try await hold(from: position) { builds in
            builds.values.first { $0.isActive && $0.key.name == name }
        }
    }

    /// Holds what the engine keeps up to date for a version, wherever it stands.
    ///
    /// - Returns: nil if there is nothing.
    func hold(_ key: OffsetKey) async throws -> HeldProjection? {
        try await hold(from: 0) { $0[key] }
    }

    private func hold(
        from position: Int64, _ choose: ([OffsetKey: ProjectionTable]) -> ProjectionTable?
    ) async throws -> HeldProjection? {
        while true {
            let builds = try await pool.withSession { [catalog] session in try catalog.builds(in: &session) }
            guard let build = choose(builds) else { return nil }
            let held = try await connection.withSession { session in
                try take(build, from: position, in: &session)
            }
            if let held { return held }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func take(
        _ build: ProjectionTable, from position: Int64, in session: inout PostgresSession
    ) throws -> HeldProjection? {
        let names = catalog.names
        // A hold that is lost in a crash of the server was of no use to anybody.
        let row = try session.pipeline([
            .unflushed,
            """
            update \(identifier: names.offsets)
            set epoch = epoch + 1, owner = \(node), owner_pid = pg_backend_pid(),
                leased_until = clock_timestamp() + make_interval(secs => \(Self.duration.seconds)), owner_started_at = (
                    select a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
            where \(sql: build.key.condition) and (position >= \(position) or stopped_at is not null
                or not \(sql: OffsetKey.isHeld))
            returning position, anchor, epoch
            """,
        ])[1].first
        guard let row else { return nil }
        let held = HeldProjection(
            build: build, offset: Offset(position: try row.decode(0), anchor: try row.decode(1)),
            epoch: try row.decode(2))
        // From here on a swap by somebody else is noticed by the epoch; one before it is seen here.
        guard try catalog.builds(in: &session)[build.key] == build else {
            try session.execute(held.release(names))
            return nil
        }
        return held
    }

    /// Keeps the hold for as long as `body` takes.
    func keeping<Value: Sendable>(
        _ held: HeldProjection, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let renewal: SQL = """
            update \(identifier: catalog.names.offsets)
            set leased_until = clock_timestamp() + make_interval(secs => \(Self.duration.seconds))
            where \(sql: held.build.key.condition) and epoch = \(held.epoch)
            """
        return try await withBackgroundTask {
            while true {
                try await Task.sleep(for: Self.duration / 5)
                try await pool.withSession { session in
                    let results = try session.pipeline([.unflushed, renewal])
                    guard results[1].rowsAffected == 1 else { throw RebuildLost() }
                }
            }
        } beside: {
            try await body()
        }
    }

    /// Gives it back, unless somebody has taken it since.
    func letGo(_ held: HeldProjection) async throws {
        let names = catalog.names
        try await pool.withSession { session in
            _ = try session.pipeline([.unflushed, held.release(names)])
        }
    }
}
