import HindsightLog
import HindsightPostgres

extension FrontierBound {
    /// Steps one and two of reading: the sequence's last value, then the floor locks. In the opposite order, an append
    /// that ends in between would be missed.
    ///
    /// Neither looks at rows, so neither depends on a snapshot; the third step must take its own after them.
    ///
    /// - Parameter setting: an expression that changes a setting for the rest of the transaction, without an extra
    ///   round trip.
    static func steps(_ names: SchemaNames, _ description: LogDescription, setting: SQL = "null") -> [SQL] {
        [
            "select coalesce(pg_sequence_last_value(\(names.positions.quoted)::text::regclass), 0), \(sql: setting)",
            """
            select l.objid::bigint from pg_locks l
            where l.locktype = 'advisory' and l.database = \(description.database)::bigint::oid
                and l.classid = \(Int64(description.lockClass))::bigint::oid and l.objsubid = 2
            """,
        ]
    }

    /// Reads the answers to ``steps(_:_:)``.
    init(lastDrawn: PostgresResult, locks: PostgresResult) throws {
        self.init(
            lastDrawn: try lastDrawn.first?.decode(0, as: Int64.self) ?? 0,
            floorLowHalves: try locks.map { UInt32(truncatingIfNeeded: try $0.decode(0, as: Int64.self)) })
    }

    /// Takes steps one and two. A read afterwards, in its own transaction, is the third.
    static func read(
        _ names: SchemaNames, _ description: LogDescription, in session: inout PostgresSession
    ) throws -> FrontierBound {
        let answers = try session.pipeline(steps(names, description))
        return try FrontierBound(lastDrawn: answers[0], locks: answers[1])
    }
}

extension Offset {
    /// The highest visible event at or below a position, as an offset.
    static func highest(
        through position: Int64, _ names: SchemaNames, in session: inout PostgresSession
    ) throws -> Offset {
        try Offset(session.query(highestQuery(through: position, names)))
    }

    /// - Parameter offset: where the reader stands; the query also returns the id of the event there.
    static func highestQuery(through position: Int64, _ names: SchemaNames, anchorOf offset: Offset) -> SQL {
        """
        select e.position, e.id,
            (select a.id from \(identifier: names.events) a where a.position = \(offset.position))
        from \(identifier: names.events) e
        where e.position <= \(position) order by e.position desc limit 1
        """
    }

    static func highestQuery(through position: Int64, _ names: SchemaNames) -> SQL {
        """
        select e.position, e.id from \(identifier: names.events) e
        where e.position <= \(position) order by e.position desc limit 1
        """
    }

    init(_ result: PostgresResult) throws {
        self = try result.first.map { Offset(position: try $0.decode(0), anchor: try $0.decode(1)) } ?? .beginning
    }
}
