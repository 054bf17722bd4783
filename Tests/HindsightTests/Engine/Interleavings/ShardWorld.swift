import Hindsight
import HindsightPostgres
import HindsightTestSupport

/// The little world in which operations meet: a name with four tables and their shards.
///
/// A log of five positions is folded into tables that hold a row for each position that was applied, so that one that was
/// applied twice is there twice. `account_v1` is shown; `account_v1_2` was kept; `account_v1_3` is filled by a rebuild;
/// `account_v2` is a version that is not shown yet.
struct ShardWorld: Hashable, Sendable {
    static let log = "00000000-0000-0000-0000-0000000000aa"
    static let tables = ["account_v1", "account_v1_2", "account_v1_3", "account_v2"]

    /// How far each shard has come.
    var shown: Int64 = 3
    var kept: Int64 = 3
    var rebuild: Int64 = 3
    var next: Int64 = 3
    /// Where the shown shard has stopped.
    var stoppedAt: Int64?
    /// False: nobody keeps the kept table up to date.
    var keepsKept = true

    /// A shard's row as an argument.
    static func row(_ shard: Shard) -> SQL {
        "row(\(shard.kind), 'account', \(shard.version), 0, \(log)::uuid)::hindsight.shard"
    }

    /// Which of the name's shards.
    struct Shard: Hashable, Sendable, CustomStringConvertible {
        let kind: String
        let version: Int32

        static let shown = Shard(kind: "projection", version: 1)
        static let kept = Shard(kind: "kept", version: 1)
        static let rebuild = Shard(kind: "rebuild", version: 1)
        static let next = Shard(kind: "projection", version: 2)

        var description: String { "\(kind) \(version)" }

        /// The table that belongs to it in the beginning.
        var table: String {
            switch (kind, version) {
            case ("projection", 2): "account_v2"
            case ("kept", _): "account_v1_2"
            case ("rebuild", _): "account_v1_3"
            default: "account_v1"
            }
        }
    }

    /// Makes tables, the view and the function that puts everything back.
    static func setUp(_ session: inout PostgresSession) throws {
        let definitions = tables.map { "create table hindsight.\($0) (position bigint not null);" }
        try session.script(definitions.joined(separator: "\n"))
        try session.script("create view account as select * from hindsight.account_v1")
        try session.script(
            """
            create function put_back(
                shown bigint, kept bigint, rebuild bigint, next bigint, stop bigint, keeps_kept boolean)
            returns void language plpgsql as $$
            begin
                delete from hindsight.account_v1;
                delete from hindsight.account_v1_2;
                delete from hindsight.account_v1_3;
                delete from hindsight.account_v2;
                insert into hindsight.account_v1 select generate_series(1, shown);
                insert into hindsight.account_v1_2 select generate_series(1, kept);
                insert into hindsight.account_v1_3 select generate_series(1, rebuild);
                insert into hindsight.account_v2 select generate_series(1, next);
                delete from hindsight.projections;
                insert into hindsight.projections (name, version, kind, shape, view_table, active, shown_at) values
                    ('account', 1, 'projection', '', 'account_v1', true, clock_timestamp()),
                    ('account', 1, 'kept', '', 'account_v1_2', false, clock_timestamp() - interval '1 hour'),
                    ('account', 1, 'rebuild', '', 'account_v1_3', false, null),
                    ('account', 2, 'projection', '', 'account_v2', false, null);
                delete from hindsight.offsets;
                delete from hindsight.handled_events;
                insert into hindsight.offsets (kind, name, version, log, position, anchor, applied, position_sum,
                    position_mix, summed_through, epoch, owner, leased_until, complete_by, complete_through, stopped_at)
                select s.kind, 'account', s.version, '\(log)', s.position, '\(log)', s.position,
                    (select coalesce(sum(i), 0) from generate_series(1, s.position) i),
                    (select coalesce(bit_xor(i % \(LogChecksum.modulus) * \(LogChecksum.factor)), 0)
                        from generate_series(1, s.position) i),
                    s.position, 1, s.owner, clock_timestamp() - interval '1 second',
                    case when s.position > 0 then pg_current_xact_id() end,
                    case when s.position > 0 then s.position end, s.stop
                from (values ('projection', 1, shown, 'a', stop), ('kept', 1, kept, case when keeps_kept then 'a' end, null),
                    ('rebuild', 1, rebuild, 'a', null), ('projection', 2, next, 'a', null)
                ) s (kind, version, position, owner, stop);
                create or replace view account as select * from hindsight.account_v1;
            end $$;
            """)
    }

    /// Puts everything back to where an order begins.
    func putBack(_ session: inout PostgresSession) throws {
        try session.execute(
            "select put_back(\(shown), \(kept), \(rebuild), \(next), \(stoppedAt), \(keepsKept))")
    }
}
