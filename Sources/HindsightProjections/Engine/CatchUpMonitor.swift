import HindsightLog
import HindsightPostgres
import HindsightValues

/// Waits until every projection has reached a place in the log, whichever process brings it there.
struct CatchUpMonitor: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let catalog: ProjectionCatalog
    let definitions: [ProjectionDefinition]
    /// Those whose `setUp` failed: they have no tables.
    let unprepared: Set<ShardKey>
    let goal: Offset
    let roster: EngineRoster

    /// Returns when every projection has reached the goal and is shown under its stable name, has stopped or is paused.
    func run() async throws {
        while !roster.isDraining {
            do {
                let states = try await states()
                let isThere = states.allSatisfy { $0.isHalted || isAtGoal($0) }
                if isThere, try await areInPlace(states) { return }
            } catch let error where error.isPassing {
                // The server is briefly unavailable; the engine waits for it, and so does the monitor.
            }
            try await Task.sleep(for: .milliseconds(25))
        }
    }

    /// True if the log holds the last events that the projections have read. If the log was rewound, the process with
    /// the lease finds out and stops the projection.
    private func areInPlace(_ states: [State]) async throws -> Bool {
        do {
            for state in states where !state.isStopped { try await log.verify(state.offset) }
            return true
        } catch let error where error.isAnchorMismatch {
            return false
        }
    }

    private func isAtGoal(_ state: State) -> Bool {
        state.offset.position >= goal.position && isShown(state)
    }

    /// True if the stable name shows the version or a later one, or cannot be made to.
    private func isShown(_ state: State) -> Bool {
        state.isShown || roster.showFailures[state.name] != nil
    }

    /// Fails if a projection stopped, is paused before it reached the goal, or is not shown.
    func report() async throws {
        let states = try await states()
        let stopped = states.filter(\.isStopped)
        let paused = states.filter { !$0.isStopped && $0.pause != nil && !isAtGoal($0) }.map { state in
            "projection \"\(state.name)\" is \(state.pause?.description ?? "paused"); it goes on when it is resumed"
        }
        let hidden = roster.showFailures.map { "projection \"\($0)\" has caught up but is not shown: \($1)" }
        guard !stopped.isEmpty || !paused.isEmpty || !hidden.isEmpty else { return }
        throw ProjectionError(.stopped, (hidden.sorted() + Self.lines(stopped) + paused).joined(separator: "\n"))
    }

    /// Each reason once, with the projections that it stopped.
    private static func lines(_ stopped: [State]) -> [String] {
        var reasons: [(text: String, names: [String])] = []
        for state in stopped {
            let text = state.stop ?? ""
            if let index = reasons.firstIndex(where: { $0.text == text }) {
                reasons[index].names.append("\"\(state.name)\"")
            } else {
                reasons.append((text, ["\"\(state.name)\""]))
            }
        }
        return reasons.map { text, names in
            let others = names.dropFirst().joined(separator: ", ")
            return "projection \(names[0]) stopped\(text.hasPrefix("at ") ? "" : ":") \(text)"
                + (others.isEmpty ? "" : "; so did \(others)")
        }
    }

    private struct State: Sendable {
        var name: String
        var offset: Offset
        /// The position and the reason, if it stopped.
        var stop: String?
        /// True when the stable name shows this version or a later one.
        var isShown: Bool
        var pause: ProjectionStatus.Pause?
        var isStopped: Bool { stop != nil }
        /// True if nobody brings it any further.
        var isHalted: Bool { isStopped || pause != nil }
    }

    private func states() async throws -> [State] {
        let (catalog, unprepared) = (catalog, unprepared)
        let keys = definitions.map { catalog.key($0) }
        return try await pool.withSession { session in
            let shown = try catalog.activeVersions(in: &session)
            let builds = try catalog.builds(in: &session)
            let pauses = try NodeStore(catalog: catalog).pauses(in: &session)
            // A version that was replaced has no table any more, and nothing to catch up on.
            return try keys.filter { builds[$0] != nil || unprepared.contains($0) }.map { key in
                let state = try catalog.store.state(key, in: &session)
                return State(
                    name: key.name, offset: state?.offset ?? .beginning, stop: state?.stop,
                    isShown: builds[key]?.wasShown == true || (shown[key.name] ?? 0) >= key.version,
                    pause: pauses[key.name])
            }
        }
    }
}
