import HindsightLog
import HindsightPostgres

/// Reads one batch of the log: the third step of reading, preceded by the first two if no frontier is known.
///
/// Each read compares the reader's anchor with the log's event there, in a statement that is sent anyway.
struct BatchReader {
    let names: SchemaNames
    let description: LogDescription
    let densities: TypeDensities
    /// Whether an open append held the frontier back at the last look.
    let isHeld: Bool
    /// The maximum total size of a batch's events, which bounds memory whatever they hold.
    let maximumBytes: Int

    /// The number of events from which a batch is copied: COPY is faster per row, but must be planned each time.
    private static let copyThreshold = 500

    /// - Returns: the batch, and how many positions it spans.
    func read(
        after offset: Offset, through known: Offset?, filter: EventFilter, limit: Int, in session: inout PostgresSession
    ) throws -> (EventBatch, span: Int64) {
        if let known {
            let form: RangeQuery.Form = limit < Self.copyThreshold ? .bound : .literal
            return try read(after: offset, through: known, filter: filter, limit: limit, form, in: &session)
        }
        // The reader is nearly always at the head, where one round trip suffices.
        let head = try readHead(after: offset, filter: filter, limit: min(limit, Self.copyThreshold), in: &session)
        guard head.isTooLarge || (head.isFull && limit > Self.copyThreshold) else { return (head.batch, head.span) }
        var (batch, span) = try read(
            after: offset, through: head.batch.frontier, filter: filter, limit: limit, .literal, in: &session)
        batch.isHeld = head.batch.isHeld
        return (batch, span)
    }

    private func read(
        after offset: Offset, through known: Offset, filter: EventFilter, limit: Int, _ form: RangeQuery.Form,
        in session: inout PostgresSession
    ) throws -> (EventBatch, span: Int64) {
        let span = known.position - offset.position
        guard span > 0 else {
            // The bound may briefly be below an offset. So may the end of a log that was rewound.
            if span < 0 || known.anchor != offset.anchor { try offset.verify(names, in: &session) }
            return (EventBatch(events: [], through: offset, frontier: known), 0)
        }
        switch densities.plan(for: filter, limit: limit, span: span) {
        case .seek:
            return try seek(filter, after: offset, through: known, limit: limit, form, in: &session)
        case .scan(let window):
            let end = min(known.position, offset.position.addingReportingOverflow(max(window, 1)).partialValue)
            let query = RangeQuery(
                names: names, filter: filter, form: form, low: offset.position, high: end, anchor: offset.anchor)
            let (events, isCut) = try fetch(query, .scan, after: offset, limit: limit, in: &session)
            guard events.count < limit, !isCut, end < known.position else {
                return batch(events, after: offset, full: isCut || events.count == limit, frontier: known)
            }
            let through = try Offset.highest(through: end, names, in: &session)
            // A window that is all holes would be read forever.
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
        let query = RangeQuery(
            names: names, filter: filter, form: form, low: offset.position, high: known.position,
            anchor: offset.anchor)
        let (events, isCut) = try fetch(query, .seek, after: offset, limit: limit, in: &session)
        return batch(events, after: offset, full: isCut || events.count == limit, frontier: known)
    }

    func batch(
        _ events: [RecordedEvent], after offset: Offset, full: Bool, frontier: Offset
    ) -> (EventBatch, span: Int64) {
        let through = full ? events.last?.offset ?? offset : later(frontier, offset)
        return (EventBatch(events: events, through: through, frontier: frontier), through.position - offset.position)
    }

    private func later(_ first: Offset, _ second: Offset) -> Offset {
        first.position >= second.position ? first : second
    }
}
