import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension OffsetStore {
    /// The second statement of a transaction that handles events beyond the offset. Its commit does not wait for the disk: that of
    /// the offset, which comes after it, does, and until then both the effect and its note may be lost, but not one of them.
    func workUnflushed(on key: ShardKey, atMost limit: Duration) -> SQL {
        "\(sql: workOn([key], atMost: limit)), set_config('synchronous_commit', 'off', true)"
    }

    /// Notes which events a transaction has handled beyond the offset, as its last statement; raises `HS001` if lease or offset have
    /// changed. As an offset that moves does, it prolongs the lease, if less than half of it is left.
    func note(
        handled notes: (positions: [Int64], ids: [UUID]), of key: ShardKey, epoch: Int64, beyond offset: Int64?,
        lease: Duration
    ) -> SQL {
        """
        select \(sql: call("note_handled", """
            \(sql: row(key)), \(epoch), \(offset), \(notes.positions)::bigint[], \(notes.ids)::uuid[], \(sql: Self.interval(lease))
            """))
        """
    }

    /// The events beyond the offset that are handled: their ids by position.
    func handled(of key: ShardKey, in session: inout PostgresSession) throws -> [Int64: UUID] {
        try handled(session.query(handled(of: key)))
    }

    /// The statement whose answer ``handled(_:)`` reads.
    func handled(of key: ShardKey) -> SQL {
        """
        select h.positions, h.ids from \(identifier: names.offsets) o
        join \(identifier: names.object("handled_events")) h on h.list = o.parked_list and h.last_position > o.position
        where o.kind = \(key.kind.rawValue) and o.name = \(key.name) and o.version = \(Int32(key.version))
            and o.partition = \(Int32(key.partition)) and o.log = \(key.log)
        """
    }

    func handled(_ rows: PostgresResult) throws -> [Int64: UUID] {
        var handled: [Int64: UUID] = [:]
        for row in rows {
            let positions = try row.decode(0, as: [Int64].self)
            for (position, id) in zip(positions, try row.decode(1, as: [UUID].self)) { handled[position] = id }
        }
        return handled
    }
}
