import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The gateway to what has to do with moving in the database (`schema/0024_moved_logs.sql`).
struct MoveStore: Sendable {
    let catalog: ProjectionCatalog

    private var names: SchemaNames { catalog.names }
    private var offsets: OffsetStore { catalog.store }

    /// What there is of a shard that is to be moved.
    struct Shard: Sendable {
        let key: ShardKey
        let offset: Offset
        let epoch: Int64
        let isHeld: Bool
        /// Whether it is known which events were applied.
        let isCounted: Bool
        /// Every position that is stored for it and must be in the copy.
        let positions: Set<Int64>
        /// What need not be there: where it has crashed. That stays when the log is put back to an earlier state.
        let hints: Set<Int64>
        /// The ids of the events at some of them.
        let ids: [Int64: UUID]

        var description: String {
            switch key.kind {
            case .projection, .rebuild, .kept: "projection \"\(key.name)\""
            case .subscription: "the subscription \"\(key.name)\""
            }
        }
    }

    private func table(_ name: String) -> PostgresIdentifier { names.object(name) }

    /// A log of which something is stored.
    struct Source: Sendable {
        let log: UUID
        /// Whether something was applied or handled of it, or has stopped in it. Receipts, and a subscription that has only found its
        /// place, may be left from a log of long ago.
        let isDecisive: Bool
    }

    /// The logs other than the catalog's of which something is stored.
    func sources(in session: inout PostgresSession) throws -> [Source] {
        try session.query(
            """
            select s.log, bool_or(s.is_decisive) from (
                select o.log, coalesce(\(sql: hasProgress), false) as is_decisive
                from \(identifier: names.offsets) o where o.kind <> 'rebuild' and \(sql: hasBegun)
                union all select r.log, false from \(identifier: table("receipts")) r) s
            where s.log <> \(catalog.log) group by s.log order by s.log
            """
        ).map { Source(log: try $0.decode(0), isDecisive: try $0.decode(1)) }
    }

    private var hasProgress: SQL {
        """
        (o.position > 0 or o.stopped_at > 0
            or exists (select from \(identifier: table("handled_events")) h where h.list = o.parked_list))
        """
    }

    private var hasBegun: SQL {
        // A subscription to what comes from now on has a place that says when that was, also at the beginning. 0 is that it was moved.
        "(\(sql: hasProgress) or (o.kind = 'subscription' and o.stopped_at is distinct from 0))"
    }

    /// What of a log is to be moved, in the order of the key.
    func shards(of log: UUID, in session: inout PostgresSession) throws -> [Shard] {
        try session.query(
            """
            select o.kind, o.name, o.version, o.partition, o.position, o.anchor, o.epoch,
                \(identifier: table("is_held"))(o), o.summed_through = o.position, o.stopped_at, o.stopped_event,
                array_remove(array[o.complete_through, o.suspect_low, o.suspect_high], null),
                array(
                    select p.first_position from \(identifier: table("parked_keys")) p where p.list = o.parked_list
                    union select p.last_position from \(identifier: table("parked_keys")) p where p.list = o.parked_list
                    union select e.position from \(identifier: table("parked_events")) e where e.list = o.parked_list
                    union select h.last_position from \(identifier: table("handled_events")) h where h.list = o.parked_list),
                array(
                    select p.position from \(identifier: table("handled_events")) h, unnest(h.positions, h.ids) p (position, id)
                    where h.list = o.parked_list order by p.position),
                array(
                    select p.id from \(identifier: table("handled_events")) h, unnest(h.positions, h.ids) p (position, id)
                    where h.list = o.parked_list order by p.position),
                array_remove(array[o.crashed_at], null)
            from \(identifier: names.offsets) o
            where o.log = \(log) and o.kind <> 'rebuild' and \(sql: hasBegun)
            order by o.kind, o.name, o.version, o.partition
            """
        ).map { try shard($0, log) }
    }

    private func shard(_ row: PostgresRow, _ log: UUID) throws -> Shard {
        let kind = try row.decode(0, as: String.self)
        guard let kind = ShardKey.Kind(rawValue: kind) else {
            throw ProjectionError(
                .cannotMove,
                "there are offsets of the kind \"\(kind)\", which this program does not know: move with a newer one")
        }
        let offset = Offset(position: try row.decode(4), anchor: try row.decode(5))
        var ids: [Int64: UUID] = [:]
        var positions = Set(try row.decode(11, as: [Int64].self)).union(try row.decode(12, as: [Int64].self))
        for (position, id) in zip(try row.decode(13, as: [Int64].self), try row.decode(14, as: [UUID].self)) {
            positions.insert(position)
            ids[position] = id
        }
        if let stop = try row.decode(9, as: Int64?.self) {
            positions.insert(stop)
            ids[stop] = try row.decode(10, as: UUID?.self)
        }
        positions.insert(offset.position)
        if let anchor = offset.anchor { ids[offset.position] = anchor }
        return Shard(
            key: ShardKey(
                kind: kind, name: try row.decode(1), version: try row.decode(2, as: Int.self),
                partition: try row.decode(3, as: Int.self), log: log),
            offset: offset, epoch: try row.decode(6), isHeld: try row.decode(7), isCounted: try row.decode(8),
            positions: positions, hints: Set(try row.decode(15, as: [Int64].self)), ids: ids)
    }

