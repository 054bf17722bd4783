public import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension PostgresEventLog {
    /// Reads a stream from a version, inclusive, forward or backward.
    public func readStream(
        _ stream: StreamName, from version: Int64?, backward: Bool, limit: Int, maximumBytes: Int
    ) async throws -> EventPage {
        let order: SQL = backward ? "desc" : "asc"
        let start: SQL =
            switch version {
            case nil: ""
            case .some(let version) where backward: "and e.version <= \(version)"
            case .some(let version): "and e.version >= \(version)"
            }
        return try await page(limit: limit, maximumBytes) { [names] columns, limit in
            """
            select \(sql: columns) from \(identifier: names.events) e
            where e.stream = \(stream.rawValue) \(sql: start) order by e.version \(sql: order) limit \(Int64(clamping: limit))
            """
        }
    }

    /// Reads the log backward from a position, inclusive; nil for the frontier.
    public func readBackward(
        from position: Int64?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventPage {
        let highest = min(position ?? .max, try await bound().position)
        let query = RangeQuery(names: names, filter: filter, form: .bound, low: 0, high: highest)
        return try await page(limit: limit, maximumBytes) { columns, limit in
            query.seek(limit: limit, backward: true, columns: columns)
        }
    }

    /// The events with these ids above a position, in the order of their positions.
    public func events(withIDs ids: [UUID], after position: Int64, maximumBytes: Int) async throws -> EventPage {
        do {
            let page = try await page(limit: ids.count, most: ids.count, maximumBytes) { [names] columns, _ in
                """
                select \(sql: columns) from \(identifier: names.events) e
                where e.id = any(\(ids)) and e.position > \(position) order by e.position
                """
            }
            // There are no more than were requested.
            return EventPage(page.events, isCut: page.isCut && page.events.count < Set(ids).count)
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw EventLogError(.notPermitted, "this role may not read the log: \(error)", underlying: error)
        }
    }

    /// The visible events at these positions, in the order of their positions.
    public func events(at positions: [Int64], maximumBytes: Int) async throws -> EventPage {
        let highest = try await bound().position
        let wanted = Set(positions.filter { $0 <= highest }).sorted()
        let page = try await page(limit: wanted.count, most: wanted.count, maximumBytes) { [names] columns, _ in
            """
            select \(sql: columns) from \(identifier: names.events) e where e.position = any(\(wanted)) order by e.position
            """
        }
        // There are no more than were requested.
        return EventPage(page.events, isCut: page.isCut && page.events.count < wanted.count)
    }

    /// Reads a page: at once if its events are small, otherwise one by one.
    ///
    /// - Parameters:
    ///   - most: the maximum number of events that are read at once. Defaults to `500`.
    ///   - select: the statement, for these columns and at most this many events.
    private func page(
        limit: Int, most: Int = 500, _ maximumBytes: Int, _ select: @Sendable (SQL, Int) -> SQL
    ) async throws -> EventPage {
        let count = min(limit, most)
        guard count > 0 else { return EventPage([], isCut: true) }
        let guarded = select(EventColumns.upToSize(limit: count, maximumBytes: maximumBytes), count)
        let whole = select(EventColumns.list, count)
        return try await pool.withSession { session in
            if let events = try EventColumns.events(try session.query(guarded)) {
                return EventPage(events, isCut: events.count == count)
            }
            return try Self.stream(whole, count, maximumBytes, in: &session)
        }
    }

    private static func stream(
        _ select: SQL, _ count: Int, _ maximumBytes: Int, in session: inout PostgresSession
    ) throws -> EventPage {
        var columns = EventColumns()
        var events: [RecordedEvent] = []
        var bytes = 0
        do {
            try session.forEachRow(select) { row in
                let event = try columns.event(row)
                bytes += event.byteCount
                // A single event may exceed the limit for all.
                if bytes > maximumBytes, !events.isEmpty { throw PageIsFull() }
                events.append(event)
            }
        } catch is PageIsFull {
            return EventPage(events, isCut: true)
        }
        return EventPage(events, isCut: events.count == count)
    }

    /// Ends a stream of rows early.
    private struct PageIsFull: Error {}
}
