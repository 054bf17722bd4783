public import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension PostgresEventLog {
    /// Reads a stream from a version on, forward or backward, the version included.
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
        return try await page(limit: limit) { [names] limit in
            """
            select \(sql: EventColumns.list) from \(identifier: names.events) e
            where e.stream = \(stream.rawValue) \(sql: start) order by e.version \(sql: order) limit \(Int64(clamping: limit))
            """
        }
    }

    /// Reads the log backward from a position, the position included; nil for the frontier.
    public func readBackward(
        from position: Int64?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventPage {
        let highest = min(position ?? .max, try await bound().position)
        let query = RangeQuery(names: names, filter: filter, form: .bound, low: 0, high: highest)
        return try await page(limit: limit) { limit in query.seek(limit: limit, backward: true) }
    }

    /// The events that have these ids and stand above a position, in the order of their positions.
    public func events(withIDs ids: [UUID], after position: Int64, maximumBytes: Int) async throws -> EventPage {
        try await page(limit: ids.count) { [names] _ in
            """
            select \(sql: EventColumns.list) from \(identifier: names.events) e
            where e.id = any(\(ids)) and e.position > \(position) order by e.position
            """
        }
    }

    private func page(limit: Int, _ select: @Sendable (Int) -> SQL) async throws -> EventPage {
        let statement = select(limit)
        let events = try await pool.withSession { session in
            var columns = EventColumns()
            return try session.query(statement).map { try columns.event($0) }
        }
        return EventPage(events, isCut: events.count == limit)
    }
}
