import HindsightPostgres
import Testing

/// The offset store with a mend taken out.
struct StoreMutant: Sendable {
    private enum Change: Sendable {
        /// A text in a function, which is there once, and what takes its place.
        case text(function: String, String, String)
        case script(String)
    }

    private let changes: [Change]

    private init(_ changes: [Change]) { self.changes = changes }

    func apply(_ session: inout PostgresSession) throws {
        for change in changes {
            switch change {
            case .script(let script):
                try session.script(script)
            case .text(let function, let text, let other):
                // The one with the most parameters does the work of its forerunners.
                let source = try session.query(
                    """
                    select pg_get_functiondef(oid) from pg_proc
                    where proname = \(function) and pronamespace = 'hindsight'::regnamespace order by pronargs desc limit 1
                    """)[0].decode(0, as: String.self)
                let parts = source.split(separator: text, omittingEmptySubsequences: false)
                try #require(parts.count == 2, "\(function) has \"\(text)\" once")
                try session.script(parts.joined(separator: other))
            }
        }
    }

    /// What is said of the rows, from a row that was read before the wait for the target's lock.
    private static let columns = """
        position = s.position, anchor = s.anchor, applied = s.applied, position_sum = s.position_sum,
        position_mix = s.position_mix, summed_through = s.summed_through, complete_by = s.complete_by,
        complete_through = s.complete_through, epoch = greatest(s.epoch, o.epoch) + 1, owner = null, leased_until = null
        """

    /// Finding 1: a rollback updates offsets from a sub-select of the same table.
    static let exchangeReadsBeforeLock = StoreMutant([
        .script(
            """
            create or replace function hindsight.exchange_shards(a hindsight.shard, b hindsight.shard) returns void
            language sql volatile set search_path from current as $$
                update hindsight.offsets o set \(columns)
                from (select f.* from hindsight.offsets f
                    where f.name = a.name and f.version = a.version and f.kind in (a.kind, b.kind)) s
                where o.name = a.name and o.version = a.version and o.kind in (a.kind, b.kind) and s.kind <> o.kind
            $$;
            """)
    ])

    /// Finding 1: the swap does the same.
    static let moveReadsBeforeLock = StoreMutant([
        .text(function: "readiness", "perform lock_shards(s, coalesce(shown, s));", ""),
        .script(
            """
            create or replace function hindsight.move_shard(source hindsight.shard, target hindsight.shard) returns void
            language sql volatile as $$
                select hindsight.make_shard(target, 0, null);
                update hindsight.offsets o set \(columns)
                from (select f.* from hindsight.offsets f
                    where f.name = source.name and f.version = source.version and f.kind = source.kind) s
                where o.name = target.name and o.version = target.version and o.kind = target.kind;
                select hindsight.clear_shard(source);
            $$;
            """),
    ])

    /// Finding 3: nobody waits for older snapshots.
    static let showDoesNotWait = StoreMutant([
        .text(function: "readiness", "if exists (", "if false and exists (")
    ])

    /// Finding 7: where the rows stand is compared, not where they stood when they were noted as complete.
    static let comparesPresentPosition = StoreMutant([
        .text(function: "readiness", "coalesce(candidate.complete_through, -1)", "candidate.position")
    ])

    static let advanceWithoutEpoch = StoreMutant([
        .text(function: "advance_shard", "and o.epoch = lease_epoch and", "and")
    ])

    static let advanceWithoutPosition = StoreMutant([
        .text(function: "advance_shard", "and o.position = old_position and", "and")
    ])

    static let noteWithoutEpoch = StoreMutant([
        .text(
            function: "note_handled", "(o.epoch, o.position) is distinct from (lease_epoch, old_position)",
            "o.position <> old_position")
    ])

    static let noteWithoutLock = StoreMutant([.text(function: "note_handled", "for share", "")])

    static let noteProlongsWithoutLock = StoreMutant([
        .text(function: "note_handled", "for no key update", ""),
        .text(function: "note_handled", "if is_due and", "if false and"),
    ])

    static let exchangeLeavesNotes = StoreMutant([
        .text(function: "put_shard", "parked_list = source.parked_list, ", "")
    ])

    static let exchangeKeepsEpochs = StoreMutant([
        .text(function: "put_shard", "epoch = greatest(source.epoch, o.epoch) + 1", "epoch = o.epoch")
    ])
}
