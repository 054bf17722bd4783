import HindsightPostgres

/// How far the rows behind a stable name have come, and who brings them further.
package struct ViewStanding: Hashable, Sendable {
    package let view: ShownVersion
    /// True if the stable name is a view; false for a projection that writes tables of its own.
    package let isView: Bool
    /// The position that the rows reflect; of the row of a parked key, the one before the event at which it was parked.
    package let position: Int64
    /// Where the key that was asked for is parked; nil if it is not, or none was asked for.
    package let parkedAt: Int64?
    package let stoppedAt: Int64?
    /// Why it stopped, or what currently keeps it from continuing.
    package let error: String?
    package let owner: String?
    /// Whether a process has the lease; nil if that was not asked because the position is high enough.
    package let isHeld: Bool?
    /// These two stay the same as long as no process takes the lease or renews it.
    package let epoch: Int64
    package let renewals: Int64

    package init(
        view: ShownVersion, isView: Bool = true, position: Int64, parkedAt: Int64? = nil, stoppedAt: Int64? = nil,
        error: String? = nil,
        owner: String? = nil, isHeld: Bool? = true, epoch: Int64 = 1, renewals: Int64 = 1
    ) {
        self.view = view
        self.isView = isView
        self.position = position
        self.parkedAt = parkedAt
        self.stoppedAt = stoppedAt
        self.error = error
        self.owner = owner
        self.isHeld = isHeld
        self.epoch = epoch
        self.renewals = renewals
    }

    /// Where and why it stopped.
    var stop: String? {
        stoppedAt.map { ($0 > 0 ? "at position \($0): " : "before the first event: ") + (error ?? "unknown") }
    }

    /// A statement for the standings of what these names show; names that show nothing are missing in its result.
    ///
    /// What is shown and how far it is are read from one snapshot. On a replica the processes with leases are not to be
    /// seen, and the lease's time has to do.
    ///
    /// - Parameters:
    ///   - position: who has a lease is asked only where this is not reached.
    ///   - key: the key whose row is asked for, as it is parked; nil if it is not one row that is asked for.
    static func query(
        _ names: [String], below position: Int64, key: String? = nil, _ schema: SchemaNames
    ) -> SQL {
        let parkedAt: SQL =
            key.map { key in
                """
                (select k.first_position from \(identifier: schema.object("parked_keys")) k where k.list = o.parked_list and k.key = \(key))
                """
            } ?? "null::bigint"
        // For a list the server would make a plan of its own each time, which takes ten times as long as the query.
        let isAsked: SQL = names.count == 1 ? "p.name = \(names[0])" : "p.name = any(\(names))"
        return """
            select p.name, p.version, p.view_table is not null, coalesce(o.position, 0), o.stopped_at, o.error, o.owner,
                case when o.epoch is null then false else o.is_held end,
                coalesce(o.epoch, 0), coalesce(o.renewals, 0), \(sql: parkedAt)
            from \(identifier: schema.projections) p
            left join lateral (
                select o.position, o.stopped_at, o.error, o.owner, o.epoch, o.renewals, o.parked_list, case
                    when o.position >= \(position) then null
                    when pg_is_in_recovery() then o.owner is not null and o.leased_until >= clock_timestamp()
                    else \(identifier: schema.object("is_held"))(o) end as is_held
                from \(identifier: schema.offsets) o
                where o.kind = 'projection' and o.name = p.name and o.version = p.version and o.partition = 0
                order by o.position desc, o.log limit 1) o on true
            where p.active and \(sql: isAsked)
            """
    }

    /// Reads a row of ``query(_:below:_:)``.
    init(_ row: PostgresRow) throws {
        view = ShownVersion(name: try row.decode(0), version: try row.decode(1, as: Int.self))
        isView = try row.decode(2)
        parkedAt = try row.decode(10)
        position = min(try row.decode(3), parkedAt.map { $0 - 1 } ?? .max)
        stoppedAt = try row.decode(4)
        error = try row.decode(5)
        owner = try row.decode(6)
        isHeld = try row.decode(7)
        epoch = try row.decode(8)
        renewals = try row.decode(9)
    }
}
