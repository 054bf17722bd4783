import HindsightLog
import HindsightPostgres

/// Looks after projections from outside the engine that runs them: how they are doing, and what to do when one has stopped.
///
/// ```swift
/// let administration = ProjectionAdministration(context)
/// for status in try await administration.list() where status.error != nil { print(status.name, status.error ?? "") }
/// ```
public struct ProjectionAdministration: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let definitions: [ProjectionDefinition]
    let events: EventRegistry
    let configuration: EngineConfiguration

    /// Administration of an app's projections, in the database of their views.
    public init(_ context: ProjectionContext) {
        log = context.log
        pool = context.pool
        definitions = context.definitions
        events = context.events
        configuration = context.configuration
    }

    /// How each projection is doing, in the order in which they were declared.
    public func list() async throws -> [ProjectionStatus] {
        try await list(measuringLag: true)
    }

    /// How each projection is doing. Without the lag, which has to be counted, it costs next to nothing.
    package func list(measuringLag: Bool) async throws -> [ProjectionStatus] {
        let head = try await log.frontier()
        let catalog = try await catalog()
        var list: [ProjectionStatus] = []
        let rebuilds = try await rebuilds()
        for definition in definitions {
            var status = try await stored(definition, catalog)
            // The engine itself is filling it.
            if status.node != nil, status.offset == 0,
                let rebuild = rebuilds.first(where: { $0.name == status.name && $0.version == status.version }),
                rebuild.node == status.node
            {
                status.state = .rebuilding
                status.offset = rebuild.reached
                status.eventsApplied = rebuild.eventsApplied
                status.rate = rebuild.rate
            }
            status.head = head.position
            if measuringLag {
                let types = EventFilter.types(definition.storedTypes(events).sorted())
                let lag = try await log.lag(after: status.offset, through: head.position, filter: types)
                status.lagEvents = lag.events
                status.lagIsExact = lag.isExact
                status.lagSeconds = lag.seconds
                if status.state == .live, lag.events > 0 { status.state = .catchingUp }
            }
            list.append(status)
        }
        return list
    }

    /// Empties a projection's view, which is then filled from the beginning of the log. An engine that is working on it starts over;
    /// readers see the view fill again.
    ///
    /// - Throws: ``ProjectionError`` with `unknownProjection`, or `versionReplaced` if there is nothing to reset: the version
    ///   that this program declares was dropped when another one replaced it, or a newer one is shown and this one never existed here.
    public func reset(_ name: String) async throws {
        let definition = try definition(name)
        try [definition].check()
        let catalog = try await catalog()
        let names = catalog.names
        let store = store(catalog)
        try await pool.withTransaction(.readCommitted) { session in
            try catalog.lock(in: &session)
            try catalog.checkNotReplaced(definition, in: &session)
            // A reset is the remedy if the rows were folded from another log.
            try catalog.store.forgetOtherLogs(of: catalog.key(definition), in: &session)
            try catalog.store.forgetOtherLogs(of: catalog.key(definition, .kept), in: &session)
            try catalog.register([definition], in: &session)
            // The rows first and the offset second, as in every commit of events; in the other order the two could deadlock. An engine
            // that works on the projection waits for the rows, and then finds a different epoch.
            if let table = try catalog.builds(in: &session)[catalog.key(definition)]?.table {
                try session.execute("truncate \(identifier: names.object(table))")
            }
            switch definition.kind {
            case .view: break
            case .sql(let tables):
                for statement in tables.clear { try session.script(statement) }
                // A reset is what errors advise where free SQL cannot be rebuilt, so the attempt leaves nothing behind.
                try store.giveUp(definition, in: &session)
            }
            try catalog.store.clear(catalog.key(definition), in: &session)
        }
    }

    /// Rolls back the last swap: shows the table that was shown before, if it was kept. Called again, it undoes the rollback.
    ///
    /// That table is as current as it was kept: processes that declare its version keep it up to date.
    ///
    /// - Returns: what is shown now.
    /// - Throws: ``ProjectionError`` with `unknownProjection`, or `cannotRebuild` if nothing was kept.
    @discardableResult
    public func rollBack(_ name: String) async throws -> ProjectionVersion {
        _ = try definition(name)
        let catalog = try await catalog()
        let swap = ViewSwap(catalog: catalog, store: store(catalog))
        let build: ProjectionTable?
        do {
            build = try await rollBack(name, swap)
        } catch let error where error.isLockConflict {
            throw inUse(name)
        }
        guard let build else {
            throw ProjectionError(
                .cannotRebuild,
                "nothing was kept of what projection \"\(name)\" showed before: rebuild it with --keep-old to have a way back"
            )
        }
        let head = try await log.frontier().position
        guard let version = try await versions(of: name, head: head).first(where: { $0.table == build.table }) else {
            throw ProjectionError(.cannotRebuild, "what projection \"\(name)\" shows was replaced in this moment")
        }
        return version
    }

    private func inUse(_ name: String) -> ProjectionError {
        ProjectionError(
            .cannotRebuild,
            "somebody has read projection \"\(name)\" in a transaction for five seconds: end that transaction, or try again later"
        )
    }

    /// Retries instead of waiting for a lock, which would block other readers.
    private func rollBack(_ name: String, _ swap: ViewSwap) async throws -> ProjectionTable? {
        let (node, store) = (configuration.node, swap.catalog.store)
        let end = ContinuousClock.now + .seconds(5)
        var late = 0
        while true {
            do {
                let outcome = try await pool.withTransaction(.readCommitted) { session in
                    try swap.rollBack(name, in: &session)
                }
                switch outcome {
                case .done(let build):
                    return build
                case .nothingKept:
                    return nil
                case .notYet(let kept, let epoch, let shown, .behind):
                    late += 1
                    // The shown table advances faster than the kept one, so it is held still for a moment.
                    let held = late > 5 ? shown : nil
                    try await pool.withSession { session in
                        if let held { _ = try store.hold(held, owner: node, for: .seconds(2), from: 0, in: &session) }
                        _ = try store.complete(kept, epoch: epoch, in: &session)
                    }
                case .notYet:
                    break
                }
                guard .now < end else { throw inUse(name) }
            } catch let error where error.isLockConflict && .now < end {
                // A reader holds the lock; the next attempt comes soon.
            }
            try await Task.sleep(for: .milliseconds(late > 5 ? 50 : 5))
        }
    }

    /// All tables of a projection, whichever versions this program declares, newest version first.
    ///
    /// - Throws: ``ProjectionError`` with `unknownProjection`.
    public func versions(of name: String) async throws -> [ProjectionVersion] {
        _ = try definition(name)
        return try await versions(of: name, head: try await log.frontier().position)
    }

    private func versions(of name: String, head: Int64) async throws -> [ProjectionVersion] {
        let catalog = try await catalog()
        return try await pool.withSession { session in
            try session.query(
                """
                select p.version, p.kind, p.view_table, p.active, p.shown_at, p.retired_at is not null, p.created_at,
                    coalesce(o.position, 0), coalesce(o.applied, 0),
                    coalesce(o.leased_until > clock_timestamp(), false), o.owner,
                    pg_total_relation_size(to_regclass(quote_ident(\(configuration.schema)) || '.' || quote_ident(p.view_table)))
                from \(identifier: catalog.projections) p
                left join \(identifier: catalog.names.offsets) o using (name, version, kind)
                where p.name = \(name) and coalesce(o.log = \(catalog.log), true)
                order by p.version desc, p.active desc, p.kind
                """
            ).map { try ProjectionVersion($0, head: head) }
        }
    }

    /// The rebuilds that are running or waiting to be resumed.
    public func rebuilds() async throws -> [RebuildStatus] {
        let store = store(try await catalog())
        return try await pool.withSession { session in try store.list(in: &session) }
    }

    func store(_ catalog: ProjectionCatalog) -> RebuildStore {
        RebuildStore(catalog: catalog, events: events, configuration: configuration, partitions: 1)
    }

    func definition(_ name: String) throws -> ProjectionDefinition { try definitions.newest(named: name) }

    func catalog() async throws -> ProjectionCatalog {
        ProjectionCatalog(
            names: SchemaNames(schema: configuration.schema), viewSchema: configuration.viewSchema,
            log: try await log.identity())
    }

    private func stored(
        _ definition: ProjectionDefinition, _ catalog: ProjectionCatalog
    ) async throws -> ProjectionStatus {
        let key = catalog.key(definition)
        return try await pool.withSession { session in
            let state = try catalog.store.state(key, in: &session)
            let pause = try NodeStore(catalog: catalog).pauses(in: &session)[definition.name]
            var status = ProjectionStatus(
                name: definition.name, version: definition.version, state: .new, offset: 0, head: 0, lagEvents: 0,
                lagSeconds: 0, eventsApplied: 0, rate: 0, node: nil, error: nil, pause: pause)
            if pause != nil { status.state = .paused }
            guard let state else { return status }
            status.offset = state.offset.position
            status.eventsApplied = state.applied
            status.parked = try catalog.store.parkedCount(of: key, in: &session)
            status.node = state.owner
            if pause == nil { status.state = state.owner == nil ? .idle : .live }
            status.rate = state.owner == nil ? 0 : state.eventsPerSecond
            if let stop = state.stop {
                status.state = .stopped
                status.error = stop
            } else if state.owner != nil {
                status.error = try catalog.store.waits(of: key, in: &session) ?? state.error
            }
            return status
        }
    }
}
