import HindsightLog
import HindsightPostgres
import HindsightValues
import Synchronization

/// The database rows that record the progress of rebuilds.
struct RebuildStore: Sendable {
    let catalog: ProjectionCatalog
    let events: EventRegistry
    let configuration: EngineConfiguration
    let partitions: Int

    private var names: SchemaNames { catalog.names }
    private var offsets: OffsetStore { catalog.store }
    private var rebuilds: PostgresIdentifier { names.rebuilds }

    // MARK: - Taking up

    /// Takes a rebuild up, from its checkpoint or from the beginning; nil while another process has it.
    func take(
        _ definition: ProjectionDefinition, _ options: RebuildOptions, restarting: Bool, goal: Offset,
        in session: inout PostgresSession
    ) throws -> RebuildMember.Kind? {
        try catalog.lock(in: &session)
        try catalog.checkNotNewer(than: definition, options, in: &session)
        try checkShape(definition, in: &session)
        let key = catalog.key(definition, .rebuild)
        if try catalog.builds(in: &session)[key] == nil { try begin(definition, options, goal, in: &session) }
        // It is retried at the event at which it stopped.
        try offsets.resume(key, in: &session)
        guard
            case .taken(let state, _, _) = try offsets.take(
                key, owner: configuration.node, for: configuration.leaseDuration, in: &session)
        else { return nil }
        let stored = try session.query(
            """
            select shape from \(identifier: catalog.projections)
            where kind = 'rebuild' and name = \(key.name) and version = \(Int32(key.version))
            """)[0].decode(0, as: String.self)
        var epoch = state.epoch
        // Events that a program of the previous release applied cannot be proven.
        if try restarting || stored != definition.shape || state.checksum == nil || isWithoutTables(key, in: &session) {
            try discard(key, in: &session)
            try begin(definition, options, goal, in: &session)
            guard
                case .taken(let state, _, _) = try offsets.take(
                    key, owner: configuration.node, for: configuration.leaseDuration, in: &session)
            else { return nil }
            epoch = state.epoch
        }
        // A rebuild that a caller has requested stays one, whoever began or resumes it.
        try session.execute(
            """
            update \(identifier: rebuilds)
            set keep_old = \(options.keepsOld), begun_by_engine = begun_by_engine and \(options.isOfEngine)
            where \(sql: condition(key))
            """)
        return try member(definition, key, epoch, in: &session)
    }

    /// An existing version must have the shape that the program declares.
    private func checkShape(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        let stored = try session.query(
            """
            select shape from \(identifier: catalog.projections)
            where kind = 'projection' and name = \(definition.name) and version = \(Int32(definition.version))
                and retired_at is null
            """
        ).first
        if let stored { try catalog.compare(try stored.decode(0), definition) }
    }

    private func begin(
        _ definition: ProjectionDefinition, _ options: RebuildOptions, _ goal: Offset, in session: inout PostgresSession
    ) throws {
        let key = catalog.key(definition, .rebuild)
        var (table, schema): (String?, ShadowSchema?)
        switch definition.kind {
        case .view(let view):
            let name = try catalog.freeTable(definition, in: &session)
            try session.execute(view.shape.bareCreation(of: names.object(name)))
            table = name
        case .sql(let tables):
            schema = try makeSchema(definition, tables, in: &session)
        }
        try catalog.insert(key, definition, table: table, in: &session)
        try session.execute(offsets.make(key))
        try session.execute(
            """
            insert into \(identifier: rebuilds) (name, version, log, phase, goal, fill_schema, begun_by_engine)
            values (\(key.name), \(Int32(key.version)), \(key.log), \(RebuildPhase.reading.rawValue), \(goal.position),
                \(schema?.name), \(options.isOfEngine))
            """)
    }

    /// Creates the tables of a projection that writes its own, beside the live ones, which must exist.
    private func makeSchema(
        _ definition: ProjectionDefinition, _ tables: OwnTables, in session: inout PostgresSession
    ) throws -> ShadowSchema {
        // Done before `setUp` runs for the live tables, if it has not yet: that would hide what it changes elsewhere.
        let schema = try ShadowSchema.make(for: definition, tables, in: &session)
        try catalog.register([definition], in: &session)
        guard try catalog.builds(in: &session)[catalog.key(definition)] != nil else {
            throw ProjectionError(
                .cannotRebuild,
                """
                version \(definition.version) of projection "\(definition.name)" was given up when another one took its place: raise \
                the version to have it again
                """)
        }
        // Obstacles to the swap are reported before anything is read.
        _ = try ShadowTables.read(schema, of: definition, in: &session)
        return schema
    }

    /// True if someone has dropped the schema that a rebuild fills.
    private func isWithoutTables(_ key: ShardKey, in session: inout PostgresSession) throws -> Bool {
        try schema(of: key, in: &session).map { try !$0.exists(in: &session) } ?? false
    }

