import HindsightLog
import HindsightPostgres
import Logging
import Synchronization

/// Rebuilds projections whose leases this process has: all from one reading of the log, then each to its end.
struct GroupRebuild: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    /// The connection that holds the leases and writes.
    let connection: PostgresConnection
    let catalog: ProjectionCatalog
    let store: RebuildStore
    let events: EventRegistry
    let configuration: EngineConfiguration
    let options: RebuildOptions
    let budget: RebuildBudget
    let throttle: RebuildThrottle
    let logger: Logger

    // MARK: - Reading

    /// Fills the tables of the projections up to the log's frontier, including key and indexes.
    ///
    /// - Returns: the projections whose handler failed, and where.
    func load(_ members: [ViewRebuildMember]) async throws -> [(ViewRebuildMember, ParallelReplay.Failure)] {
        let resumed = members.filter { $0.offset.position > 0 }
        for (index, member) in resumed.enumerated() { try await resume(member, members, share: resumed.count - index) }
        return try await withThrowingTaskGroup { counts in
            var proof = LoadProof(
                log: log, types: members.reduce(into: Set<String>()) { $0.formUnion($1.types) },
                statements: throttle.isHolding ? 1 : budget.readers)
            var stopped: [(ViewRebuildMember, ParallelReplay.Failure)] = []
            var goal = try await log.frontier()
            var loading = members
            let watch = FieldWatch()
            while !loading.isEmpty {
                setGoal(goal, of: loading)
                // Those that are behind go first, until all stand together and share one reading.
                stopped += try await read(&loading, watch, through: goal) { outcome in
                    proof.add(outcome.proven)
                    if outcome.reached == goal.position { proof.count(through: goal.position, in: &counts) }
                }
                // What was appended meanwhile is worth another round while it is much.
                let frontier = try await log.frontier()
                guard frontier.position - goal.position > configuration.catchUpThreshold else { break }
                goal = frontier
            }
            try await timed("indexed") {
                for member in loading { try await index(member) }
            }
            try await timed("counted") {
                for try await part in counts { proof.add(part) }
            }
            for member in loading where member.offset.position == proof.through {
                let sum = proof.isDense ? member.checksum : member.sum(of: proof.sums)
                guard sum == member.checksum else { throw notProven(member, sum) }
                member.proven = (proof.through, sum)
            }
            return stopped
        }
    }

    /// Reports how long a step took.
    func timed<Value>(_ step: String, _ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        let value = try await body()
        logger.debug(
            "rebuild step done",
            metadata: ["rebuild.step": "\(step)", "rebuild.seconds": "\((ContinuousClock.now - start).seconds)"])
        return value
    }

    func setGoal(_ goal: Offset, of members: [RebuildMember]) {
        for member in members { member.progress.withLock { $0.goal = max($0.goal, goal.position) } }
    }

    /// - Parameter onOutcome: called with each part that was read and folded, before it is written.
    private func read(
        _ members: inout [ViewRebuildMember], _ watch: FieldWatch, through goal: Offset,
        onOutcome: (ParallelReplay.Outcome) -> Void
    ) async throws -> [(ViewRebuildMember, ParallelReplay.Failure)] {
        var stopped: [(ViewRebuildMember, ParallelReplay.Failure)] = []
        var pace = RebuildPace(events: budget.rangeEvents, bytes: budget.rangeBytes)
        var pause = Duration.zero
        // What an earlier round has found as well.
        var fields = members.reduce(into: watch.fields) { $0.formUnion($1.view.fields) }
        while let rear = members.map(\.offset.position).min(), rear < goal.position {
            let group = members.filter { $0.offset.position == rear }
            let next = members.map(\.offset.position).filter { $0 > rear }.min() ?? goal.position
            let readers = (0..<budget.readers).map { _ in
                RebuildReader(registry: events, folds: group.map(\.fold))
            }
            var position = rear
            while position < next {
                let outcome = try await timed("read") {
                    try await fold(group, readers, fields, watch, from: position, through: next, pace, after: pause)
                }
                pace = outcome.pace
                guard outcome.missing.isEmpty else {
                    // A fold looks at a field that was not read: repeats the replay from the checkpoint, with that
                    // field.
                    fields.formUnion(outcome.missing)
                    logger.warning(
                        "a fold looks at fields of events that its projection does not name; reading again",
                        metadata: ["projection.names": "\(group.map(\.definition.name).joined(separator: ", "))"])
                    for member in group { member.fold.reset() }
                    for (index, member) in group.enumerated() where member.offset.position > 0 {
                        try await resume(member, members, share: group.count - index)
                    }
                    continue
                }
                guard outcome.failures.isEmpty else {
                    stopped += try await settle(outcome, group, goal)
                    members.removeAll { member in stopped.contains { $0.0 === member } }
                    break
                }
                onOutcome(outcome)
                let start = ContinuousClock.now
                try await timed("checkpoint") { try await checkpoint(group, outcome, goal) }
                // Checkpoints should take at most a tenth of the time.
                pause = (ContinuousClock.now - start) * 10
                position = outcome.reached
            }
        }
        return stopped
    }

    private func fold(
        _ group: [ViewRebuildMember], _ readers: [RebuildReader], _ fields: EventFields, _ watch: FieldWatch,
        from start: Int64,
        through end: Int64, _ pace: RebuildPace, after pause: Duration
    ) async throws -> ParallelReplay.Outcome {
        let types = group.reduce(into: Set<String>()) { $0.formUnion($1.types) }
        let replay = ParallelReplay(
            log: log, pool: pool, folds: group.map(\.fold), filter: .types(types.sorted()),
            fields: fields, watch: watch, from: start, through: end, batchBytes: budget.batchBytes, pace: pace,
            throttle: throttle
        ) { reached, events in
            for member in group {
                member.progress.withLock { progress in
                    progress.reached = max(progress.reached, reached)
                    progress.rows = member.fold.rowCount
                    progress.eventsApplied += Int64(events)
                    progress.rate.count(events)
                }
            }
        }
        let deadline = ContinuousClock.now + max(options.checkpointInterval, pause)
        let budget = budget
        return try await replay.run(readers) {
            .now > deadline || group.reduce(0) { $0 + $1.fold.byteCount } > budget.rowBytes
        }
    }

    /// Makes the folded rows and their offset durable, in one transaction.
    private func checkpoint(
        _ members: [ViewRebuildMember], _ outcome: ParallelReplay.Outcome, _ goal: Offset
    ) async throws {
        // Ranges are read without checking anchors. If both ends are still in place, the log was not rewound in
        // between.
        if let start = members.first?.offset { try await log.verify(start) }
        try await log.verify(goal)
        let offset = outcome.reached == goal.position ? goal : try await log.offset(before: outcome.reached + 1)
        let isFull = members.reduce(0) { $0 + $1.fold.byteCount } > budget.rowBytes
        let sums = members.map { member in
            var sum = member.checksum
            sum.add(member.sum(of: outcome.checksums))
            return sum
        }
        try await withUnflushedTransaction { session in
            for (member, sum) in zip(members, sums) {
                do {
                    try member.fold.write(run: offset.position, in: &session)
                } catch var error as PostgresError where error.code == .encoding {
                    error.message = "projection \"\(member.definition.name)\": \(error.message)"
                    throw error
                }
                if isFull { try key(member, in: &session) }
                for statement in try store.checkpoint(member, to: offset, sum, phase: .reading) {
                    try session.execute(statement)
                }
            }
        }
        for (member, sum) in zip(members, sums) {
            member.fold.written()
            // From now on, rows are read back by key when an event concerns them.
            if isFull { member.fold.forget() }
            member.offset = offset
            member.checksum = sum
            member.progress.withLock { progress in
                progress.eventsApplied = sum.count
                progress.rows = member.fold.rowCount
                progress.checkpoint = offset.position
            }
        }
    }

    private func key(_ member: ViewRebuildMember, in session: inout PostgresSession) throws {
        guard !member.fold.table.isKeyed else { return }
        for statement in member.fold.table.keying() { try session.execute(statement) }
        member.fold.table.isKeyed = true
        member.fold.table.hasChanges = false
    }

    /// Reads back the rows that an earlier process wrote.
    ///
    /// - Parameters:
    ///   - members: all that have rows in memory.
    ///   - share: how many of them, including this one, share the remaining memory.
    private func resume(_ member: ViewRebuildMember, _ members: [ViewRebuildMember], share: Int) async throws {
        let taken = members.reduce(0) { $1 === member ? $0 : $0 + $1.fold.byteCount }
        let limit = budget.reloadBytes(taken: taken, share: share)
        try await withUnflushedTransaction { session in
            try key(member, in: &session)
            // Done before any row is locked that others need.
            try member.fold.accept(parked: try catalog.store.parkedKeys(of: member.key, in: &session))
            _ = try member.fold.reload(limit: limit, in: &session)
            for statement in try store.checkpoint(member, to: member.offset, member.checksum, phase: .reading) {
                try session.execute(statement)
            }
        }
    }

    /// Stops the projections whose handler failed at their last checkpoint, and checkpoints the others.
    private func settle(
        _ outcome: ParallelReplay.Outcome, _ group: [ViewRebuildMember], _ goal: Offset
    ) async throws -> [(ViewRebuildMember, ParallelReplay.Failure)] {
        var stopped: [(ViewRebuildMember, ParallelReplay.Failure)] = []
        for (index, failure) in outcome.failures {
            let member = group[index]
            // The event as read may lack fields that the message names.
            let event = try await whole(failure.event)
            logger.error(
                "rebuild stopped",
                metadata: [
                    "projection.name": "\(member.definition.name)", "event.position": "\(event.position)",
                    "event.stream": "\(event.stream)", "error.message": "\(failure.error)",
                ])
            member.markStopped()
            member.fold.reset()
            let statement = store.stop(member, at: event, "\(failure.error)")
            try await pool.withSession { session in _ = try session.execute(statement) }
            stopped.append((member, ParallelReplay.Failure(event: event, error: failure.error)))
        }
        let sound = group.enumerated().filter { outcome.failures[$0.offset] == nil }.map(\.element)
        if !sound.isEmpty { try await checkpoint(sound, outcome, goal) }
        return stopped
    }

    /// The event with all of its fields.
    private func whole(_ event: RecordedEvent) async throws -> RecordedEvent {
        try await log.readBackward(from: event.position, filter: .all, limit: 1).first ?? event
    }

    /// Creates the key and the indexes.
    private func index(_ member: ViewRebuildMember) async throws {
        member.enter(.indexing)
        try await withUnflushedTransaction { session in
            try key(member, in: &session)
            for statement in member.fold.table.indexing() { try session.execute(statement) }
            for statement in try store.checkpoint(member, to: member.offset, member.checksum, phase: .catchingUp) {
                try session.execute(statement)
            }
            try session.execute(store.loaded(member))
        }
        member.fold.forget()
        member.enter(.catchingUp)
    }

    /// A transaction that does not wait for the disk. A server crash may lose it, rows and offset together; the rebuild
    /// then resumes from the previous checkpoint. The swap waits for the disk, including everything before it.
    private func withUnflushedTransaction(
        _ body: @Sendable (inout PostgresSession) throws -> Void
    ) async throws {
        try await connection.withTransaction(.readCommitted) { session in
            try session.execute(.unflushed)
            try body(&session)
        }
    }

    // MARK: - Catching up

    /// Applies the events appended since, by the ordinary path.
    ///
    /// - Parameters:
    ///   - end: how far; nil for the frontier.
    ///   - isThrottled: whether it rests between batches, as the options demand.
    func catchUp(_ member: RebuildMember, through end: Offset? = nil, isThrottled: Bool = false) async throws {
        var consumer = RebuildConsumer(
            rebuild: self, member: member, end: end, throttle: isThrottled ? throttle : RebuildThrottle(.none))
        try await EventFeed(log: log, changes: log.changes(), heldInterval: configuration.heldInterval)
            .run(&consumer)
        try await consumer.finish()
    }

    /// Proves that exactly the events in the log were applied, each once.
    func prove(_ member: RebuildMember) async throws {
        var expected = member.sum(
            of: try await log.checksums(
                after: member.proven.through, through: member.offset.position, filter: member.filter))
        expected.add(member.proven.sum)
        guard expected == member.checksum else { throw notProven(member, expected) }
        member.proven = (member.offset.position, expected)
    }

    private func notProven(_ member: RebuildMember, _ expected: LogChecksum) -> ProjectionError {
        ProjectionError(
            .notProven,
            """
            the rebuild of \(member.name) has applied \(member.checksum.count) events up to position \
            \(member.offset.position), and the log holds \(expected.count) there, or others: nothing was swapped in. Rebuild it \
            with --restart, and report this
            """)
    }
}

/// Thrown when another process has taken the rebuild.
struct RebuildLost: Error {}

/// Thrown when an event could not be applied.
struct RebuildStopped: Error {
    let event: RecordedEvent
    let error: String
}
