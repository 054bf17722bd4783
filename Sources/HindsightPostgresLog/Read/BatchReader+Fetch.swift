import HindsightLog
import HindsightPostgres

extension BatchReader {
    /// Fetches as many events of a query as the limits allow.
    func fetch(
        _ query: RangeQuery, _ way: RangeQuery.Way, after offset: Offset, limit: Int, in session: inout PostgresSession
    ) throws -> (events: [RecordedEvent], isCut: Bool) {
        switch query.form {
        case .bound:
            let guarded = EventColumns.upToSize(limit: limit, maximumBytes: maximumBytes)
            let answers = try session.pipeline([
                .preferIndexes, query.select(way, limit: limit, columns: guarded), offset.followingQuery(names),
            ])
            try offset.check(following: answers[2], names)
            if let events = try EventColumns.events(answers[1]) { return (events, false) }
            return try copy(query.with(form: .literal), way, after: offset, limit: limit, in: &session)
        case .literal:
            return try copy(query, way, after: offset, limit: limit, in: &session)
        }
    }

    /// Copies the events, and stops when they get too large together.
    private func copy(
        _ query: RangeQuery, _ way: RangeQuery.Way, after offset: Offset, limit: Int, in session: inout PostgresSession
    ) throws -> (events: [RecordedEvent], isCut: Bool) {
        var columns = EventColumns()
        var events: [RecordedEvent] = []
        var bytes = 0
        do {
            let select = query.select(way, limit: limit, columns: EventColumns.list)
            try session.copyOut("copy (\(sql: select)) to stdout (format binary)") { tuple in
                // A single event may exceed the limit for all.
                if bytes > 0, bytes + tuple.count > maximumBytes { throw BatchIsFull() }
                bytes += tuple.count
                events.append(try columns.event(copied: tuple))
            }
        } catch is BatchIsFull {
            return (events, true)
        }
        // If there is another event at the anchor's place, the query finds nothing.
        if events.isEmpty { try offset.verify(names, in: &session) }
        return (events, false)
    }

    /// Ends a copy early.
    private struct BatchIsFull: Error {}
}
