import HindsightLog
import HindsightPostgres
import HindsightValues

/// Puts a rebuilt view behind its stable name, in one transaction.
struct ViewSwap: Sendable {
    /// The outcome of an attempt.
    enum Outcome: Hashable, Sendable {
        case done
        /// The rows that are shown are ahead of the new ones: readers would go back in time.
        case behind
        /// Someone is in the way.
        case waiting
        /// Another process has the rebuild.
        case lost
    }

    let catalog: ProjectionCatalog
    let store: RebuildStore

    private var names: SchemaNames { catalog.names }
    private var offsets: OffsetStore { catalog.store }
    private var discarded: DiscardedTables { DiscardedTables(names: names) }

    /// How long the server tolerates a silent process within a swap, while readers wait for it.
    private static let silence = Duration.seconds(1)

    /// Swaps, unless someone is in the way. Readers that arrive in the meantime wait for at most a tenth of a second,
    /// or a second if this process hangs.
    func attempt(
        _ member: ViewRebuildMember, _ options: RebuildOptions, on connection: PostgresConnection
    ) async throws -> Outcome {
        do {
            return try await connection.withTransaction(.readCommitted) { session in
                let keys = [member.key, catalog.key(member.definition), catalog.key(member.definition, .kept)]
                try session.execute(offsets.workOn(keys, atMost: Self.silence))
                try session.execute("set local lock_timeout = '100ms'")
                return try swap(member, options, in: &session)
            }
        } catch let error where error.isLockConflict {
            return .waiting
        }
    }

    private func swap(
        _ member: ViewRebuildMember, _ options: RebuildOptions, in session: inout PostgresSession
    ) throws -> Outcome {
        try catalog.lock(in: &session)
        // A newer version may have been shown since.
        try catalog.checkNotNewer(than: member.definition, options, in: &session)
        let builds = try catalog.builds(in: &session)
        let active = builds.values.first { $0.isActive && $0.key.name == member.key.name }
        switch try offsets.readiness(
            of: member.key, epoch: member.epoch, at: member.offset.position, insteadOf: active?.key, in: &session)
        {
        case .ready: break
        case .behind: return .behind
        case .waiting: return .waiting
        case .lost: return .lost
        }
        let isOlder = active.map { $0.key.version != member.key.version } ?? false
        // An engine that fills a version anew parks what it would have parked event by event.
        if !options.allowsMoreParked, isOlder || !options.isOfEngine {
            try offsets.checkParked(of: member.key, insteadOf: active?.key, in: &session)
        }
        let keepsOld = options.keepsOld || options.keepsOlderVersion && isOlder
        // The version first: the table it replaces may be the one that is shown.
        try retireOthers(than: member, active, keepsOld: keepsOld, builds, in: &session)
        try replace(member, keepsOld: options.keepsOld && active != nil, builds, in: &session)
        guard let build = try catalog.builds(in: &session)[catalog.key(member.definition)] else { return .lost }
        try catalog.show(build, in: &session)
        return .done
    }

    /// Keeps the table of another version that was shown up to now, or drops it with everything older.
    func retireOthers(
        than member: RebuildMember, _ active: ProjectionTable?, keepsOld: Bool,
        _ builds: [ShardKey: ProjectionTable], in session: inout PostgresSession
    ) throws {
        let version = member.key.version
        for build in builds.values where build.key.name == member.key.name && build.key.version != version {
            guard build.key.kind != .rebuild else { continue }
            let isReplaced = build.isActive || build.key.version < version
            guard isReplaced, !(keepsOld && build == active) else { continue }
            try retire(build, in: &session)
        }
    }

    /// Drops a version's table. Its row in the catalog stays, so that an old process that still declares the version
    /// does not fill it again.
    private func retire(_ build: ProjectionTable, in session: inout PostgresSession) throws {
        if let table = build.table { try discarded.add(table, in: &session) }
        try offsets.fence(build.key, in: &session)
        try offsets.forgetParked(of: build.key, in: &session)
        let row = condition(build.key)
        guard build.key.kind == .projection else {
            try session.execute("delete from \(identifier: names.projections) where \(sql: row)")
            return
        }
        try session.execute(
            """
            update \(identifier: names.projections)
            set active = false, retired_at = clock_timestamp(), view_table = null where \(sql: row)
            """)
    }

