import HindsightLog
import HindsightPostgres
import Logging

extension BatchApplier {
    /// The error with which a projection's own statements ended; nothing of theirs was committed.
    struct Refusal: Sendable {
        let member: ProjectionMember
        let error: any Error
    }

    /// Runs what folds and commits a batch, and notes that it has begun and ended.
    func transaction<Value: Sendable>(
        _ work: BatchWork, _ body: @escaping @Sendable (inout PostgresSession) throws -> Value
    ) async throws -> Value {
        guard let progress else { return try await pool.withSession(body) }
        let limit = leaseDuration
        return try await pool.withSession { session in
            let start = ContinuousClock.now
            progress.begin(work)
            do {
                let value = try body(&session)
                progress.end(nil, after: .now - start, limit: limit)
                return value
            } catch {
                progress.end(error, after: .now - start, limit: limit)
                throw error
            }
        }
    }

    /// Commits the projections that fold rows together, and each projection with its own statements separately: those
    /// may wait or fail for their own reasons.
    ///
    /// A projection that failed at an event reports it (``ProjectionRun/failure``); nothing of it was committed.
    func applyTogether(_ work: BatchWork, in session: inout PostgresSession) throws -> [Refusal] {
        var work = work
        work.plan()
        let (folding, handling) = work.membersByKind
        var isDone = false
        // Each refutation ends a presumption for longer than this batch takes.
        while !isDone {
            do {
                try foldAndWrite(folding, work, in: &session)
                isDone = true
            } catch let error as PresumptionRefuted {
                logger.debug(
                    "rows presumed to be new are looked up for a while",
                    metadata: [
                        "projection.names": "\(error.members.map(\.definition.name).joined(separator: ", "))",
                        "error.message": "\(error.cause)",
                    ])
                for member in folding { member.run.begin(forgettingRows: true) }
                work.planAnew()
            }
        }
        var refusals: [Refusal] = []
        for member in handling where member.run.failure == nil {
            progress?.begin(work, for: [member])
            do {
                try leaveOutHandled(work, of: member, in: &session)
                guard member.run.failure == nil else { continue }
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

    /// Rows were presumed to be new that may not have been; nothing was committed.
    private struct PresumptionRefuted: Error {
        let cause: any Error
        /// Whose rows; they look up theirs for a while.
        let members: [ProjectionMember]
    }

    /// A fold has failed, parked a key or left it without a row, and no insert can show that it had none to begin with.
    private struct RowUnproven: Error {}

    private func foldAndWrite(
        _ folding: [ProjectionMember], _ work: BatchWork, in session: inout PostgresSession
    ) throws {
        // A fold that has ended the process must not do so again because of a presumption.
        let events = folding.contains(where: \.caution.isOn) ? nil : work.events
        do {
            try load(folding.filter { $0.run.failure == nil }, presumingNew: events, in: &session)
            for member in folding where member.run.failure == nil { member.run.fold(work.events) }
            let sound = folding.filter { $0.run.failure == nil }
            if folding.contains(where: \.run.presumesWithoutProof) { throw RowUnproven() }
            try write(sound, work, in: &session)
            for member in sound { committed(member, work) }
        } catch {
            let presumed =
                switch error {
                case is RowUnproven: folding.filter { $0.run.presumesWithoutProof && $0.run.stopPresuming() }
                // A row that was folded from nothing may be refused for any reason.
                case _ where error.isRefusal: Self.refused(by: error, of: folding).filter { $0.run.stopPresuming() }
                default: [ProjectionMember]()
                }
            // The rows in memory no longer match the database.
            for member in folding where member.run.failure == nil { member.run.begin(forgettingRows: true) }
            throw presumed.isEmpty ? error : PresumptionRefuted(cause: error, members: presumed)
        }
    }

    /// Those whose rows the database may have refused: the one that writes the table that the error names, or all, if it names none of
    /// theirs or several have a table of that name.
    private static func refused(by error: any Error, of folding: [ProjectionMember]) -> [ProjectionMember] {
        let writers = folding.filter { $0.run.failure == nil }
        guard let table = (error as? PostgresError)?.table else { return writers }
        let named = writers.filter { $0.run.table?.name == table }
        return named.count == 1 ? named : writers
    }

    func committed(_ member: ProjectionMember, _ work: BatchWork) {
        let start = member.committed
        // The run forgets what it has changed. Who begins to listen in between does not know either.
        let changes = signal?.isObserved(member) == true ? member.run.changes : .unknown
        member.advanced(to: work.offset)
        member.limit.committed(work.events.count, after: .now - work.startedAt, lease: leaseDuration)
        member.metrics.applied(
            member.sum(of: work.sums).count, since: work.startedAt, last: work.events.last,
            parkedKeys: member.run.parkedKeys)
        signal?.tell(of: member, from: start) { changes }
    }

    /// - Parameter events: the batch, if the rows of new streams are presumed to be new, see ``ProjectionRun/load(presumingNew:)``.
    func load(
        _ members: [ProjectionMember], presumingNew events: [RecordedEvent]?, in session: inout PostgresSession
    ) throws {
        try acceptParked(members, in: &session)
        var loading: [ProjectionMember] = []
        var statements: [SQL] = []
        for member in members {
            guard let statement = try member.run.load(presumingNew: events) else { continue }
            loading.append(member)
            statements.append(statement)
        }
        guard !statements.isEmpty else { return }
        // A lock that it waits for is found by what it works on.
        let opening: SQL =
            "\(sql: store.workOn(loading.map(\.key), atMost: leaseDuration)), \(sql: .preferringKeyLookUps)"
        let answers = try session.pipeline([opening] + statements).dropFirst()
        for (member, rows) in zip(loading, answers) { try member.run.accept(rows) }
    }

    private func write(_ members: [ProjectionMember], _ work: BatchWork, in session: inout PostgresSession) throws {
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

    func opening(_ members: [ProjectionMember]) -> [SQL] {
        ["begin isolation level read committed", asking(store.workOn(members.map(\.key), atMost: leaseDuration))]
    }

    /// What belongs to a projection's rows: what is noted for parked keys, and the offset.
    func closing(_ member: ProjectionMember, _ work: BatchWork) -> [SQL] {
        let notes = member.run.parkedNotes()
        let sum = member.sum(of: work.sums)
        member.rate.count(Int(sum.count))
        let advance = advance(member, to: work.offset, applied: sum)
        var statements = notes.isEmpty ? [advance] : [store.park(notes, of: member.key), advance]
        if member.limit.isChanged {
            statements.append(store.limit(member.key, epoch: member.epoch, member.limit.events))
        }
        return statements
    }

    func advance(_ member: ProjectionMember, to offset: Offset, applied: LogChecksum) -> SQL {
        store.advance(
            member.key, epoch: member.epoch, from: member.committed, to: offset, applied: applied,
            rate: member.rate.eventsPerSecond, lease: leaseDuration)
    }
}
