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
        if members.contains(where: \.caution.isOn) {
            // One at a time, so that the note tells whose fold it was.
            return try await caution.perform {
                var outcomes: [Outcome] = []
                for member in members {
                    outcomes.append(try await applyWithCaution(events[...], through: offset, to: member))
                }
                return outcomes
            }
        }
        let work = Work(events: events, offset: offset, members: members, decoders: decoders)
        let refusals: [Refusal]
        do {
            refusals = try await pool.withSession { session in try applyTogether(work, in: &session) }
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

    private func applyAlone(
        _ events: ArraySlice<RecordedEvent>, through offset: Offset, to member: ProjectionMember
    ) async throws -> Outcome {
        let decoders = EventDecoders(registry: registry)
        member.run.bind(to: decoders)
        member.run.begin(forgettingRows: true)
        let work = Work(events: Array(events), offset: offset, members: [member], decoders: decoders)
        do {
            let refusals = try await pool.withSession { session in try applyTogether(work, in: &session) }
            return try await settle(refusals.first, events, through: offset, member: member)
        } catch let error where !Self.saysNothing(error) {
            return try await settle(error, events, through: offset, member: member)
        }
    }

    /// The outcome for one projection of a transaction that did not throw.
    private func settle(
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
    private static func saysNothing(_ error: any Error) -> Bool { error.isServerTrouble || Task.isCancelled }

    /// The database refused what a projection wrote, or its handler failed. Bisecting the batch finds the event to
    /// blame.
    private func settle(
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
    private func settleFailure(
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

    /// Applies events of which the database has refused rows, and parks the keys of these rows.
    ///
    /// - Returns: nil if that does not settle it: too many keys would be parked, or something else is refused as well.
    private func applyParking(
        _ events: ArraySlice<RecordedEvent>, through offset: Offset, to member: ProjectionMember
    ) async throws -> Outcome? {
        let decoders = EventDecoders(registry: registry)
        member.run.bind(to: decoders)
        member.run.begin(forgettingRows: true)
        let work = Work(events: Array(events), offset: offset, members: [member], decoders: decoders)
        do {
            try await pool.withSession { session in try applyParking(work, in: &session) }
            return try await settleFailure(of: member, events, through: offset)
        } catch let error as ProjectionError where error.code == .tooManyParked {
            guard let event = events.first, events.count == 1 else { return nil }
            return .stopped(event, "\(error)")
        } catch let error where error.sqlState == "HS001" {
            return .lost
        } catch let error where !Self.saysNothing(error) {
            // Something else is refused as well; halves of the batch find the event.
            return nil
        }
    }

    /// Whether the lease is still the member's.
    private func isHeld(_ member: ProjectionMember) async throws -> Bool {
        let (key, epoch) = (member.key, member.epoch)
        return try await pool.withSession { [store] session in
            try store.state(key, in: &session)?.epoch == epoch
        }
    }

    // MARK: - On the connection

    /// The work of one transaction. `@unchecked Sendable`: the group waits until the connection has finished with it.
    private struct Work: @unchecked Sendable {
        let events: [RecordedEvent]
        let offset: Offset
        let members: [ProjectionMember]
        let decoders: EventDecoders
        let startedAt = ContinuousClock.now
        /// What the events add up to, for each type.
        let sums: [(type: String, sum: LogChecksum)]

        init(events: [RecordedEvent], offset: Offset, members: [ProjectionMember], decoders: EventDecoders) {
            self.events = events
            self.offset = offset
            self.members = members
            self.decoders = decoders
            sums = LogChecksum.byType(events)
        }

        /// Members that fold rows, and members that run their own statements.
        var membersByKind: (folding: [ProjectionMember], handling: [ProjectionMember]) {
            var (folding, handling): ([ProjectionMember], [ProjectionMember]) = ([], [])
            for member in members {
                switch member.definition.kind {
                case .view: folding.append(member)
                case .sql: handling.append(member)
                }
            }
            return (folding, handling)
        }
    }

    /// The error with which a projection's own statements ended; nothing of theirs was committed.
    private struct Refusal: Sendable {
        let member: ProjectionMember
        let error: any Error
    }

    /// Commits the projections that fold rows together, and each projection with its own statements separately: those
    /// may wait or fail for their own reasons.
    ///
    /// A projection that failed at an event reports it (``ProjectionRun/failure``); nothing of it was committed.
    private func applyTogether(_ work: Work, in session: inout PostgresSession) throws -> [Refusal] {
        for member in work.members { member.run.begin(forgettingRows: false) }
        work.decoders.decode(work.events)
        let (folding, handling) = work.membersByKind
        do {
            try load(folding.filter { $0.run.failure == nil }, in: &session)
            for member in folding where member.run.failure == nil { member.run.fold(work.events) }
            let sound = folding.filter { $0.run.failure == nil }
            try write(sound, work, in: &session)
            for member in sound { committed(member, work) }
        } catch {
            // The rows in memory no longer match the database.
            for member in folding where member.run.failure == nil { member.run.begin(forgettingRows: true) }
            throw error
        }
        var refusals: [Refusal] = []
        for member in handling where member.run.failure == nil {
            do {
                try write([member], work, in: &session)
                committed(member, work)
            } catch {
                // A lost connection concerns all members.
                if error.isConnectionLoss { throw error }
                refusals.append(Refusal(member: member, error: error))
            }
        }
        return refusals
    }

    private func committed(_ member: ProjectionMember, _ work: Work) {
        let start = member.committed
        // The run forgets what it has changed. Who begins to listen in between does not know either.
        let changes = signal?.isObserved(member) == true ? member.run.changes : .unknown
        member.advanced(to: work.offset)
        member.metrics.applied(
            member.sum(of: work.sums).count, since: work.startedAt, last: work.events.last,
            parkedKeys: member.run.parkedKeys)
        signal?.tell(of: member, from: start) { changes }
    }

    /// The same for a projection whose rows the database may refuse.
    private func applyParking(_ work: Work, in session: inout PostgresSession) throws {
        work.decoders.decode(work.events)
        for member in work.members {
            try load([member], in: &session)
            member.run.fold(work.events)
            guard member.run.failure == nil else { return }
            let news = news(of: [member], at: work.offset)
            let answer: PostgresResult
            do {
                answer = try opening([member]).map { try session.query($0) }[1]
                try member.run.writeParking(work.events, in: &session)
                _ = try session.pipeline(transactions: [try closing(member, work) + ["commit"]] + news.told)
            } catch {
                if session.isInTransaction { try session.execute("rollback") }
                member.run.begin(forgettingRows: true)
                throw error
            }
            try tell(news, answer, in: &session)
            committed(member, work)
            // In memory are rows that were refused.
            member.run.begin(forgettingRows: true)
        }
    }

    /// Reads which keys are parked, before rows are loaded.
    private func acceptParked(_ members: [ProjectionMember], in session: inout PostgresSession) throws {
        let members = members.filter { !$0.run.knowsParked }
        guard !members.isEmpty else { return }
        let answers = try session.pipeline(members.map { store.parkedKeys(of: $0.key) })
        for (member, keys) in zip(members, answers) {
            try member.run.accept(parked: try keys.map { try $0.decode(0) })
        }
    }

    private func load(_ members: [ProjectionMember], in session: inout PostgresSession) throws {
        try acceptParked(members, in: &session)
        var loading: [ProjectionMember] = []
        var statements: [SQL] = []
        for member in members {
            guard let statement = try member.run.load() else { continue }
            loading.append(member)
            statements.append(statement)
        }
        guard !statements.isEmpty else { return }
        let answers = try session.pipeline([.preferKeyLookUps] + statements).dropFirst()
        for (member, rows) in zip(loading, answers) { try member.run.accept(rows) }
    }

    private func write(_ members: [ProjectionMember], _ work: Work, in session: inout PostgresSession) throws {
        guard !members.isEmpty else { return }
        var statements: [SQL] = []
        for member in members {
            statements += try member.run.writes() + closing(member, work)
        }
        statements.append("commit")
        let opening = opening(members)
        let news = news(of: members, at: work.offset)
        let answer: PostgresResult
        do {
            if members.contains(where: \.run.needsSession) {
                answer = try opening.map { try session.query($0) }[1]
                for member in members {
                    try member.shadowSchema?.enter(in: &session)
                    try member.run.execute(work.events, in: &session)
                    try member.shadowSchema?.checkWrites(of: member.definition, in: &session)
                }
                _ = try session.pipeline(transactions: [statements] + news.told)
            } else {
                answer = try session.pipeline(transactions: [opening + statements] + news.told)[1]
            }
        } catch {
            if session.isInTransaction { try session.execute("rollback") }
            throw error
        }
        try tell(news, answer, in: &session)
    }

    // MARK: - Readers in other processes

    /// What a commit means for them. `told`: the transaction that tells them, in the same round trip, if some listened at
    /// the last commit.
    private func news(of members: [ProjectionMember], at offset: Offset) -> (all: SQL?, told: [[SQL]]) {
        guard let signal, let all = ReaderNews(names: store.names).telling(members, offset) else { return (nil, []) }
        return (all, signal.tellsOthers ? [[all]] : [])
    }

    /// The statement of each commit that also says whether somebody listens.
    private func asking(_ statement: SQL) -> SQL {
        guard signal != nil else { return statement }
        return "\(sql: statement)\(sql: ReaderNews(names: store.names).look)"
    }

    /// Tells those who have only begun to listen.
    ///
    /// - Parameter answer: to the statement that asked whether somebody listens.
    private func tell(
        _ news: (all: SQL?, told: [[SQL]]), _ answer: PostgresResult, in session: inout PostgresSession
    ) throws {
        guard let signal else { return }
        signal.tellsOthers = try ReaderNews.answer(answer)
        guard signal.tellsOthers, news.told.isEmpty, let all = news.all else { return }
        do {
            try session.execute(all)
        } catch {
            // The rows are committed. Readers look for themselves, too, and a lost connection shows with the next batch.
            logger.debug("readers not told", metadata: ["error.message": "\(error)"])
        }
    }

    private func opening(_ members: [ProjectionMember]) -> [SQL] {
        ["begin isolation level read committed", asking(store.workOn(members.map(\.key), atMost: leaseDuration))]
    }

    /// What belongs to a projection's rows: what is noted for parked keys, and the offset.
    private func closing(_ member: ProjectionMember, _ work: Work) throws -> [SQL] {
        let notes = try member.run.parkedNotes()
        let sum = member.sum(of: work.sums)
        member.rate.count(Int(sum.count))
        let advance = advance(member, to: work.offset, applied: sum)
        return notes.isEmpty ? [advance] : [store.park(notes, of: member.key), advance]
    }

    private func advance(_ member: ProjectionMember, to offset: Offset, applied: LogChecksum) -> SQL {
        store.advance(
            member.key, epoch: member.epoch, from: member.committed, to: offset, applied: applied,
            rate: member.rate.eventsPerSecond, lease: leaseDuration)
    }
}
