import Hindsight
import HindsightPostgres

/// What is committed at a moment in which nothing moves.
struct ShardObservation: Sendable {
    struct Row: Sendable {
        let shard: ShardWorld.Shard
        let position: Int64
        let applied: Int64
        let positionSum: Int64
        let positionMix: Int64
        let summedThrough: Int64
        let epoch: Int64
        let isActive: Bool
        let table: String?
        /// The positions beyond its own that are noted as handled.
        let handled: [Int64]
    }

    let rows: [Row]
    /// The positions in each table; nil where somebody has a table locked.
    let contents: [String: [Int64]]?

    init(_ session: inout PostgresSession) throws {
        rows = try session.query(
            """
            select o.kind, o.version, o.position, o.applied, o.position_sum::bigint, o.position_mix, o.summed_through, o.epoch,
                coalesce(p.active, false), p.view_table, array(
                    select n from hindsight.handled_events h, unnest(h.positions) n
                    where h.list = o.parked_list and n > o.position)
            from hindsight.offsets o
            left join hindsight.projections p on p.kind = o.kind and p.name = o.name and p.version = o.version
                and p.retired_at is null
            """
        ).map {
            Row(
                shard: ShardWorld.Shard(kind: try $0.decode(0), version: try $0.decode(1)), position: try $0.decode(2),
                applied: try $0.decode(3), positionSum: try $0.decode(4), positionMix: try $0.decode(5),
                summedThrough: try $0.decode(6), epoch: try $0.decode(7), isActive: try $0.decode(8),
                table: try $0.decode(9), handled: try $0.decode(10))
        }
        do {
            let found = try session.query(
                """
                select array(select position from hindsight.account_v1 order by 1),
                    array(select position from hindsight.account_v1_2 order by 1),
                    array(select position from hindsight.account_v1_3 order by 1),
                    array(select position from hindsight.account_v2 order by 1)
                """)[0]
            var contents: [String: [Int64]] = [:]
            for (column, table) in ShardWorld.tables.enumerated() { contents[table] = try found.decode(column) }
            self.contents = contents
        } catch let error where error.sqlState == "55P03" {
            contents = nil
        }
    }

    func epoch(of shard: ShardWorld.Shard) -> Int64? { rows.first { $0.shard == shard }?.epoch }

    /// The positions that the stable name shows; nil if that cannot be seen at the moment.
    var shown: [Int64]? {
        guard let contents, let table = rows.first(where: \.isActive)?.table else { return nil }
        return contents[table]
    }
}
