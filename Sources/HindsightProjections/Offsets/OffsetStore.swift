import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The gateway to the offset store: each operation on a lease or an offset calls the function of
/// `schema/0008_offset_store.sql` that performs it.
///
/// Operations that run together with others return a statement; those that need an answer run on a session.
struct OffsetStore: Hashable, Sendable {
    let names: SchemaNames

    /// A shard as an argument.
    func row(_ key: ShardKey) -> SQL {
        """
        row(\(key.kind.rawValue), \(key.name), \(Int32(key.version)), \(Int32(key.partition)), \(key.log))\
        ::\(identifier: names.object("shard"))
        """
    }

    /// A shard's row as a condition.
    func condition(_ key: ShardKey) -> SQL {
        """
        kind = \(key.kind.rawValue) and name = \(key.name) and version = \(Int32(key.version)) \
        and partition = \(Int32(key.partition)) and log = \(key.log)
        """
    }

    func call(_ function: String, _ arguments: SQL) -> SQL {
        "\(identifier: names.object(function))(\(sql: arguments))"
    }

    static func interval(_ duration: Duration) -> SQL {
        "make_interval(secs => \(duration.seconds))"
    }

    private func columns(of row: SQL) -> SQL {
        ShardState.columns(of: row, isHeld: names.object("is_held"))
    }

    // MARK: - Looking

    /// What the store says about a shard; nil if the shard is unknown.
    func state(_ key: ShardKey, in session: inout PostgresSession) throws -> ShardState? {
        try session.query(
            "select \(sql: columns(of: "o")) from \(identifier: names.offsets) o where \(sql: condition(key))"
        ).first.map { try ShardState($0) }
    }

    /// True while a process has the lease.
    func isHeld(_ key: ShardKey, in session: inout PostgresSession) throws -> Bool {
        try state(key, in: &session)?.owner != nil
    }

    /// The shards of the same kind, name and version over other logs that have events applied: the log, and how many.
    func others(than key: ShardKey, in session: inout PostgresSession) throws -> [(log: String, applied: Int64)] {
        try session.query(
            """
            select log::text, applied from \(identifier: names.offsets)
            where kind = \(key.kind.rawValue) and name = \(key.name) and version = \(Int32(key.version)) and log <> \(key.log)
                and position > 0
            """
        ).map { (try $0.decode(0), try $0.decode(1)) }
    }

    /// The position of the projection furthest behind that some process keeps up to date; nil if there is none.
    func rearmost(over log: UUID, in session: inout PostgresSession) throws -> Int64? {
        try session.query(
            """
            select min(position) from \(identifier: names.offsets)
            where kind = 'projection' and owner is not null and leased_until > clock_timestamp() and stopped_at is null
                and log = \(log)
            """
        ).first?.decode(0)
    }

    // MARK: - Leases

    /// Creates the shard's row if it is missing.
    func make(_ key: ShardKey, at start: Offset = .beginning) -> SQL {
        "select \(sql: call("make_shard", "\(sql: row(key)), \(start.position), \(start.anchor)"))"
    }

    /// Removes the rows of the same shard over other logs.
    func forgetOtherLogs(of key: ShardKey, in session: inout PostgresSession) throws {
        try session.execute("select \(sql: call("forget_other_logs", row(key)))")
    }

    /// The result of asking for a lease.
    enum Take: Sendable {
        /// The caller has the lease now.
        ///
        /// `hasDied`: the previous owner died without giving it back. `unended`: the server processes with its open
        /// transactions, which this role may not end.
        case taken(ShardState, hasDied: Bool, unended: [Int32])
        /// Another process has it.
        case held(ShardState)
        /// It stopped at an event.
        case stopped(ShardState)
        /// There is no such shard.
        case missing
        /// Its owner hangs within a transaction, which was ended, except in these server processes, which this role may
        /// not end. Ask again.
        case blocked(by: [Int32])
    }

    /// Takes a shard that is free, without waiting.
    ///
    /// - Parameter unchanged: its last renewal one lease duration ago by the caller's own clock, if it
    ///   still says the same.
    func take(
        _ key: ShardKey, owner: String, for duration: Duration, unchanged: LeaseRenewal? = nil,
        in session: inout PostgresSession
    ) throws -> Take {
        let found = try session.query(
            """
            select t.status, coalesce(t.died, false), coalesce(t.blockers, '{}'), \(sql: columns(of: "t.state"))
            from \(sql: call("take_shard", """
                \(sql: row(key)), \(owner), \(sql: Self.interval(duration)), \(unchanged?.epoch), \(unchanged?.renewals)
                """)) t
            """)[0]
        let status = try found.decode(0, as: String.self)
        switch status {
        case "taken":
            return .taken(
                try ShardState(found, from: 3), hasDied: try found.decode(1),
                unended: try found.decode(2, as: [Int32].self))
        case "held": return .held(try ShardState(found, from: 3))
        case "stopped": return .stopped(try ShardState(found, from: 3))
        case "missing": return .missing
        case "blocked": return .blocked(by: try found.decode(2, as: [Int32].self))
        case let other:
            throw ProjectionError(
                .tableChanged, "take_shard() answered \"\(other)\", which this program does not know: it is too old")
        }
    }

