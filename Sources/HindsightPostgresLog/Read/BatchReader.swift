import HindsightLog
import HindsightPostgres

/// Reads one batch of the log: the third step of reading, and the first two where no frontier is known.
struct BatchReader {
    let names: SchemaNames
    let description: LogDescription
    let densities: TypeDensities
    /// Whether an open append held the frontier back when it was last looked at.
    let isHeld: Bool
    /// How large the events of a batch may be together: memory is to stay bounded, whatever they hold.
    let maximumBytes: Int

    /// From how many events on a batch is copied: COPY is faster by row, but has to be planned each time.
    private static let copyThreshold = 500

    /// - Returns: the batch, and how many positions it spans.
    func read(
        after offset: Offset, through known: Offset?, filter: EventFilter, limit: Int, in session: inout PostgresSession
    ) throws -> (EventBatch, span: Int64) {
        guard let known else {
            // Nearly always the reader is at the head, and one round trip has it all.
            let head = try readHead(
                after: offset, filter: filter, limit: min(limit, Self.copyThreshold), in: &session)
            guard head.isFull, limit > Self.copyThreshold else { return (head.batch, head.span) }
            var (batch, span) = try read(
                after: offset, through: head.batch.frontier, filter: filter, limit: limit, in: &session)
            batch.isHeld = head.batch.isHeld
            return (batch, span)
        }
        let span = known.position - offset.position
        guard span > 0 else {
            return (EventBatch(events: [], through: offset, frontier: known), 0)
        }
        let form: RangeQuery.Form = limit < Self.copyThreshold ? .bound : .literal
        switch densities.plan(for: filter, limit: limit, span: span) {
        case .seek:
            return try seek(filter, after: offset, through: known, limit: limit, form, in: &session)
        case .scan(let window):
            let end = min(known.position, offset.position.addingReportingOverflow(max(window, 1)).partialValue)
            let query = RangeQuery(names: names, filter: filter, form: form, low: offset.position, high: end)
            let (events, isCut) = try fetch(query.scan(limit: limit), form, in: &session)
            guard events.count < limit, !isCut, end < known.position else {
                return batch(events, after: offset, full: isCut || events.count == limit, frontier: known)
            }
            let through = try Offset.highest(through: end, names, in: &session)
            // A window that is all hole would be read for ever.
            guard through.position > offset.position else {
                return try seek(filter, after: offset, through: known, limit: limit, form, in: &session)
            }
            return (
                EventBatch(events: events, through: through, frontier: known), through.position - offset.position
            )
        }
    }

    private func seek(
        _ filter: EventFilter, after offset: Offset, through known: Offset, limit: Int, _ form: RangeQuery.Form,
        in session: inout PostgresSession
    ) throws -> (EventBatch, span: Int64) {
        let query = RangeQuery(names: names, filter: filter, form: form, low: offset.position, high: known.position)
        let (events, isCut) = try fetch(query.seek(limit: limit), form, in: &session)
        return batch(events, after: offset, full: isCut || events.count == limit, frontier: known)
    }

    func batch(
        _ events: [RecordedEvent], after offset: Offset, full: Bool, frontier: Offset
    ) -> (EventBatch, span: Int64) {
        let through = full ? events.last?.offset ?? offset : later(frontier, offset)
        return (EventBatch(events: events, through: through, frontier: frontier), through.position - offset.position)
    }

    private func fetch(
        _ select: SQL, _ form: RangeQuery.Form, in session: inout PostgresSession
    ) throws -> (events: [RecordedEvent], isCut: Bool) {
        var columns = EventColumns()
        switch form {
        case .bound:
            return (try session.pipeline([.preferIndexes, select])[1].map { try columns.event($0) }, false)
        case .literal:
            var events: [RecordedEvent] = []
            var bytes = 0
            do {
                try session.copyOut("copy (\(sql: select)) to stdout (format binary)") { tuple in
                    // One event may be larger than all of them should be.
                    if bytes > 0, bytes + tuple.count > maximumBytes { throw BatchIsFull() }
                    bytes += tuple.count
                    events.append(try columns.event(copied: tuple))
                }
            } catch is BatchIsFull {
                return (events, true)
            }
            return (events, false)
        }
    }

    /// Ends a copy early.
    private struct BatchIsFull: Error {}

    private func later(_ first: Offset, _ second: Offset) -> Offset {
        first.position >= second.position ? first : second
    }
}