    /// Makes the new table the one that the engine keeps up to date for the version.
    private func replace(
        _ member: ViewRebuildMember, keepsOld: Bool, _ builds: [ShardKey: ProjectionTable],
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
        // Replaces a row that marks the version as retired.
        try session.execute("delete from \(identifier: names.projections) where \(sql: condition(current))")
        try move(member.key, to: current, in: &session)
        try session.execute(
            "delete from \(identifier: names.rebuilds) where \(sql: store.condition(member.key))")
    }

    /// Gives a table another role, with its offset. The epoch grows, so that former owners of either lease commit
    /// nothing any more.
    private func move(_ key: ShardKey, to target: ShardKey, in session: inout PostgresSession) throws {
        try session.execute(
            "update \(identifier: names.projections) set kind = \(target.kind.rawValue), active = false where \(sql: condition(key))"
        )
        try offsets.move(key, to: target, in: &session)
    }

    private func condition(_ key: ShardKey) -> SQL {
        "kind = \(key.kind.rawValue) and name = \(key.name) and version = \(Int32(key.version))"
    }

    // MARK: - Rollback

    /// The outcome of an attempt to roll back.
    enum Return {
        case done(ProjectionTable)
        /// Nothing was kept.
        case nothingKept
        /// The kept rows are behind those that are shown, or a reader is in the way.
        case notYet(kept: ShardKey, epoch: Int64, shown: ShardKey?, OffsetStore.Readiness)
    }

    /// Shows what was shown before.
    ///
    /// If a process keeps the rows up to date, no reader goes back in time. Otherwise the rows are as they were left,
    /// as requested.
    func rollBack(_ name: String, in session: inout PostgresSession) throws -> Return {
        try session.execute("set local lock_timeout = '100ms'")
        try catalog.lock(in: &session)
        let row = try session.query(
            """
            select kind, version from \(identifier: names.projections)
            where name = \(name) and not active and shown_at is not null and retired_at is null and kind <> 'rebuild'
                and view_table is not null
            order by shown_at desc limit 1
            """
        ).first
        guard let row, let kind = ShardKey.Kind(rawValue: try row.decode(0)) else { return .nothingKept }
        let key = ShardKey(
            kind: kind, name: name, version: try row.decode(1, as: Int.self), partition: 0, log: catalog.log)
        let active = try catalog.builds(in: &session).values.first { $0.isActive && $0.key.name == name }
        guard let state = try offsets.state(key, in: &session) else { return .nothingKept }
        if state.owner != nil {
            let readiness = try offsets.readiness(
                of: key, epoch: state.epoch, at: state.offset.position, insteadOf: active?.key, in: &session)
            switch readiness {
            case .ready: break
            case .behind, .waiting, .lost:
                return .notYet(kept: key, epoch: state.epoch, shown: active?.key, readiness)
            }
        }
        var shown = key
        if kind == .kept {
            shown = ShardKey(kind: .projection, name: name, version: key.version, partition: 0, log: catalog.log)
            try exchange(key, shown, in: &session)
        }
        guard let build = try catalog.builds(in: &session)[shown] else { return .nothingKept }
        try catalog.show(build, in: &session)
        return .done(build)
    }

    /// Exchanges the two tables of a version, together with their offsets.
    private func exchange(_ first: ShardKey, _ second: ShardKey, in session: inout PostgresSession) throws {
        // Locked before they are read: anything read before a wait would be outdated.
        let tables = try session.query(
            """
            select kind, view_table, shape, shown_at, created_at from \(identifier: names.projections)
            where name = \(first.name) and version = \(Int32(first.version))
                and kind in (\(first.kind.rawValue), \(second.kind.rawValue))
            order by kind for update
            """)
        for row in tables {
            let other = try row.decode(0, as: String.self) == first.kind.rawValue ? second : first
            try session.execute(
                """
                update \(identifier: names.projections)
                set view_table = \(try row.decode(1, as: String?.self)), shape = \(try row.decode(2, as: String.self)),
                    shown_at = \(try row.decode(3, as: Timestamp?.self)), created_at = \(try row.decode(4, as: Timestamp.self))
                where \(sql: condition(other))
                """)
        }
        try offsets.exchange(first, second, in: &session)
    }
}
