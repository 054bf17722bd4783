import HindsightLog
import HindsightPostgres

/// Holds the rows of a projection still for a moment: takes the lease from the engine that works on them, and gives it
/// back.
struct ProjectionPause: Sendable {
    let pool: PostgresPool
    /// The hold ends with this connection.
    let connection: PostgresConnection
    let catalog: ProjectionCatalog
    let node: String

    private var store: OffsetStore { catalog.store }

    /// How long a hold lasts without renewal.
    private static let duration = Duration.seconds(5)

    /// Holds the rows that a name shows, once they stand at a position or beyond, or once no process brings them there.
    ///
    /// - Returns: nil if nothing is shown.
    func hold(_ name: String, from position: Int64) async throws -> HeldProjection? {
        try await hold(from: position) { builds in
            builds.values.first { $0.isActive && $0.key.name == name }
        }
    }

    /// Holds the rows that the engine keeps up to date for a version, wherever they stand.
    ///
    /// - Returns: nil if there are none.
    func hold(_ key: ShardKey) async throws -> HeldProjection? {
        try await hold(from: 0) { $0[key] }
    }

    private func hold(
        from position: Int64, _ choose: ([ShardKey: ProjectionTable]) -> ProjectionTable?
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
        // A hold that a server crash loses was of no use any more.
        try session.execute("begin isolation level read committed")
        try session.execute(.unflushed)
        let state = try store.hold(
            build.key, owner: node, for: Self.duration, from: position, in: &session)
        try session.execute("commit")
        guard let state else { return nil }
        // From here on, a swap by another process is noticed by its epoch; an earlier one is seen here.
        guard try catalog.builds(in: &session)[build.key] == build else {
            try store.fence(build.key, epoch: state.epoch, in: &session)
            return nil
        }
        return HeldProjection(build: build, offset: state.offset, epoch: state.epoch)
    }

    /// Keeps the hold while `body` runs.
    func keeping<Value: Sendable>(
        _ held: HeldProjection, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let renewal = store.renew(held.build.key, epoch: held.epoch, for: Self.duration)
        return try await withBackgroundTask {
            while true {
                try await Task.sleep(for: Self.duration / 5)
                try await pool.withSession { session in
                    let results = try session.pipeline([.unflushed, renewal])
                    guard try store.renewal(results[1]) != .lost else { throw RebuildLost() }
                }
            }
        } beside: {
            try await body()
        }
    }

    /// Gives the hold back, unless another process has taken it since.
    func letGo(_ held: HeldProjection) async throws {
        _ = try await pool.withSession { session in
            try store.fence(held.build.key, epoch: held.epoch, in: &session)
        }
    }
}
