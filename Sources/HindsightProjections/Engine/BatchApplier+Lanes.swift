import HindsightLog
import HindsightPostgres
import Logging
import Synchronization

/// Several keys in flight: before the offset moves, events of different keys are handled side by side, each lane of keys in a
/// transaction of its own that notes what it has handled.
extension BatchApplier {
    /// How a lane ended.
    private enum LaneEnd: Sendable {
        case committed
        /// Nothing of it was committed.
        case undone(any Error)
        /// Another process has taken the projection over; nothing of it was committed.
        case lost
        /// It may have been committed, or may yet be: the server has not answered.
        case unknown(any Error)

        /// The error of a lost connection.
        var cut: (any Error)? {
            guard case .unknown(let error) = self else { return nil }
            return error
        }
    }

    /// Ends the leases of projections that may have several keys in flight where it throws, which a lost connection makes it do.
    ///
    /// What is then still on its way to the server may yet commit. One after the other, the offset would not let it: it can only be
    /// moved once. But a lane leaves it where it is. A new lease has another epoch, which fences off everything before it.
    func endingUncertainLeases<Value>(
        of members: [ProjectionMember], _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            for member in members where lanes(for: member) != nil { member.markLost() }
            throw error
        }
    }

    /// Handles in lanes what can be handled in lanes. All the rest, lanes that failed included, is left to be handled one after the
    /// other, in the transaction that moves the offset.
    ///
    /// A projection whose lease is gone, or has to be taken anew because of a lane that may yet commit, is removed from the work.
    ///
    /// - Throws: `CancellationError`; what keeps it from finding out what was handled before.
    func handleInLanes(_ work: inout BatchWork) async throws {
        for member in work.members {
            guard let run = member.run as? SQLRun, let most = lanes(for: member) else { continue }
            work.plan()
            guard run.failure == nil, try await !handle(work, inLanesOf: run, atMost: most, for: member) else {
                continue
            }
            // Whatever becomes of the others, nothing is handled again under this lease.
            member.markLost()
            work.members.removeAll { $0 === member }
        }
    }

    /// How many lanes there may be; nil if the projection is handled one after the other.
    private func lanes(for member: ProjectionMember) -> Int? {
        guard let run = member.run as? SQLRun else { return nil }
        // A rebuild's handlers are watched in one transaction. One connection is left to others, who would wait for the end of a lane.
        let most = min(run.keysInFlight, pool.maximumConnections - 1)
        return most > 1 && member.shadowSchema == nil ? most : nil
    }

    /// - Returns: false if the lease is gone or has to be taken anew.
    private func handle(
        _ work: BatchWork, inLanesOf run: SQLRun, atMost most: Int, for member: ProjectionMember
    ) async throws -> Bool {
        if !run.knowsHandled {
            // No connection is held while lanes wait for theirs.
            try await pool.withSession { session in try leaveOutHandled(work, of: member, in: &session) }
        } else {
            run.leaveOutHandled(work.events)
        }
        guard run.failure == nil else { return true }
        let lanes = run.lanes(atMost: most, of: work)
        guard lanes.count > 1 else { return true }
        let start = ContinuousClock.now
        // There are many of them, so they stand in the queue like everybody.
        let ends = await PostgresPool.$isUrgent.withValue(false) {
            await withTaskGroup(of: (Int, LaneEnd).self, returning: [(Int, LaneEnd)].self) { tasks in
                for (number, lane) in lanes.enumerated() {
                    tasks.addTask { (number, await handle(lane, for: member)) }
                }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
        }
        progress?.end(ends.lazy.compactMap(\.1.cut).first, after: .now - start, limit: leaseDuration)
        try Task.checkCancellation()
        var isHeld = true
        for (number, end) in ends {
            switch end {
            case .committed: run.committed(lanes[number])
            case .undone(let error):
                // Anything else is found again, with the event that is to blame.
                guard Self.saysNothing(error) else { continue }
                member.metrics.retried()
                logger.warning(
                    "keys in flight failed, handling them one after the other",
                    metadata: ["projection.name": "\(member.definition.name)", "error.message": "\(error)"])
            case .lost: isHeld = false
            case .unknown(let error):
                isHeld = false
                member.metrics.retried()
                logger.warning(
                    "keys in flight may have been committed, taking the lease anew",
                    metadata: ["projection.name": "\(member.definition.name)", "error.message": "\(error)"])
            }
        }
        return isHeld
    }

    private func handle(_ lane: SQLLane, for member: ProjectionMember) async -> LaneEnd {
        // Whether an error came with a transaction that was rolled back.
        struct Undone: Error {
            let cause: any Error
        }
        let (key, epoch, position) = (member.key, member.epoch, member.committed.position)
        let isBegun = Atomic(false)
        do {
            try await pool.withSession { session in
                isBegun.store(true, ordering: .relaxed)
                progress?.begin(lane.work, for: [member])
                do {
                    _ = try session.query("begin isolation level read committed")
                    _ = try session.query(store.workUnflushed(on: key, atMost: leaseDuration))
                    try lane.execute(in: &session)
                    let note = store.note(
                        handled: lane.notes, of: key, epoch: epoch, beyond: position, lease: leaseDuration)
                    _ = try session.pipeline([note, "commit"])
                } catch {
                    guard session.isInTransaction else { throw error }
                    try session.execute("rollback")
                    throw Undone(cause: error)
                }
            }
            return .committed
        } catch {
            let cause = (error as? Undone)?.cause ?? error
            if cause.sqlState == "HS001" { return .lost }
            // An error that the server answers to a commit is that of a transaction that it has rolled back.
            let isUndone =
                error is Undone || !isBegun.load(ordering: .relaxed) || error.sqlState != nil && !error.isConnectionLoss
            return isUndone ? .undone(cause) : .unknown(cause)
        }
    }

    /// Leaves out the events that are noted as handled, which are read from the offset store if they are not known.
    func leaveOutHandled(_ work: BatchWork, of member: ProjectionMember, in session: inout PostgresSession) throws {
        guard let run = member.run as? SQLRun else { return }
        if !run.knowsHandled {
            // A lock that it waits for is found by what it works on.
            let answers = try session.pipeline([
                store.workOn([member.key], atMost: leaseDuration), store.handled(of: member.key),
            ])
            run.accept(handled: try store.handled(answers[1]))
        }
        run.leaveOutHandled(work.events)
    }
}
