import HindsightPostgres

/// Watches until every projection has reached a place in the log, whichever process brings it there.
struct CatchUpMonitor: Sendable {
    let pool: PostgresPool
    let registrar: ProjectionRegistrar
    let definitions: [ProjectionDefinition]
    let goal: Offset

    /// Returns when every projection has reached the goal or has stopped.
    func run(whileNot isOver: () -> Bool) async throws {
        while !isOver() {
            do {
                let states = try await states()
                if states.allSatisfy({ $0.position >= goal.position || $0.isStopped }) { return }
            } catch let error as PostgresError where error.isRetriable {
                // The server is away for a moment; the engine waits for it, and so does this.
            }
            try await Task.sleep(for: .milliseconds(25))
        }
    }

    /// Fails if a projection stopped before it reached the goal.
    func report() async throws {
        let stopped = try await states().filter(\.isStopped)
        guard !stopped.isEmpty else { return }
        let lines = stopped.map { "projection \"\($0.name)\" stopped at position \($0.stoppedAt ?? 0): \($0.error ?? "")" }
        throw ProjectionError(.stopped, lines.joined(separator: "\n"))
    }

    private struct State: Sendable {
        var name: String
        var position: Int64
        var stoppedAt: Int64?
        var error: String?
        var isStopped: Bool { stoppedAt != nil }
    }

    private func states() async throws -> [State] {
        let keys = definitions.map(registrar.key)
        let names = registrar.names
        return try await pool.withSession { session in
            try keys.map { key in
                let row = try session.query(
                    "select position, stopped_at, error from \(identifier: names.offsets) where \(sql: key.condition)")[0]
                return State(
                    name: key.name, position: try row.decode(0), stoppedAt: try row.decode(1), error: try row.decode(2))
            }
        }
    }
}
