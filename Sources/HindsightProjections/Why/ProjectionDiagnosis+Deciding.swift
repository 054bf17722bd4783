import HindsightLog

extension ProjectionDiagnosis {
    /// An append that is open for a shorter time than this is the ordinary course of things.
    private static let momentSeconds = 0.5

    /// Decides what is the matter. What comes first here explains what comes after it: a projection that has stopped is not
    /// slow, and one that is blocked does not hang.
    package static func decide(from seen: ProjectionObservations) -> ProjectionDiagnosis {
        let cause = cause(seen)
        let words = DiagnosisWords(seen, cause)
        return ProjectionDiagnosis(
            name: seen.name, version: seen.version, cause: cause, evidence: words.evidence, sentence: words.sentence)
    }

    private static func cause(_ seen: ProjectionObservations) -> Cause {
        if let mismatch = seen.mismatch { return .logChanged(mismatch) }
        if seen.isRetired { return .replaced(by: seen.shownVersion) }
        guard let shard = seen.shard else {
            let isOlder = seen.shownVersion.map { $0 > seen.version } ?? false
            return isOlder ? .replaced(by: seen.shownVersion) : .notStarted
        }
        if let position = shard.stoppedAt {
            return .stopped(position: position, event: seen.stoppedEvent, error: shard.error ?? "unknown")
        }
        if let pause = seen.pause { return .paused(pause) }
        if let filling = seen.filling { return .filling(filling) }
        if !seen.blockers.isEmpty { return .blocked(seen.blockers) }
        return seen.lag.events > 0 ? behind(seen, shard) : upToDate(seen, shard)
    }

    /// Events wait.
    private static func behind(_ seen: ProjectionObservations, _ shard: ProjectionObservations.Shard) -> Cause {
        guard shard.isHeld, let owner = shard.owner else { return .notRunning(last: shard.owner) }
        if let error = shard.error { return .retrying(error) }
        // An idle projection's offset moved long ago; what counts is for how long there has been something to do.
        let idle = min(shard.idleSeconds, seen.lag.seconds)
        if idle > seen.leaseDuration.seconds { return .hanging(owner, seconds: idle) }
        return .catchingUp(seconds: shard.rate >= 1 ? Double(seen.lag.events) / shard.rate : nil)
    }

    private static func upToDate(_ seen: ProjectionObservations, _ shard: ProjectionObservations.Shard) -> Cause {
        if let holder = seen.holder, holder.processID == nil || holder.seconds.map({ $0 >= momentSeconds }) ?? true {
            return .waitsForAppend(holder)
        }
        if !seen.wasShown, seen.shownVersion != seen.version {
            return .notShown(shown: seen.shownVersion, readers: seen.readers)
        }
        if seen.parked.keys > 0, shard.isHeld { return .parked(seen.parked) }
        return .caughtUp(isRunning: shard.isHeld)
    }

    /// The database cannot be asked.
    package static func unreachable(_ name: String, version: Int, _ error: String) -> ProjectionDiagnosis {
        ProjectionDiagnosis(
            name: name, version: version, cause: .unreachable(error), evidence: [.init(name: "error", text: error)],
            sentence: "\(name) cannot be asked about: the database, or the log, cannot be reached.")
    }
}