    /// Takes a shard from its owner, once it stands at a position or beyond; nil if it does not yet.
    func hold(
        _ key: ShardKey, owner: String, for duration: Duration, from position: Int64, in session: inout PostgresSession
    ) throws -> ShardState? {
        try session.query(
            """
            select \(sql: columns(of: "t")) from \(sql: call("hold_shard", """
                \(sql: row(key)), \(owner), \(sql: Self.interval(duration)), \(position)
                """)) t
            """
        ).first.map { try ShardState($0) }
    }

    /// The result of renewing a lease.
    enum Renewal: String, Sendable {
        case kept
        /// Another process has it by now.
        case lost
        /// A transaction has locked the row: work is in progress.
        case busy
    }

    /// Keeps a lease; ``renewal(_:)`` reads the answer.
    ///
    /// - Parameter rate: the events per second to show; nil leaves the shown rate as it is.
    func renew(_ key: ShardKey, epoch: Int64, for duration: Duration, rate: Double? = nil) -> SQL {
        "select \(sql: call("renew_shard", "\(sql: row(key)), \(epoch), \(sql: Self.interval(duration)), \(rate)"))"
    }

    /// The answer to ``renew(_:epoch:for:rate:)``.
    func renewal(_ result: PostgresResult) throws -> Renewal {
        Renewal(rawValue: try result[0].decode(0)) ?? .lost
    }

    /// Keeps several leases, with one statement.
    ///
    /// - Returns: the indices of those that are lost.
    func renew(
        _ leases: [(key: ShardKey, epoch: Int64, duration: Duration)], in session: inout PostgresSession
    ) throws -> [Int] {
        let durations = leases.map { Self.interval($0.duration) }
        let arguments: SQL = """
            array[\(sql: leases.map { row($0.key) }.joined())], \(leases.map(\.epoch)), array[\(sql: durations.joined())]
            """
        // A renewal that a server crash loses is of no use any more.
        let results = try session.pipeline([.unflushed, "select \(sql: call("renew_shards", arguments))"])
        return try results[1][0].decode(0, as: [Int64].self).map { Int($0) - 1 }
    }

    /// Gives a lease back.
    func release(_ key: ShardKey, epoch: Int64) -> SQL {
        "select \(sql: call("release_shard", "\(sql: row(key)), \(epoch)"))"
    }

    /// Takes the lease from its owner: nothing commits under it any more.
    ///
    /// - Parameter epoch: does nothing unless the lease still has this epoch; nil for any epoch.
    /// - Returns: true if that was done.
    @discardableResult
    func fence(_ key: ShardKey, epoch: Int64? = nil, in session: inout PostgresSession) throws -> Bool {
        try session.query("select \(sql: call("fence_shard", "\(sql: row(key)), \(epoch)"))")[0].decode(0)
    }

    // MARK: - Work in progress

    /// The second statement of a transaction that works on shards: the server ends it if this process hangs, and a
    /// successor finds it.
    func workOn(_ keys: [ShardKey], atMost limit: Duration) -> SQL {
        let calls = keys.map { call("work_on", "\(sql: row($0)), \(sql: Self.interval(limit))") }
        return "select \(sql: calls.joined())"
    }

    // MARK: - Offsets

    /// Moves the offset if lease and offset are unchanged; raises `HS001` otherwise.
    ///
    /// - Parameter sum: the checksum of the events that were applied in between.
    func advance(
        _ key: ShardKey, epoch: Int64, from old: Offset, to new: Offset, applied sum: LogChecksum, rate: Double,
        lease: Duration
    ) -> SQL {
        """
        select \(sql: call("advance_shard", """
            \(sql: row(key)), \(epoch), \(old.position), \(new.position), \(new.anchor), \(sum.count), \
            \(ExactDecimal(coefficient: sum.positionSum, scale: 0)), \(sum.positionMix), \(rate), \
            \(sql: Self.interval(lease)), true
            """))
        """
    }

    /// Notes what is about to be folded, so that a crash can be located; nil: nothing, and recorded crashes are
    /// forgotten.
    func suspect(_ key: ShardKey, epoch: Int64, _ positions: ClosedRange<Int64>?) -> SQL {
        """
        select \(sql: call("suspect_shard", """
            \(sql: row(key)), \(epoch), \(positions?.lowerBound), \(positions?.upperBound)
            """))
        """
    }

    /// Notes how many events the next batches may have, in the transaction of a batch; nil: no limit any more.
    func limit(_ key: ShardKey, epoch: Int64, _ events: Int?) -> SQL {
        "select \(sql: call("limit_shard", "\(sql: row(key)), \(epoch), \(events.map { Int32($0) })"))"
    }

    /// Notes the event at which a shard stopped, and why. The lease is given back with it.
    func stop(_ key: ShardKey, epoch: Int64, at event: RecordedEvent, error: String) -> SQL {
        "select \(sql: call("stop_shard", "\(sql: row(key)), \(epoch), \(event.position), \(event.id), \(error)"))"
    }