    /// The schema that a rebuild fills; nil for a view.
    private func schema(of key: ShardKey, in session: inout PostgresSession) throws -> ShadowSchema? {
        try session.query(
            "select fill_schema from \(identifier: rebuilds) where \(sql: condition(key)) and fill_schema is not null"
        ).first.map { ShadowSchema(name: try $0.decode(0)) }
    }

    /// Discards the work of a rebuild.
    func discard(_ key: ShardKey, in session: inout PostgresSession) throws {
        let row = try session.query(
            """
            select p.view_table, r.changes_table from \(identifier: catalog.projections) p
            join \(identifier: rebuilds) r using (name, version)
            where p.kind = 'rebuild' and p.name = \(key.name) and p.version = \(Int32(key.version))
            """
        ).first
        for table in [try row?.decode(0, as: String?.self), try row?.decode(1, as: String?.self)].compactMap({ $0 }) {
            try session.execute("drop table if exists \(identifier: names.object(table))")
        }
        try schema(of: key, in: &session)?.drop(in: &session)
        try forget(key, in: &session)
        // A former owner that has not noticed the loss commits nothing any more.
        try offsets.clear(key, in: &session)
    }

    /// Discards a rebuild that no process works on.
    func giveUp(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        let key = catalog.key(definition, .rebuild)
        guard try !offsets.isHeld(key, in: &session), try catalog.builds(in: &session)[key] != nil else { return }
        try discard(key, in: &session)
    }

    /// Gives up a rebuild that an engine has begun for itself and nobody is at work on.
    func giveUpOwn(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        let key = catalog.key(definition, .rebuild)
        let row = try session.query(
            "select begun_by_engine from \(identifier: rebuilds) where \(sql: condition(key)) for update"
        ).first
        if try row?.decode(0, as: Bool.self) == true { try giveUp(definition, in: &session) }
    }

