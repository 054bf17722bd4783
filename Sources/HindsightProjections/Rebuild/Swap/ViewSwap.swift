import HindsightLog
import HindsightPostgres

/// Puts a rebuilt view behind its stable name, in one transaction.
struct ViewSwap: Sendable {
    /// What became of an attempt.
    enum Outcome: Hashable, Sendable {
        case done
        /// The rows that are shown are ahead of the new ones: readers would go back in time.
        case behind
        /// Somebody is in the way.
        case waiting
        /// Another process has the rebuild.
        case lost
    }

    let catalog: ProjectionCatalog
    let store: RebuildStore

    private var names: SchemaNames { catalog.names }
    private var discarded: DiscardedTables { DiscardedTables(names: names) }

    /// Swaps, unless somebody is in the way. Readers that come in the meantime wait for a tenth of a second at most.
    func attempt(
        _ member: ViewRebuildMember, _ options: RebuildOptions, on connection: PostgresConnection
    ) async throws -> Outcome {
        do {
            return try await connection.withTransaction(.readCommitted) { session in
                try session.execute("set local lock_timeout = '100ms'")
                return try swap(member, options, in: &session)
            }
        } catch  where error.isLockConflict {
            return .waiting
        }
    }

    private func swap(
        _ member: ViewRebuildMember, _ options: RebuildOptions, in session: inout PostgresSession
    ) throws -> Outcome {
        try catalog.lock(in: &session)
        // A newer one may have been shown since.
        try catalog.checkNotNewer(than: member.definition, options, in: &session)
        let state = try session.query(
            "select epoch, position from \(identifier: names.offsets) where \(sql: member.key.condition) for update"
        ).first
        guard try state?.decode(0, as: Int64.self) == member.epoch,
            try state?.decode(1, as: Int64.self) == member.offset.position
        else { return .lost }
        let builds = try catalog.builds(in: &session)
        let active = builds.values.first { $0.isActive && $0.key.name == member.key.name }
        if let active {
            let position = try session.query(
                "select position from \(identifier: names.offsets) where \(sql: active.key.condition) for update"
            ).first?.decode(0, as: Int64.self)
            if let position, position > member.offset.position { return .behind }
        }
        guard try !hasOlderSnapshots(member, in: &session) else { return .waiting }
        // The version first: what it replaces may be what is shown.
        try retireOthers(than: member, active, keepsOld: options.keepsOld, builds, in: &session)
        try replace(member, keepsOld: options.keepsOld && active != nil, builds, in: &session)
        guard let build = try catalog.builds(in: &session)[catalog.key(member.definition)] else { return .lost }
        try catalog.show(build, in: &session)
        return .done
    }

    /// True while somebody reads by a snapshot that is older than the new rows: it would find the view empty.
    private func hasOlderSnapshots(_ member: ViewRebuildMember, in session: inout PostgresSession) throws -> Bool {
        try session.query(
            """
            select exists (
                select from pg_stat_activity a
                where a.datname = current_database() and a.pid <> pg_backend_pid() and a.usesysid is not null
                    -- The type is hidden from a role that may not see other roles' activity; their snapshots are not.
                    and coalesce(a.backend_type, 'client backend') = 'client backend'
                    and age(a.backend_xmin) > age(r.loaded_by))
            from \(identifier: names.rebuilds) r
            where \(sql: store.condition(member.key)) and r.loaded_by is not null
            """
        ).first?.decode(0) ?? false
    }

    /// What another version has shown up to now is kept, or dropped with everything older.
    func retireOthers(
        than member: RebuildMember, _ active: ProjectionTable?, keepsOld: Bool,
        _ builds: [OffsetKey: ProjectionTable], in session: inout PostgresSession
    ) throws {
        let version = member.key.version
        for build in builds.values where build.key.name == member.key.name && build.key.version != version {
            guard build.key.kind != .rebuild else { continue }
            let isReplaced = build.isActive || build.key.version < version
            guard isReplaced, !(keepsOld && build == active) else { continue }
            try retire(build, in: &session)
        }
    }

    /// Drops a version's table. Its row stays, so that an old process that still declares it does not fill it anew.
    private func retire(_ build: ProjectionTable, in session: inout PostgresSession) throws {
        if let table = build.table { try discarded.add(table, in: &session) }
        try session.execute(build.key.fence(names))
        let row = condition(build.key)
        guard build.key.kind == .projection else {
            try session.execute("delete from \(identifier: catalog.projections) where \(sql: row)")
            return
        }
        try session.execute(
            """
            update \(identifier: catalog.projections)
            set active = false, retired_at = clock_timestamp(), view_table = null where \(sql: row)
            """)
    }

