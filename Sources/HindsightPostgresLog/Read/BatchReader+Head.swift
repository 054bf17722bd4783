import HindsightLog
import HindsightPostgres

extension BatchReader {
    /// The new events at the head.
    struct Head {
        var batch: EventBatch
        /// How many positions the batch spans.
        var span: Int64
        /// True if there may be more events than were asked for.
        var isFull: Bool
        /// True if an event was left out because of its size, so that the batch must be read in another way.
        var isTooLarge: Bool
    }

    /// Takes all three steps of reading.
    func readHead(
        after offset: Offset, filter: EventFilter, limit: Int, in session: inout PostgresSession
    ) throws -> Head {
        isHeld
            ? try readBelowBound(after: offset, filter: filter, limit: limit, in: &session)
            : try readAtOnce(after: offset, filter: filter, limit: limit, in: &session)
    }

    /// In one round trip, or two if an append overtakes the reader.
    ///
    /// The third step does not yet know the results of the first two, so it asks for all visible events, and those
    /// above the bound are dropped here. Its snapshot is taken last, as required.
    private func readAtOnce(
        after offset: Offset, filter: EventFilter, limit: Int, in session: inout PostgresSession
    ) throws -> Head {
        let query = RangeQuery(names: names, filter: filter, form: .bound, low: offset.position, high: .max)
        let columns = EventColumns.upToSize(limit: limit, maximumBytes: maximumBytes)
        // Read committed, so that each statement has its own snapshot, whatever the session's default.
        let answers = try session.pipeline(
            ["begin isolation level read committed read only"]
                + FrontierBound.steps(names, description, setting: .preferringKeyLookUps) + [
                    query.select(.seek, limit: limit, columns: columns),
                    Offset.highestQuery(through: .max, names, anchorOf: offset), "commit",
                ])
        let bound = try FrontierBound(lastDrawn: answers[1], locks: answers[2])
        var frontier = try Offset(answers[4])
        try check(offset, answers[4], in: &session)
        // Appends have overtaken this reader.
        if frontier.position > bound.position {
            frontier = try Offset.highest(through: bound.position, names, in: &session)
        }
        return try head(answers[3], below: bound, frontier: frontier, after: offset, limit: limit)
    }

    /// In two round trips, the bound first: while it is held, there may be many events above it, which would be fetched
    /// in vain.
    private func readBelowBound(
        after offset: Offset, filter: EventFilter, limit: Int, in session: inout PostgresSession
    ) throws -> Head {
        let bound = try FrontierBound.read(names, description, in: &session)
        let query = RangeQuery(
            names: names, filter: filter, form: .bound, low: offset.position, high: bound.position)
        let columns = EventColumns.upToSize(limit: limit, maximumBytes: maximumBytes)
        let answers = try session.pipeline([
            .preferKeyLookUps, query.select(.seek, limit: limit, columns: columns),
            Offset.highestQuery(through: bound.position, names, anchorOf: offset),
        ])
        try check(offset, answers[2], in: &session)
        return try head(answers[1], below: bound, frontier: try Offset(answers[2]), after: offset, limit: limit)
    }

    /// Compares the reader's anchor with the event that the search for the frontier found in its place.
    private func check(_ offset: Offset, _ answer: PostgresResult, in session: inout PostgresSession) throws {
        // Without a visible event, or without an anchor, this takes a separate look, which is rare.
        guard let row = answer.first, offset.anchor != nil else { return try offset.verify(names, in: &session) }
        try offset.check(try row.decode(2), isBeyondTheEnd: false, names)
    }

    private func head(
        _ rows: PostgresResult, below bound: FrontierBound, frontier: Offset, after offset: Offset, limit: Int
    ) throws -> Head {
        let visible = try EventColumns.events(rows, through: bound.position)
        let events = visible ?? []
        let isFull = events.count == limit
        var (batch, span) = self.batch(events, after: offset, full: isFull, frontier: frontier)
        batch.isHeld = bound.isHeld
        return Head(batch: batch, span: span, isFull: isFull, isTooLarge: visible == nil)
    }
}