    /// Gives up what an engine that was killed has left of a rebuild that was its own.
    ///
    /// - Returns: false while a process has it or had it recently: ask again later.
    func giveUpAbandoned(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws -> Bool {
        let key = catalog.key(definition, .rebuild)
        let row = try session.query(
            """
            select begun_by_engine, updated_at < clock_timestamp() - make_interval(secs => \((configuration.leaseDuration * 2).seconds))
            from \(identifier: rebuilds) where \(sql: condition(key)) for update
            """
        ).first
        guard let row, try row.decode(0, as: Bool.self) else { return true }
        guard try row.decode(1, as: Bool.self), try !offsets.isHeld(key, in: &session) else { return false }
        try giveUp(definition, in: &session)
        return true
    }

    /// Removes the database rows of a rebuild that has ended.
    func forget(_ key: ShardKey, in session: inout PostgresSession) throws {
        try session.execute("delete from \(identifier: rebuilds) where \(sql: condition(key))")
        try session.execute(
            """
            delete from \(identifier: catalog.projections)
            where kind = 'rebuild' and name = \(key.name) and version = \(Int32(key.version))
            """)
    }

    /// Whether new rows of a projection are complete and wait for someone who shows them, or takes them away.
    func waitsToBeShown(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws -> Bool {
        let key = catalog.key(definition, .rebuild)
        return try !session.query(
            """
            select from \(identifier: rebuilds)
            where \(sql: condition(key)) and phase = \(RebuildPhase.verified.rawValue)
            """
        ).isEmpty
    }

    private func member(
        _ definition: ProjectionDefinition, _ key: ShardKey, _ epoch: Int64, in session: inout PostgresSession
    ) throws -> RebuildMember.Kind {
        guard let build = try catalog.builds(in: &session)[key] else {
            throw ProjectionError(.unknownProjection, "the rebuild of \"\(key.name)\" was taken away")
        }
        let row = try session.query(
            """
            select phase, goal, row_count, keyed, changes_table is not null from \(identifier: rebuilds)
            where \(sql: condition(key))
            """)[0]
        guard let state = try offsets.state(key, in: &session), let checksum = state.checksum else {
            throw ProjectionError(.unknownProjection, "the rebuild of \"\(key.name)\" was taken away")
        }
        let offset = state.offset
        let start = RebuildMember.Start(
            definition: definition, build: build, epoch: epoch,
            types: definition.storedTypes(events), offset: offset, checksum: checksum,
            progress: RebuildMember.Progress(
                phase: RebuildPhase(rawValue: try row.decode(0)) ?? .reading, reached: offset.position,
                goal: try row.decode(1), checkpoint: offset.position, rows: try row.decode(2),
                eventsApplied: checksum.count))
        switch definition.kind {
        case .view(let view):
            guard let table = build.table else { break }
            let fold = view.makeFold(names.object(table), partitions)
            fold.table.isKeyed = try row.decode(3)
            fold.table.hasChanges = try row.decode(4)
            return .view(ViewRebuildMember(start, view: view, location: catalog.location(build), fold: fold))
        case .sql:
            guard let schema = try schema(of: key, in: &session) else { break }
            return .sql(SQLRebuildMember(start, schema: schema))
        }
        throw ProjectionError(.unknownProjection, "the rebuild of \"\(key.name)\" has no tables")
    }

    // MARK: - Progress

    /// The statements that make a rebuild's progress durable; the last one fails if another process has the rebuild.
    func checkpoint(
        _ member: ViewRebuildMember, to offset: Offset, _ checksum: LogChecksum, phase: RebuildPhase
    ) throws -> [SQL] {
        let (rows, goal, rate) = member.progress.withLock { ($0.rows, $0.goal, $0.rate.eventsPerSecond) }
        let notes = member.fold.parkedNotes()
        return (notes.isEmpty ? [] : [offsets.park(notes, of: member.key)]) + [
            """
            update \(identifier: rebuilds)
            set phase = \(phase.rawValue), goal = \(goal), reached = \(offset.position), row_count = \(rows), keyed = \(member.fold.table.isKeyed),
                changes_table = \(member.fold.table.hasChanges ? member.fold.table.changes.name : nil),
                updated_at = clock_timestamp()
            where \(sql: condition(member.key))
            """,
            offsets.advance(
                member.key, epoch: member.epoch, from: member.offset, to: offset,
                applied: checksum.since(member.checksum), rate: rate, lease: configuration.leaseDuration),
        ]
    }

    /// The statement that notes that the rows are in the table and the table has its key.
    func loaded(_ member: ViewRebuildMember) -> SQL {
        "update \(identifier: rebuilds) set loaded_by = pg_current_xact_id()::xid where \(sql: condition(member.key))"
    }

    /// Shows the in-memory progress of a rebuild and renews its lease. False: another process has it.
    func heartbeat(_ member: RebuildMember, in session: inout PostgresSession) throws -> Bool {
        let progress = member.progress.withLock { $0 }
        let results = try session.pipeline([
            .unflushed,
            """
            update \(identifier: rebuilds)
            set phase = case when loaded_by is null or \(progress.phase.isLoaded) then \(progress.phase.rawValue) else phase end,
                goal = \(progress.goal), reached = \(progress.reached), row_count = \(progress.rows), updated_at = clock_timestamp()
            where \(sql: condition(member.key)) and exists (
                select from \(identifier: names.offsets)
                where \(sql: offsets.condition(member.key)) and epoch = \(member.epoch))
            """,
            offsets.renew(
                member.key, epoch: member.epoch, for: configuration.leaseDuration,
                rate: progress.rate.eventsPerSecond),
        ])
        return try offsets.renewal(results[2]) != .lost
    }

    /// Notes the event at which a rebuild stopped, and why.
    func stop(_ member: RebuildMember, at event: RecordedEvent, _ error: String) -> SQL {
        offsets.stop(member.key, epoch: member.epoch, at: event, error: error)
    }

    // MARK: - Looking

    /// The rebuilds that are under way or wait to be continued.
    func list(in session: inout PostgresSession) throws -> [RebuildStatus] {
        try session.query(
            """
            select r.name, r.version, r.phase, r.reached, r.goal, o.position, o.applied, r.row_count, o.events_per_second,
                extract(epoch from clock_timestamp() - r.started_at)::float8, o.owner,
                \(identifier: names.object("is_held"))(o), o.stopped_at, o.error,
                extract(epoch from clock_timestamp() - r.updated_at)::float8
            from \(identifier: rebuilds) r join \(identifier: names.offsets) o using (name, version, log)
            where o.kind = 'rebuild' and r.log = \(catalog.log) order by r.name, r.version
            """
        ).map { row in
            let isLeased = try row.decode(11, as: Bool.self)
            return RebuildStatus(
                name: try row.decode(0), version: try row.decode(1, as: Int.self),
                phase: RebuildPhase(rawValue: try row.decode(2)) ?? .reading, reached: try row.decode(3),
                goal: try row.decode(4), checkpoint: try row.decode(5), eventsApplied: try row.decode(6),
                rows: try row.decode(7), rate: isLeased ? try row.decode(8) : 0, seconds: try row.decode(9),
                node: isLeased ? try row.decode(10) : nil, idleSeconds: isLeased ? 0 : max(0, try row.decode(14)),
                error: try row.decode(12, as: Int64?.self).map { position in
                    "at position \(position): \(try row.decode(13, as: String?.self) ?? "unknown")"
                })
        }
    }

    func condition(_ key: ShardKey) -> SQL {
        "name = \(key.name) and version = \(Int32(key.version)) and log = \(key.log)"
    }
}