    /// The new table becomes what the engine keeps up to date for the version.
    private func replace(
        _ member: ViewRebuildMember, keepsOld: Bool, _ builds: [OffsetKey: ProjectionTable],
        in session: inout PostgresSession
    ) throws {
        let current = catalog.key(member.definition)
        let kept = catalog.key(member.definition, .kept)
        if let build = builds[current] {
            if keepsOld, build.wasShown {
                if let before = builds[kept] { try retire(before, in: &session) }
                try move(current, to: kept, in: &session)
            } else {
                try retire(build, in: &session)
            }
        }
        // A row that says that the version was retired gives way.
        try session.execute("delete from \(identifier: catalog.projections) where \(sql: condition(current))")
        try move(member.key, to: current, in: &session)
        try session.execute(
            "delete from \(identifier: names.rebuilds) where \(sql: store.condition(member.key))")
    }

    /// Gives a table another role, with its offset. The epoch grows, so that nobody who had either lease commits any more.
    private func move(_ key: OffsetKey, to target: OffsetKey, in session: inout PostgresSession) throws {
        try session.execute(
            "update \(identifier: catalog.projections) set kind = \(target.kind.rawValue), active = false where \(sql: condition(key))"
        )
        try session.execute(target.creation(names))
        try session.execute(
            """
            update \(identifier: names.offsets) t
            set position = s.position, anchor = s.anchor, applied = s.applied, epoch = greatest(s.epoch, t.epoch) + 1,
                owner = null, owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0,
                stopped_at = s.stopped_at, stopped_event = s.stopped_event, error = s.error, updated_at = clock_timestamp()
            from (select * from \(identifier: names.offsets) where \(sql: key.condition)) s
            where t.kind = \(target.kind.rawValue) and t.name = \(target.name) and t.version = \(Int32(target.version))
                and t.partition = 0 and t.log = \(target.log)
            """)
        // Nothing has the row any more; it stays for the sake of its epoch.
        try session.execute(key.clear(names))
    }

    private func condition(_ key: OffsetKey) -> SQL {
        "kind = \(key.kind.rawValue) and name = \(key.name) and version = \(Int32(key.version))"
    }

    // MARK: - Back

    /// Shows what was shown before.
    ///
    /// - Returns: what is shown now; nil if nothing was kept.
    func rollBack(_ name: String, in session: inout PostgresSession) throws -> ProjectionTable? {
        try session.execute("set local lock_timeout = '5s'")
        try catalog.lock(in: &session)
        let row = try session.query(
            """
            select kind, version from \(identifier: catalog.projections)
            where name = \(name) and not active and shown_at is not null and retired_at is null and kind <> 'rebuild'
                and view_table is not null
            order by shown_at desc limit 1
            """
        ).first
        guard let row, let kind = OffsetKey.Kind(rawValue: try row.decode(0)) else { return nil }
        let key = OffsetKey(
            kind: kind, name: name, version: try row.decode(1, as: Int.self), partition: 0, log: catalog.log)
        var shown = key
        if kind == .kept {
            shown = OffsetKey(kind: .projection, name: name, version: key.version, partition: 0, log: catalog.log)
            try exchange(key, shown, in: &session)
        }
        guard let build = try catalog.builds(in: &session)[shown] else { return nil }
        try catalog.show(build, in: &session)
        return build
    }

    /// The two tables of a version change places, with their offsets.
    private func exchange(_ first: OffsetKey, _ second: OffsetKey, in session: inout PostgresSession) throws {
        let both: SQL = "kind in (\(first.kind.rawValue), \(second.kind.rawValue))"
        try session.execute(
            """
            update \(identifier: catalog.projections) t
            set view_table = s.view_table, shape = s.shape, shown_at = s.shown_at, created_at = s.created_at
            from (select * from \(identifier: catalog.projections)) s
            where t.\(sql: both) and s.\(sql: both) and s.kind <> t.kind
                and s.name = \(first.name) and t.name = \(first.name)
                and s.version = \(Int32(first.version)) and t.version = \(Int32(first.version))
            """)
        try session.execute(
            """
            update \(identifier: names.offsets) t
            set position = s.position, anchor = s.anchor, applied = s.applied, epoch = greatest(s.epoch, t.epoch) + 1,
                owner = null, owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0,
                stopped_at = s.stopped_at, stopped_event = s.stopped_event, error = s.error, updated_at = clock_timestamp()
            from (select * from \(identifier: names.offsets)) s
            where t.\(sql: both) and s.\(sql: both) and s.kind <> t.kind
                and s.name = \(first.name) and t.name = \(first.name)
                and s.version = \(Int32(first.version)) and t.version = \(Int32(first.version))
                and s.log = \(first.log) and t.log = \(first.log) and s.partition = 0 and t.partition = 0
            """)
    }
}
