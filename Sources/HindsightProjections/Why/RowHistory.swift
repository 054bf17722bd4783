import HindsightLog
import HindsightPostgres
import Synchronization

/// Folds the row of one key from the beginning of the log, and compares it with the one that is stored. It writes nothing.
struct RowHistory: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let catalog: ProjectionCatalog
    let events: EventRegistry
    let definition: ProjectionDefinition
    let trace: any RowTrace
    /// The id of the streams that have all of the row's events, if its key says it.
    let streamID: String?
    let onProgress: @Sendable (_ reached: Int64, _ end: Int64) -> Void

    /// How often the row is compared again if the view has moved meanwhile.
    private static let looks = 3

    /// What the view shows at one moment.
    private struct Look {
        var stored: [String?]?
        var state: ShardState?
        /// Why there is nothing to compare with.
        var reason: RowExplanation.Reason?
    }

    /// - Parameters:
    ///   - position: up to where to fold; nil for where the view stands.
    ///   - explanation: what is known beforehand.
    func run(at position: Int64?, _ explanation: RowExplanation) async throws -> RowExplanation {
        var explanation = explanation
        let pages = StreamPages(log)
        var look = try await look()
        if position == nil, let offset = look.state?.offset { try await log.verify(offset) }
        let frontier = try await log.frontier().position
        var end = min(position ?? look.state?.offset.position ?? frontier, frontier)
        for number in 1... {
            explanation.failure = try await fold(from: explanation.position, through: end, byStream: pages)
            explanation.position = explanation.failure.map { $0.event.position - 1 } ?? end
            explanation.row = trace.row
            explanation.stepCount = trace.stepCount
            explanation.stop = look.state?.stop
            try await compare(&explanation, look, isAsked: position != nil)
            guard case .differs = explanation.comparison, position == nil, number < Self.looks else { break }
            // The view may have been swapped, or the row mended, since it was looked at.
            look = try await self.look()
            guard let offset = look.state?.offset.position, offset >= explanation.position else {
                explanation.comparison = .notCompared(look.reason ?? .changedMeanwhile)
                break
            }
            if explanation.failure != nil {
                try await compare(&explanation, look, isAsked: false)
                break
            }
            end = offset
        }
        return explanation
    }

    // MARK: - The stored row

    private func look() async throws -> Look {
        for _ in 1..<Self.looks {
            do {
                return try await lookOnce()
            } catch let error as PostgresError where error.sqlState == "42P01" {
                // A table that was replaced and dropped meanwhile.
                continue
            }
        }
        return try await lookOnce()
    }

    /// Reads the offset and the row from one snapshot.
    private func lookOnce() async throws -> Look {
        try await pool.withTransaction(TransactionOptions(.repeatableRead, isReadOnly: true)) { [self] session in
            let builds = try catalog.builds(in: &session)
            guard let build = builds.values.first(where: { $0.isActive && $0.key.name == definition.name }),
                let table = build.table, let state = try catalog.store.state(build.key, in: &session)
            else { return Look(reason: .notShown) }
            guard build.key.version == definition.version else {
                return Look(reason: .otherVersion(build.key.version))
            }
            return Look(stored: try trace.stored(in: catalog.names.object(table), &session), state: state)
        }
    }

    private func compare(_ explanation: inout RowExplanation, _ look: Look, isAsked: Bool) async throws {
        guard let offset = look.state?.offset.position else {
            explanation.comparison = .notCompared(look.reason ?? .notShown)
            return
        }
        // A row behind whose failing event the view has moved on should be the row before that event.
        guard !isAsked || explanation.position == offset else {
            explanation.comparison = .notCompared(.otherPosition(offset))
            return
        }
        explanation.row = try await pool.withSession { [trace] session in try trace.rowAsStored(&session) }
        explanation.comparison = explanation.row == look.stored ? .same : .differs(stored: look.stored)
    }

    // MARK: - Folding

    /// What is noted of the row's events, if the view is traced.
    private func noted() async throws -> NotedPositions? {
        guard let notes = definition.notes else { return nil }
        guard let noted = try await NotedPositions.read(notes, of: trace.keyTexts, catalog, pool) else { return nil }
        do {
            try await log.verify(noted.offset)
        } catch let error as EventLogError where error.code == .anchorMismatch {
            // What was noted of a log that was put back is not about this one.
            return nil
        }
        return noted
    }

    private func fold(
        from start: Int64, through end: Int64, byStream pages: StreamPages
    ) async throws -> RowExplanation.Failure? {
        guard start < end else { return nil }
        if let streamID, let streams = try await log.streams(withID: streamID) {
            pages.look(into: streams)
            return try await fold(from: start, through: end, pages)
        }
        var start = start
        if let noted = try await noted(), noted.end > start, noted.isWorthReading(through: end) {
            let notedEnd = min(noted.end, end)
            let pages = NotedPages(log: log, name: noted.name, positions: noted.positions)
            if let failure = try await fold(from: start, through: notedEnd, pages) { return failure }
            start = notedEnd
        }
        return try await fold(from: start, through: end, nil)
    }

    private func fold(
        from start: Int64, through end: Int64, _ pages: (any EventPages)?
    ) async throws -> RowExplanation.Failure? {
        guard start < end else { return nil }
        let budget = RebuildBudget(RebuildOptions())
        let furthest = Atomic(start)
        let replay = ParallelReplay(
            log: log, pages: pages, pool: pool, folds: [trace],
            filter: .types(definition.storedTypes(events).sorted()), fields: .all, from: start, through: end,
            batchBytes: budget.batchBytes, pace: RebuildPace(events: budget.rangeEvents, bytes: budget.rangeBytes),
            throttle: RebuildThrottle(.none)
        ) { [onProgress] reached, _ in
            onProgress(furthest.max(reached, ordering: .relaxed).newValue, end)
        }
        let readers = (0..<(pages == nil ? budget.readers : 1)).map { _ in
            RebuildReader(registry: events, folds: [trace])
        }
        let outcome = try await replay.run(readers) { false }
        if let refusal = trace.refusal { throw refusal }
        return outcome.failures[0].map { RowExplanation.Failure(event: $0.event, error: "\($0.error)") }
    }
}
