import HindsightLog
import HindsightPostgres
import HindsightValues

/// Reads what is parked for a shard.
struct ParkedStore: Sendable {
    let store: OffsetStore
    let key: ShardKey

    /// A key as the offset store has it.
    struct Entry: Sendable {
        let text: String
        let position: Int64
        let error: String
        let events: Int64
        let lastPosition: Int64
        let parkedAt: Timestamp
        let noted: Int64

        /// True if each of its events is noted.
        var isComplete: Bool { noted == events }
    }

    /// The parked keys, those that have waited longest first.
    func entries(in session: inout PostgresSession) throws -> [Entry] {
        try session.query(
            """
            select p.key, p.first_position, p.error, p.events, p.last_position, p.parked_at,
                (select count(*) from \(identifier: store.names.object("parked_events")) e where e.list = p.list and e.key = p.key)
            from \(identifier: store.names.object("parked_keys")) p
            where p.list = \(sql: store.call("parked_list", store.row(key)))
            order by p.first_position, p.key
            """
        ).map { row in
            Entry(
                text: try row.decode(0), position: try row.decode(1), error: try row.decode(2),
                events: try row.decode(3), lastPosition: try row.decode(4), parkedAt: try row.decode(5),
                noted: try row.decode(6))
        }
    }

    /// The events noted for some keys above a position, the lowest first: the key and the position.
    func events(
        of keys: [String], after position: Int64, limit: Int, in session: inout PostgresSession
    ) throws -> [(key: String, position: Int64)] {
        // An event may be noted for several keys: all of them come together.
        try session.query(
            """
            select e.key, e.position from \(identifier: store.names.object("parked_events")) e
            where e.list = \(sql: store.call("parked_list", store.row(key))) and e.key = any (\(keys)) and e.position > \(position)
            order by e.position fetch first (\(Int64(limit))) rows with ties
            """
        ).map { (try $0.decode(0), try $0.decode(1)) }
    }
}