    /// Notes that a shard cannot continue from where it stands. The lease is given back with it.
    func stop(_ key: ShardKey, epoch: Int64, at offset: Offset, error: String) -> SQL {
        "select \(sql: call("stop_shard", "\(sql: row(key)), \(epoch), \(offset.position), \(offset.anchor), \(error)"))"
    }

    /// Notes what currently keeps a shard from continuing.
    func trouble(_ key: ShardKey, epoch: Int64, _ reason: String) -> SQL {
        "select \(sql: call("trouble_shard", "\(sql: row(key)), \(epoch), \(reason)"))"
    }

    /// A description of what the transactions that work on a shard wait for; nil if they do not wait.
    func waits(of key: ShardKey, in session: inout PostgresSession) throws -> String? {
        try session.query("select \(sql: call("worker_waits", row(key)))")[0].decode(0)
    }

    /// Resumes a shard that stopped.
    ///
    /// - Returns: true if it had stopped.
    @discardableResult
    func resume(_ key: ShardKey, in session: inout PostgresSession) throws -> Bool {
        try session.query("select \(sql: call("resume_shard", "\(sql: row(key)), false"))")[0].decode(0)
    }

    /// Tries a shard again that has stopped at an event at which this build has not stopped; unless processes have died over it.
    ///
    /// - Parameter isStart: whether one is tried again as well that has stopped at no event in particular.
    /// - Returns: true if it is tried again.
    @discardableResult
    func retry(_ key: ShardKey, build: String, isStart: Bool, in session: inout PostgresSession) throws -> Bool {
        try session.query("select \(sql: call("retry_shard", "\(sql: row(key)), \(build), \(isStart)"))")[0].decode(0)
    }

    /// Records which events a shard's rows are folded from, if the shard has not changed since it was read.
    ///
    /// - Parameters:
    ///   - epoch: the lease by which it is held still.
    ///   - found: what the store said of it.
    ///   - sum: the events, up to where it stands.
    /// - Returns: false if it has moved meanwhile; then nothing was changed.
    func prove(
        _ key: ShardKey, epoch: Int64, found: ShardState, applied sum: LogChecksum, in session: inout PostgresSession
    ) throws -> Bool {
        try session.query(
            """
            select \(sql: call("prove_shard", """
                \(sql: row(key)), \(epoch), \(found.offset.position), \(found.applied), \
                \(ExactDecimal(coefficient: found.sums.positionSum, scale: 0)), \(found.sums.positionMix), \(sum.count), \
                \(ExactDecimal(coefficient: sum.positionSum, scale: 0)), \(sum.positionMix)
                """))
            """)[0].decode(0)
    }

    /// Sets a shard back to the beginning; nothing commits under an earlier lease any more.
    func clear(_ key: ShardKey, in session: inout PostgresSession) throws {
        try session.execute("select \(sql: call("clear_shard", row(key)))")
    }

    /// Holds two shards still until the end of the transaction. Lock first, then read.
    func lock(_ first: ShardKey, _ second: ShardKey, in session: inout PostgresSession) throws {
        try session.execute("select \(sql: call("lock_shards", "\(sql: row(first)), \(sql: row(second))"))")
    }

    /// Moves a shard's offset to another shard, and sets the first back to the beginning.
    func move(_ key: ShardKey, to target: ShardKey, in session: inout PostgresSession) throws {
        try session.execute("select \(sql: call("move_shard", "\(sql: row(key)), \(sql: row(target))"))")
    }

    /// Exchanges the offsets of two shards.
    func exchange(_ first: ShardKey, _ second: ShardKey, in session: inout PostgresSession) throws {
        try session.execute("select \(sql: call("exchange_shards", "\(sql: row(first)), \(sql: row(second))"))")
    }

    // MARK: - Showing rows

    /// Whether the rows of a shard may replace those that are shown.
    enum Readiness: String, Sendable {
        case ready
        /// The lease or the offset has changed.
        case lost
        /// The rows that are shown are ahead of where these rows were when they were noted as complete: a reader would
        /// go back in time.
        case behind
        /// A reader has a snapshot that is older than the rows.
        case waiting
    }

    /// Records when the rows became complete, in a transaction of its own: a swap waits for older snapshots.
    ///
    /// - Returns: false if the lease has changed.
    func complete(_ key: ShardKey, epoch: Int64, in session: inout PostgresSession) throws -> Bool {
        try session.query("select \(sql: call("complete_shard", "\(sql: row(key)), \(epoch)"))")[0].decode(0)
    }

    /// Whether the rows, up to a position, may be shown. Both shards stand still from here to the end of the
    /// transaction.
    func readiness(
        of key: ShardKey, epoch: Int64, at position: Int64, insteadOf shown: ShardKey?,
        in session: inout PostgresSession
    ) throws -> Readiness {
        let other: SQL = shown.map { row($0) } ?? "null"
        let answer = try session.query(
            "select \(sql: call("readiness", "\(sql: row(key)), \(epoch), \(position), \(sql: other)"))")[0]
        return Readiness(rawValue: try answer.decode(0)) ?? .lost
    }
}
