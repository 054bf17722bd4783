import HindsightLog

extension ProjectionHealth {
    /// Decides how a projection is doing.
    ///
    /// The measure is the time since the last commit that moved it, as far as there has been something to do since: a projection that
    /// has everything, one that was idle until a moment ago, and one that is slow are well.
    package static func decide(from seen: ProjectionObservations, limits: Limits) -> ProjectionHealth {
        decide(from: seen, since: nil, limits: limits)
    }

    /// Decides it by a second look: what has moved since the first one does not stand still.
    package static func decide(
        from seen: ProjectionObservations, since before: ProjectionObservations?, limits: Limits
    ) -> ProjectionHealth {
        let diagnosis = ProjectionDiagnosis.decide(from: seen)
        let moves = before.map { hasMoved($0, seen) } ?? false
        let stalled = moves ? 0 : stalledSeconds(seen, diagnosis.cause)
        let grade = max(grade(diagnosis.cause, seen, limits), grade(stalled, limits))
        return ProjectionHealth(grade: grade, stalledSeconds: stalled, diagnosis: diagnosis)
    }

    private static func grade(_ seconds: Double, _ limits: Limits) -> Grade {
        if seconds >= limits.critical.seconds { return .critical }
        return seconds >= limits.warning.seconds ? .warning : .ok
    }

    /// What is wrong however long it has been so.
    private static func grade(
        _ cause: ProjectionDiagnosis.Cause, _ seen: ProjectionObservations, _ limits: Limits
    ) -> Grade {
        switch cause {
        case .stopped, .logChanged: .critical
        case .replaced, .parked: .warning
        // Somebody wants it so, but it is easily forgotten, and the view grows old.
        case .paused: seen.lag.events > 0 || seen.parked.keys > 0 ? .warning : .ok
        // Indexes are built, or the rows wait to be shown: steps without any progress to be seen, of which each is short.
        case .filling(let filling)
        where filling.phase != .reading && seen.fillingIdleSeconds >= limits.critical.seconds: .warning
        case .unreachable, .notStarted, .filling, .blocked, .retrying, .hanging, .notRunning, .catchingUp,
            .waitsForAppend, .notShown, .caughtUp:
            seen.parked.keys > 0 ? .warning : .ok
        }
    }

    private static func stalledSeconds(
        _ seen: ProjectionObservations, _ cause: ProjectionDiagnosis.Cause
    ) -> Double {
        switch cause {
        // These are said by themselves, or are wanted.
        case .unreachable, .logChanged, .replaced, .stopped, .paused, .caughtUp, .parked: 0
        // Nothing has been done about the events yet.
        case .notStarted: seen.lag.seconds
        case .blocked, .retrying, .hanging, .notRunning, .catchingUp: standstill(seen)
        // Only reading has checkpoints. What comes after it is work of the server that has no steps, and graded apart.
        case .filling(let filling): filling.phase == .reading ? seen.fillingIdleSeconds : 0
        case .waitsForAppend(let holder): holder.seconds ?? 0
        case .notShown(_, let readers): readers.compactMap(\.seconds).max() ?? 0
        }
    }

    /// An idle projection's offset moved long ago; what counts is for how long there has been something to do.
    private static func standstill(_ seen: ProjectionObservations) -> Double {
        seen.lag.events > 0 ? min(seen.shard?.idleSeconds ?? .infinity, seen.lag.seconds) : 0
    }

    private static func hasMoved(_ before: ProjectionObservations, _ after: ProjectionObservations) -> Bool {
        before.shard?.offset != after.shard?.offset || before.filling != after.filling
            || before.holder?.processID != after.holder?.processID
            || before.holder?.preparedName != after.holder?.preparedName
    }
}