    /// The positions that the receipts of commands name.
    func receiptPositions(of log: UUID, in session: inout PostgresSession) throws -> [Int64] {
        try session.query(
            """
            select distinct (receipt ->> 'position')::bigint from \(identifier: table("receipts"))
            where log = \(log) and receipt ->> 'position' is not null
            """
        ).map { try $0.decode(0) }
    }

    /// How many receipts of commands there are that the catalog's log lacks.
    func receiptCount(of log: UUID, in session: inout PostgresSession) throws -> Int64 {
        try session.query(
            """
            select count(*) from \(identifier: table("receipts")) r where r.log = \(log) and not exists (
                select from \(identifier: table("receipts")) n where n.log = \(catalog.log) and n.command = r.command)
            """)[0].decode(0)
    }

    /// Keeps receipts from being written until the transaction ends.
    func lockReceipts(in session: inout PostgresSession) throws {
        try session.execute("lock table \(identifier: table("receipts")) in share row exclusive mode")
    }

    /// The projections of which a rebuild over a log is unfinished.
    func rebuilds(of log: UUID, in session: inout PostgresSession) throws -> [String] {
        try session.query("select name from \(identifier: names.rebuilds) where log = \(log) order by name").map {
            try $0.decode(0)
        }
    }

    /// The nodes that are at work over a log, whether they have anything of it at the moment or not.
    func nodes(of log: UUID, in session: inout PostgresSession) throws -> [String] {
        try session.query(
            """
            select n.name from \(identifier: names.nodes) n
            where n.log = \(log) and \(identifier: table("is_living"))(n) order by n.number
            """
        ).map { try $0.decode(0) }
    }

    /// The answer to moving a shard.
    enum Outcome: String, Sendable {
        case moved
        /// A process has it.
        case held
        /// It is not as it was seen.
        case changed
        /// Events of the new log are applied to it.
        case begun
    }

    /// Moves a shard to the catalog's log.
    func move(
        _ shard: Shard, _ translation: PlaceTranslation, _ change: PlaceTranslation.SumChange?,
        in session: inout PostgresSession
    ) throws -> Outcome {
        let places = shard.positions.union(shard.hints).filter { $0 > 0 && translation.copy(of: $0) != nil }.sorted()
        let arguments: SQL = """
            \(sql: offsets.row(shard.key)), \(catalog.log), \(shard.epoch), \(shard.offset.position), \
            \(places)::bigint[], \(places.compactMap { translation.copy(of: $0) })::bigint[], \
            \(change.map { ExactDecimal(coefficient: $0.growth, scale: 0) }), \(change?.mix)
            """
        let answer = try session.query("select \(sql: offsets.call("move_to_log", arguments))")[0]
        guard let outcome = Outcome(rawValue: try answer.decode(0)) else {
            throw ProjectionError(
                .tableChanged, "move_to_log() gave an answer that this program does not know: it is too old")
        }
        return outcome
    }

    /// Empties what was noted for traced views, declared here or not: it names positions of the log that was left, and is noted anew
    /// from this one.
    func forgetNotes(of shards: [ShardKey], in session: inout PostgresSession) throws {
        let builds = try catalog.builds(in: &session)
        let notes = try session.query(
            """
            select distinct name, version from \(identifier: catalog.projections)
            where shape = \(NotedStretch.shape) and right(name, 6) = '_trace'
            """
        ).map { (name: try $0.decode(0, as: String.self), version: try $0.decode(1, as: Int.self)) }
        for shard in shards where notes.contains(where: { $0.name == shard.name && $0.version == shard.version }) {
            let moved = ShardKey(
                kind: shard.kind, name: shard.name, version: shard.version, partition: shard.partition, log: catalog.log
            )
            guard let table = builds[moved]?.table else { continue }
            try session.execute("truncate \(identifier: catalog.names.object(table))")
            try offsets.clear(moved, in: &session)
        }
    }

    /// Moves the pauses of projections to the catalog's log.
    func movePauses(from log: UUID, in session: inout PostgresSession) throws {
        try session.execute("select \(sql: offsets.call("move_pauses", "\(log), \(catalog.log)"))")
    }

    /// Moves the receipts of commands to the catalog's log.
    ///
    /// - Returns: how many there were.
    func moveReceipts(
        from log: UUID, _ positions: [Int64], _ translation: PlaceTranslation, in session: inout PostgresSession
    ) throws -> Int64 {
        let copies = positions.compactMap { translation.copy(of: $0) }
        return try session.query(
            "select \(sql: offsets.call("move_receipts", "\(log), \(catalog.log), \(positions)::bigint[], \(copies)::bigint[]"))"
        )[0].decode(0)
    }
}
