import HindsightLog
import HindsightPostgres
import Logging

/// Applies a batch of events to projections: decode, load, fold, write, all in one transaction and a handful of round
/// trips.
struct BatchApplier: Sendable {
    /// The outcome of a batch for one projection.
    enum Outcome {
        /// Its rows and its offset are committed.
        case applied
        /// It stopped at an event; everything before it is committed.
        case stopped(RecordedEvent, String)
        /// Another process has taken it over; nothing was committed.
        case lost
    }

    let pool: PostgresPool
    let store: OffsetStore
    let registry: EventRegistry
    let leaseDuration: Duration
    let logger: Logger
    /// Announces commits; nil while the rows are not visible to anyone.
    let signal: CommitSignal?
    /// Only one group at a time folds with caution.
    let caution = ExclusiveAccess()
    /// Where it is noted how the group gets on; nil if nobody watches.
    var progress: GroupProgress?

    /// Applies events to projections that all stand at the same offset.
    ///
    /// The projections commit together, which costs a single flush. If one of them fails, each is applied alone, and
    /// the failing one is narrowed down to the event.
    ///
    /// - Throws: errors that can be retried: a lost connection, a deadlock. The projections must be reloaded before the
    ///   retry.
    func apply(
        _ events: [RecordedEvent], through offset: Offset, to members: [ProjectionMember], decoders: EventDecoders
    ) async throws -> [Outcome] {
        try await endingUncertainLeases(of: members) {
            try await applyAll(events, through: offset, to: members, decoders: decoders)
        }
    }

    private func applyAll(
        _ events: [RecordedEvent], through offset: Offset, to members: [ProjectionMember], decoders: EventDecoders
    ) async throws -> [Outcome] {
        if members.contains(where: \.caution.isOn) {
            // One at a time, so that the note tells whose fold it was.
            progress?.queue(true)
            return try await caution.perform {
                progress?.queue(false)
                var outcomes: [Outcome] = []
                for member in members {
                    outcomes.append(try await applyWithCaution(events[...], through: offset, to: member))
                }
                return outcomes
            }
        }
        var work = BatchWork(events: events, offset: offset, members: members, decoders: decoders)
        try await handleInLanes(&work)
        let outcomes = try await apply(work)
        return members.map { member in
            work.members.firstIndex { $0 === member }.map { outcomes[$0] } ?? .lost
        }
    }

    private func apply(_ work: BatchWork) async throws -> [Outcome] {
        let (events, offset, members) = (work.events, work.offset, work.members)
        guard !members.isEmpty else { return [] }
        let refusals: [Refusal]
        do {
            refusals = try await transaction(work) { session in try applyTogether(work, in: &session) }
        } catch let error where !Self.saysNothing(error) {
            // One projection's rows or lease are at fault; which one is found out below.
            guard members.count > 1 else {
                return [try await settle(error, events[...], through: offset, member: members[0])]
            }
            var outcomes: [Outcome] = []
            for member in members { outcomes.append(try await applyAlone(events[...], through: offset, to: member)) }
            return outcomes
        }
        var outcomes: [Outcome] = []
        for member in members {
            let refusal = refusals.first { $0.member === member }
            outcomes.append(try await settle(refusal, events[...], through: offset, member: member))
        }
        return outcomes
    }

    /// Stores an offset that moved without anything to apply.
    func commitOffset(of member: ProjectionMember) async throws -> Outcome {
        guard member.offset != member.committed else { return .applied }
        let statement = advance(member, to: member.offset, applied: LogChecksum())
        do {
            let news = news(of: [member], at: member.offset)
            try await pool.withSession { session in
                let results = try session.pipeline(transactions: [[asking(statement)]] + news.told)
                try tell(news, results[0], in: &session)
            }
            let start = member.committed
            member.committed = member.offset
            member.committedAt = .now
            signal?.tell(of: member, from: start) { .none }
            return .applied
        } catch let error where error.sqlState == "HS001" {
            return .lost
        }
    }

    // MARK: - One projection

    /// Notes what is about to be folded, if caution requires it, so that a crash can be located.
    private func applyWithCaution(
        _ events: ArraySlice<RecordedEvent>, through offset: Offset, to member: ProjectionMember
    ) async throws -> Outcome {
        var rest = events
        while let count = member.caution.noted(of: rest.lazy.map(\.position)), let first = rest.first, count > 0 {
            let noted = rest.prefix(count)
            rest = rest.dropFirst(count)
            let end = noted[noted.endIndex - 1]
            do {
                try await note(first.position...end.position, of: member)
            } catch let error where error.sqlState == "HS001" {
                return .lost
            }
            let outcome = try await applyAlone(noted, through: rest.isEmpty ? offset : end.offset, to: member)
            guard case .applied = outcome else { return outcome }
            guard try await settleCaution(of: member, at: end.position) else { return .lost }
        }
        guard !rest.isEmpty else { return .applied }
        let outcome = try await applyAlone(rest, through: offset, to: member)
        guard case .applied = outcome, try await !settleCaution(of: member, at: offset.position) else { return outcome }
        return .lost
    }

    /// Ends the caution where enough has gone well.
    ///
    /// - Returns: false if another process has the projection by now.
    private func settleCaution(of member: ProjectionMember, at position: Int64) async throws -> Bool {
        guard member.caution.passed(position) else { return true }
        do {
            try await note(nil, of: member)
            return true
        } catch let error where error.sqlState == "HS001" {
            return false
        }
    }

    private func note(_ positions: ClosedRange<Int64>?, of member: ProjectionMember) async throws {
        let statement = store.suspect(member.key, epoch: member.epoch, positions)
        // The note outlives this process, which is enough.
        try await pool.withSession { session in _ = try session.pipeline([.unflushed, statement]) }
    }

    /// The work for one member alone, which begins with the rows of the database.
    func work(
        _ events: ArraySlice<RecordedEvent>, through offset: Offset, for member: ProjectionMember
    ) -> BatchWork {
        let decoders = EventDecoders(registry: registry)
        member.run.bind(to: decoders)
        member.run.begin(forgettingRows: true)
        return BatchWork(events: Array(events), offset: offset, members: [member], decoders: decoders)
    }

    func applyAlone(
        _ events: ArraySlice<RecordedEvent>, through offset: Offset, to member: ProjectionMember
    ) async throws -> Outcome {
        let work = work(events, through: offset, for: member)
        do {
            let refusals = try await transaction(work) { session in try applyTogether(work, in: &session) }
            return try await settle(refusals.first, events, through: offset, member: member)
        } catch let error where !Self.saysNothing(error) {
            return try await settle(error, events, through: offset, member: member)
        }
    }
}
