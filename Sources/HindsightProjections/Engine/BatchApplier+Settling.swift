import HindsightLog
import HindsightPostgres
import Logging

extension BatchApplier {
    /// The outcome for one projection of a transaction that did not throw.
    func settle(
        _ refusal: Refusal?, _ events: ArraySlice<RecordedEvent>, through offset: Offset, member: ProjectionMember
    ) async throws -> Outcome {
        guard let error = refusal?.error else {
            return try await settleFailure(of: member, events, through: offset)
        }
        guard Self.saysNothing(error) else {
            return try await settle(error, events, through: offset, member: member)
        }
        try Task.checkCancellation()
        member.metrics.retried()
        // The member is released and taken up again later, so that nothing else waits for whatever its statements wait
        // for.
        logger.warning(
            "projection's statements failed, trying again",
            metadata: ["projection.name": "\(member.definition.name)", "error.message": "\(error)"])
        return .lost
    }

    /// True for errors that say nothing about any event: a failing server, a cancelled task.
    static func saysNothing(_ error: any Error) -> Bool { error.isServerTrouble || Task.isCancelled }

    /// The database refused what a projection wrote, or its handler failed. Bisecting the batch finds the event to
    /// blame.
    func settle(
        _ error: any Error, _ events: ArraySlice<RecordedEvent>, through offset: Offset, member: ProjectionMember
    ) async throws -> Outcome {
        if error.sqlState == "HS001" { return .lost }
        // A rebuild's handlers have written where they must not, regardless of the event; unless another process has
        // swapped their tables in, and the handlers found the live ones.
        if let error = error as? ProjectionError, error.code == .cannotRebuild {
            guard try await isHeld(member) else { return .lost }
            throw error
        }
        // A rebuild has replaced this table, and it is gone.
        if error.sqlState == "42P01", try await !isHeld(member) { return .lost }
        if member.run.failure != nil { return try await settleFailure(of: member, events, through: offset) }
        if member.run.parks, error.isRefusal,
            let outcome = try await applyParking(events, through: offset, to: member)
        {
            return outcome
        }
        guard events.count > 1 else {
            guard let event = events.first else { throw error }
            return .stopped(event, "\(error)")
        }
        let middle = events.startIndex + events.count / 2
        let before = try await applyAlone(events[..<middle], through: events[middle - 1].offset, to: member)
        switch before {
        case .applied: return try await applyAlone(events[middle...], through: offset, to: member)
        case .stopped, .lost: return before
        }
    }

    /// An event could not be decoded or applied: everything before it is committed, nothing at or after it.
    func settleFailure(
        of member: ProjectionMember, _ events: ArraySlice<RecordedEvent>, through offset: Offset
    ) async throws -> Outcome {
        guard let (index, error) = member.run.failure else { return .applied }
        let culprit = events.startIndex + index
        if index > 0 {
            let before = try await applyAlone(
                events[..<culprit], through: events[culprit - 1].offset, to: member)
            switch before {
            case .applied: break
            case .stopped, .lost: return before
            }
        }
        return .stopped(events[culprit], "\(error)")
    }

    /// Whether the lease is still the member's.
    private func isHeld(_ member: ProjectionMember) async throws -> Bool {
        let (key, epoch) = (member.key, member.epoch)
        return try await pool.withSession { [store] session in
            try store.state(key, in: &session)?.epoch == epoch
        }
    }
}
