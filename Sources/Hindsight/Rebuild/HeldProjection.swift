import HindsightPostgres

/// The rows that a stable name shows, held still for a moment: their lease was taken from the engine that works on them.
struct HeldProjection: Hashable, Sendable {
    let build: ProjectionBuild
    /// Where they stand.
    let offset: Offset
    let epoch: Int64

    /// Takes and gives back.
    struct Taker: Sendable {
        let pool: PostgresPool
        /// Who ends, ends the hold.
        let connection: PostgresConnection
        let registrar: ProjectionRegistrar
        let node: String

        /// Holds what a name shows, once it stands at a position or further, or nobody brings it there.
        ///
        /// - Returns: nil if nothing is shown.
        func hold(_ name: String, from position: Int64) async throws -> HeldProjection? {
            while true {
                let builds = try await pool.withSession { [registrar] session in try registrar.builds(in: &session) }
                guard let active = builds.values.first(where: { $0.isActive && $0.key.name == name }) else {
                    return nil
                }
                let (names, node) = (registrar.names, node)
                let held = try await connection.withSession { session -> HeldProjection? in
                    try session.query(
                        """
                        update \(identifier: names.offsets)
                        set epoch = epoch + 1, owner = \(node), owner_pid = pg_backend_pid(),
                            leased_until = clock_timestamp() + interval '5 seconds', owner_started_at = (
                                select a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
                        where \(sql: active.key.condition) and (position >= \(position) or stopped_at is not null
                            or owner is null or leased_until < clock_timestamp() or not exists (
                                select from pg_stat_activity a
                                where a.pid = owner_pid and coalesce(a.backend_start, owner_started_at) = owner_started_at))
                        returning position, anchor, epoch
                        """
                    ).first.map {
                        HeldProjection(
                            build: active, offset: Offset(position: try $0.decode(0), anchor: try $0.decode(1)),
                            epoch: try $0.decode(2))
                    }
                }
                if let held { return held }
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        /// Gives it back, unless somebody has taken it since.
        func letGo(_ held: HeldProjection) async throws {
            let names = registrar.names
            try await pool.withSession { session in
                _ = try session.execute(held.release(names))
            }
        }
    }

    /// The statement that gives it back.
    func release(_ names: LogNames) -> SQL {
        """
        update \(identifier: names.offsets)
        set epoch = epoch + 1, owner = null, owner_pid = null, owner_started_at = null, leased_until = null
        where \(sql: build.key.condition) and epoch = \(epoch)
        """
    }
}
