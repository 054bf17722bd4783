import HindsightLog
import HindsightPostgres

/// Looks at everything that a projection may wait for. It only reads.
struct ProjectionObserver: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let catalog: ProjectionCatalog
    let store: RebuildStore
    let events: EventRegistry
    let configuration: EngineConfiguration
    let definition: ProjectionDefinition

    private var key: ShardKey { catalog.key(definition) }

    func look() async throws -> ProjectionObservations {
        var seen = ProjectionObservations(
            name: definition.name, version: definition.version, leaseDuration: configuration.leaseDuration)
        // The locks before the offsets: what ends in between has brought the projection on.
        seen.holder = try await log.frontierHolders()?.first
        seen.head = try await log.frontier().position
        let anchored = try await lookAtDatabase(&seen)
        let filter = EventFilter.types(definition.storedTypes(events).sorted())
        guard let offset = anchored else {
            if !seen.isRetired {
                seen.lag = try await log.lag(after: 0, through: seen.head, filter: filter)
            }
            return seen
        }
        do {
            try await log.verify(offset)
        } catch let error where error.isAnchorMismatch {
            seen.mismatch = "\(error)"
            return seen
        }
        seen.lag = try await log.lag(after: offset.position, through: seen.head, filter: filter)
        if offset.position > 0 {
            seen.lastEvent = try await log.readBackward(from: offset.position, filter: filter, limit: 1).first
        }
        if let position = seen.shard?.stoppedAt, position > 0 {
            let event = try await log.readBackward(from: position, filter: .all, limit: 1).first
            if event?.position == position { seen.stoppedEvent = event }
        }
        return seen
    }

    /// - Returns: where the projection stands; nil if it was never started.
    private func lookAtDatabase(_ seen: inout ProjectionObservations) async throws -> Offset? {
        let found = seen
        let (result, offset) = try await pool.withSession { [self] session in
            var seen = found
            let builds = try catalog.builds(in: &session)
            seen.shownVersion = builds.values.first { $0.isActive && $0.key.name == key.name }?.key.version
            seen.wasShown = builds[key].map { $0.isActive || $0.wasShown } ?? false
            seen.isRetired = try isRetired(in: &session)
            if let other = try catalog.store.others(than: key, in: &session).first {
                seen.mismatch = "it holds \(other.applied) events of log \(other.log)"
            }
            guard !seen.isRetired, let state = try catalog.store.state(key, in: &session) else {
                return (seen, Offset?.none)
            }
            seen.shard = try shard(state, in: &session)
            seen.pause = try NodeStore(catalog: catalog).pauses(in: &session)[key.name]
            seen.parked = try catalog.store.parkedCount(of: key, in: &session)
            seen.filling = try store.list(in: &session).first {
                $0.name == key.name && $0.version == key.version && $0.node != nil && $0.node == state.owner
            }.map { ProjectionDiagnosis.Filling(phase: $0.phase, reached: $0.reached, goal: $0.goal) }
            if seen.filling != nil { seen.fillingIdleSeconds = try sinceCheckpoint(in: &session) }
            seen.blockers = try blockers(of: builds[key], in: &session)
            if !seen.wasShown { seen.readers = try readers(in: &session) }
            return (seen, state.offset)
        }
        seen = result
        return offset
    }

    private func isRetired(in session: inout PostgresSession) throws -> Bool {
        try session.query(
            """
            select retired_at is not null from \(identifier: catalog.projections)
            where kind = 'projection' and name = \(key.name) and version = \(Int32(key.version))
            """
        ).first?.decode(0) ?? false
    }

    private func shard(
        _ state: ShardState, in session: inout PostgresSession
    ) throws -> ProjectionObservations.Shard? {
        guard
            let row = try session.query(
                """
                select o.owner, o.owner_pid, extract(epoch from o.leased_until - clock_timestamp())::double precision,
                    extract(epoch from clock_timestamp() - o.updated_at)::double precision, exists (
                        select from pg_stat_get_activity(o.owner_pid) a
                        where coalesce(a.backend_start, o.owner_started_at) = o.owner_started_at)
                from \(identifier: catalog.names.offsets) o where \(sql: catalog.store.condition(key))
                """
            ).first
        else { return nil }
        var shard = ProjectionObservations.Shard(offset: state.offset.position)
        shard.stoppedAt = state.stoppedAt
        shard.error = state.error
        shard.isHeld = state.owner != nil
        shard.rate = state.owner == nil ? 0 : state.eventsPerSecond
        if let node = try row.decode(0, as: String?.self) {
            shard.owner = ProjectionDiagnosis.Owner(
                node: node, processID: try row.decode(1), isConnected: try row.decode(4),
                leaseSeconds: try row.decode(2, as: Double?.self) ?? 0)
        }
        shard.idleSeconds = max(0, try row.decode(3, as: Double?.self) ?? 0)
        return shard
    }

    private func sinceCheckpoint(in session: inout PostgresSession) throws -> Double {
        let rebuild = catalog.store.condition(key.with(.rebuild))
        return try session.query(
            """
            select extract(epoch from clock_timestamp() - updated_at)::double precision
            from \(identifier: catalog.names.offsets) where \(sql: rebuild)
            """
        ).first?.decode(0) ?? 0
    }

    // MARK: - Who is in the way

    /// The transactions whose locks the projection's own wait for. Those that work on it hold a lock by which they are found, and
    /// whoever waits for its table waits for the same.
    private func blockers(
        of build: ProjectionTable?, in session: inout PostgresSession
    ) throws -> [HoldingTransaction] {
        let workKey = "\(identifier: catalog.names.object("work_key"))(\(sql: catalog.store.row(key)))" as SQL
        let table = build?.table.map { catalog.names.object($0).quoted }
        return try session.query(
            """
            with work as (select \(sql: workKey) as key, (select d.oid from pg_database d where d.datname = current_database()) as database),
            waiting as (
                select l.pid from pg_locks l, work w
                where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.database = w.database
                    and l.classid::bigint = w.key >> 32 & 4294967295 and l.objid::bigint = w.key & 4294967295
                union
                select l.pid from pg_locks l, work w
                where not l.granted and l.database = w.database and l.relation = to_regclass(\(table)))
            select \(sql: SessionActivity.columns)
            from (select distinct b.pid from waiting w cross join lateral unnest(pg_blocking_pids(w.pid)) b (pid)) b
            left join pg_stat_activity a on a.pid = b.pid
            order by a.xact_start
            """
        ).map { HoldingTransaction(try SessionActivity($0)) }
    }

    /// Those with a snapshot older than the rows, for whom a swap waits, and those who hold the stable name.
    private func readers(in session: inout PostgresSession) throws -> [HoldingTransaction] {
        let view = PostgresIdentifier(schema: PostgresIdentifier(configuration.viewSchema), key.name)
        return try session.query(
            """
            select \(sql: SessionActivity.columns)
            from \(identifier: catalog.names.offsets) o cross join pg_stat_activity a
            where \(sql: catalog.store.condition(key)) and a.datname = current_database() and a.pid <> pg_backend_pid()
                and a.usesysid is not null and coalesce(a.backend_type, 'client backend') = 'client backend'
                and (age(a.backend_xmin) >= age(o.complete_by::xid) or exists (
                    select from pg_locks l where l.pid = a.pid and l.granted and l.relation = to_regclass(\(view.quoted))))
            order by a.xact_start
            """
        ).map { HoldingTransaction(try SessionActivity($0)) }
    }
}

extension HoldingTransaction {
    fileprivate init(_ activity: SessionActivity) {
        self.init(
            processID: activity.processID, role: activity.role, application: activity.application,
            state: activity.state,
            query: activity.query, seconds: activity.seconds, isHidden: activity.isHidden)
    }
}
