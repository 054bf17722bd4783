import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging
import Synchronization

/// Rebuilds projections by replay: fills new tables beside those that are shown, and swaps them in.
///
/// ```swift
/// let rebuilder = ProjectionRebuilder(context)
/// let reports = try await rebuilder.rebuild(["order_summary"])
/// ```
///
/// ## What others see
/// The view that is shown stays as it is, and the engine keeps it up to date. Readers of the stable name see the old rows, then
/// the new ones, and never wait longer than a tenth of a second. Unfinished work is never visible.
///
/// A projection that writes tables of its own (``SQLProjection``) is filled by its handlers, in tables that its `setUp` makes in a
/// separate schema. Then the new rows replace those in the live tables in one transaction, for which no reader waits.
///
/// ## Interruptions
/// An interrupted rebuild resumes from its last checkpoint, in any process. While one process rebuilds a projection, others that
/// are asked to do the same follow its progress.
///
/// ## Connections
/// One connection writes and holds the leases. Each reader uses one of the log's pool; at the end they count the log's events. The
/// views' pool lends one for a moment now and then, and for the whole rebuild of free SQL.
public struct ProjectionRebuilder: Sendable {
    let log: any EventLog
    private let database: PostgresConfiguration
    let pool: PostgresPool
    let definitions: [ProjectionDefinition]
    let events: EventRegistry
    let configuration: EngineConfiguration
    private let logger: Logger

    /// How many partitions a projection's rows have in memory; a power of two.
    private static let partitions = 16

    /// Looks after the same projections.
    let administration: ProjectionAdministration

    /// A rebuilder. Nothing happens before ``rebuild(_:options:onProgress:)``. Of several versions of a name the newest is rebuilt.
    public init(_ context: ProjectionContext) {
        administration = ProjectionAdministration(context)
        log = context.log
        database = context.database
        pool = context.pool
        definitions = context.definitions
        events = context.events
        configuration = context.configuration
        logger = context.logger
    }

    /// Rebuilds projections, several of them from one reading of the log.
    ///
    /// A projection whose handler fails stops at its last checkpoint, and the shown rows stay as they were; the others continue. Lost
    /// connections are waited for. A cancelled rebuild can be resumed.
    ///
    /// - Parameters:
    ///   - names: which projections; each once.
    ///   - onProgress: told now and then how far each of them is.
    /// - Returns: a report for each of the names, in their order.
    /// - Throws: ``ProjectionError`` with `unknownProjection`, `cannotRebuild` where a newer version is shown
    ///   (``RebuildOptions/replacesNewer``) and for a projection whose own tables cannot be filled elsewhere, `shapeChanged`,
    ///   `nameTaken`, `notProven`, `moreParked` (``RebuildOptions/allowsMoreParked``), or `stopped`, which names the events that could not be applied.
    @discardableResult
    public func rebuild(
        _ names: [String], options: RebuildOptions = RebuildOptions(),
        onProgress: @escaping @Sendable ([RebuildStatus]) -> Void = { _ in }
    ) async throws -> [RebuildReport] {
        let chosen = try names.map(definitions.newest)
        try check(chosen, options)
        try chosen.check()
        let start = ContinuousClock.now
        let results = RebuildResults()
        var restarting = options.restarts
        // A rebuild by another process is followed before it is taken over: it may have succeeded in the meantime.
        var followed: [ProjectionDefinition] = []
        var backoff = database.reconnectBackoff
        while true {
            let open = chosen.filter { !results.hasEnded($0) }
            guard !open.isEmpty else { break }
            let free = open.filter { definition in !followed.contains { $0.name == definition.name } }
            do {
                if free.isEmpty, let next = followed.first {
                    followed.removeFirst()
                    if let report = try await follow(next, start, onProgress) { results.end(next, report) }
                    continue
                }
                followed += try await attempt(
                    free, options, restarting: &restarting, &backoff, results, start: start, onProgress: onProgress)
                backoff.reset()
            } catch let error where error.isInterruption && !Task.isCancelled {
                let pause = backoff.next()
                logger.warning(
                    "rebuild interrupted, going on from its checkpoint",
                    metadata: ["error.message": "\(error)", "retry.pause": .stringConvertible(pause)])
                try await Task.sleep(for: pause)
            } catch is RebuildLost {
                // Another process has taken it over, or a handler's statements are blocked.
                logger.warning("rebuild's lease is lost or its statements fail, following or taking it up again")
                try await Task.sleep(for: backoff.next())
            }
        }
        return try results.reports(of: chosen)
    }

    /// Folds some rows of the shown view from the beginning of the log, and exchanges them in one transaction.
    ///
    /// An engine that works on the view pauses for a moment while these rows catch up with the view.
    ///
    /// - Parameters:
    ///   - selection: which rows.
    ///   - name: the projection's name.
    ///   - options: how many readers, how much memory, and how fast; the rest concerns whole rebuilds.
    /// - Throws: ``ProjectionError`` with `unknownProjection`, `stopped` if an event cannot be applied, or `cannotRebuild` if the
    ///   version that the program declares is not the one that is shown, the rows do not fit in memory, or a key is none.
    @discardableResult
    public func rebuild(
        _ selection: RebuildSelection, of name: String, options: RebuildOptions = RebuildOptions()
    ) async throws -> PartialRebuildReport {
        let definition = try definitions.newest(named: name)
        try check([definition], options)
        guard case .view(let view) = definition.kind else {
            throw ProjectionError(
                .cannotRebuild,
                """
                projection "\(definition.name)" writes tables of its own, and which of their rows belong to a key only its handlers \
                know: rebuild the whole projection
                """)
        }
        return try await withConnection { connection, catalog in
            try await PartialRebuild(
                log: log, pool: pool, connection: connection, catalog: catalog, events: events,
                configuration: configuration, budget: RebuildBudget(options),
                throttle: RebuildThrottle(options.throttle), partitions: Self.partitions, logger: logger
            ).run(definition, view, selection)
        }
    }

    /// Lends a connection of its own, by which rows are held still.
    func withConnection<Value: Sendable>(
        _ body: (PostgresConnection, ProjectionCatalog) async throws -> Value
    ) async throws -> Value {
        let catalog = try await catalog()
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do {
            let value = try await body(connection, catalog)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    private func check(_ chosen: [ProjectionDefinition], _ options: RebuildOptions) throws {
        for (index, definition) in chosen.enumerated() {
            if case .sql = definition.kind, options.keepsOld || options.verification != .none {
                throw ProjectionError(
                    .cannotRebuild,
                    """
                    projection "\(definition.name)" writes tables of its own, of which there is one set: its new rows take the place of \
                    the old ones, which cannot be kept, and are not compared with them. Rebuild it without --keep-old and --verify
                    """)
            }
            guard !chosen[..<index].contains(where: { $0.name == definition.name }) else {
                throw ProjectionError(.cannotRebuild, "projection \"\(definition.name)\" is named twice")
            }
        }
        guard options.memoryBytes >= 64 << 20 else {
            throw ProjectionError(.cannotRebuild, "a rebuild needs 64 MiB of memory or more")
        }
        if let readers = options.readers, !(1...64).contains(readers) {
            throw ProjectionError(.cannotRebuild, "a rebuild has 1 to 64 readers, not \(readers)")
        }
        if case .eventsPerSecond(let rate) = options.throttle, !(rate > 0) {
            throw ProjectionError(.cannotRebuild, "a rebuild's rate is more than 0 events a second, not \(rate)")
        }
    }

    private func catalog() async throws -> ProjectionCatalog {
        ProjectionCatalog(
            names: SchemaNames(schema: configuration.schema), viewSchema: configuration.viewSchema,
            log: try await log.identity())
    }

    private func store(_ catalog: ProjectionCatalog) -> RebuildStore {
        RebuildStore(
            catalog: catalog, events: events, configuration: configuration, partitions: Self.partitions)
    }

    // MARK: - One attempt

    /// Rebuilds the projections that no other process is rebuilding.
    ///
    /// - Returns: those that other processes are rebuilding.
    private func attempt(
        _ open: [ProjectionDefinition], _ options: RebuildOptions, restarting: inout Bool, _ backoff: inout Backoff,
        _ results: RebuildResults, start: ContinuousClock.Instant,
        onProgress: @escaping @Sendable ([RebuildStatus]) -> Void
    ) async throws -> [ProjectionDefinition] {
        let catalog = try await catalog()
        let store = store(catalog)
        let restarts = restarting
        let goal = try await log.frontier()
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do {
            let taken = try await connection.withTransaction(.readCommitted) { session in
                try session.execute(.unflushed)
                try results.settle(with: catalog, in: &session)
                return try open.filter { !results.hasEnded($0) }.compactMap { definition in
                    try store.take(definition, options, restarting: restarts, goal: goal, in: &session)
                }
            }
            restarting = false
            let members = taken.map(\.member)
            let others = open.filter { definition in
                !results.hasEnded(definition) && !members.contains { $0.definition.name == definition.name }
            }
            guard !members.isEmpty else {
                await connection.close()
                return others
            }
            for member in members { try await log.verify(member.offset) }
            let budget = RebuildBudget(options)
            let group = GroupRebuild(
                log: log, pool: pool, connection: connection, catalog: catalog, store: store, events: events,
                configuration: configuration, options: options, budget: budget,
                throttle: RebuildThrottle(options.throttle), logger: logger)
            do {
                try await run(taken, group, options, results, start, onProgress)
            } catch {
                // Progress: the next trouble is another one.
                if members.contains(where: \.hasAdvanced) { backoff.reset() }
                await release(members, catalog, on: connection)
                throw error
            }
            await connection.close()
            return others
        } catch {
            // The leases end with the connection.
            await connection.close()
            throw error
        }
    }

    /// Releases the leases, so that this process is not taken for dead.
    private func release(
        _ members: [RebuildMember], _ catalog: ProjectionCatalog, on connection: PostgresConnection
    ) async {
        let statements = members.map { catalog.store.release($0.key, epoch: $0.epoch) }
        // In a task of its own, so that a cancelled rebuild releases them too.
        await Task {
            do {
                try await connection.withSession { session in _ = try session.pipeline(statements) }
            } catch {
                logger.debug(
                    "leases not given back; they end with their connection", metadata: ["error.message": "\(error)"])
            }
        }.value
    }

    private func run(
        _ members: [RebuildMember.Kind], _ group: GroupRebuild, _ options: RebuildOptions, _ results: RebuildResults,
        _ start: ContinuousClock.Instant, _ onProgress: @escaping @Sendable ([RebuildStatus]) -> Void
    ) async throws {
        let watch = RebuildHeartbeat(
            members: members.map(\.member), group: group, start: start, logger: logger, onProgress: onProgress)
        try await withBackgroundTask(watch.run) { try await finish(members, group, options, results, start) }
    }

    private func finish(
        _ members: [RebuildMember.Kind], _ group: GroupRebuild, _ options: RebuildOptions, _ results: RebuildResults,
        _ start: ContinuousClock.Instant
    ) async throws {
        var (views, others): ([ViewRebuildMember], [SQLRebuildMember]) = ([], [])
        for member in members {
            switch member {
            case .view(let member): views.append(member)
            case .sql(let member): others.append(member)
            }
        }
        for (member, failure) in try await group.load(views.filter { !$0.phase.isLoaded }) {
            results.stop(member.definition, at: failure.event, "\(failure.error)")
        }
        for member in views where !results.hasEnded(member.definition) {
            try await end(member, results) { try await finish(member, group, options, results, start) }
        }
        for member in others {
            try await end(member, results) { try await finish(member, group, results, start) }
        }
    }

    /// Notes how a rebuild ends: with a report, or at an event.
    private func end(
        _ member: RebuildMember, _ results: RebuildResults, _ finish: () async throws -> RebuildReport
    ) async throws {
        do {
            results.end(member.definition, try await finish())
        } catch let error as RebuildStopped {
            results.stop(member.definition, at: error.event, error.error)
        }
    }

    private func finish(
        _ member: ViewRebuildMember, _ group: GroupRebuild, _ options: RebuildOptions, _ results: RebuildResults,
        _ start: ContinuousClock.Instant
    ) async throws -> RebuildReport {
        try await group.timed("caught up") { try await group.catchUp(member) }
        var report = RebuildReport(of: member)
        var equal: EqualRows?
        var differs = false
        if options.verification != .none {
            let (outcome, rows) = try await group.compare(member)
            equal = rows
            differs = outcome.differs
            report.note(outcome)
        }
        try await group.timed("proven") { try await group.prove(member) }
        report.rows = try await group.countRows(member)
        report.parked = try await group.countParked(member)
        switch options.verification {
        case .only:
            report.outcome = .verified
            // Rows that are swapped in bring their own proof; these rows stay.
            if let equal { try await group.proveShown(equal, by: member) }
            try await group.rest(member)
        case .requireEqual where differs:
            report.outcome = .differs
            try await group.rest(member)
        case .none, .compare, .requireEqual:
            report.note(member, since: start)
            results.expect(report, of: member)
            try await group.timed("swapped") { try await group.swapIn(member) }
        }
        report.note(member, since: start)
        return report
    }

    private func finish(
        _ member: SQLRebuildMember, _ group: GroupRebuild, _ results: RebuildResults,
        _ start: ContinuousClock.Instant
    ) async throws -> RebuildReport {
        try await group.timed("read") { try await group.fill(member) }
        try await group.timed("proven") { try await group.prove(member) }
        var report = RebuildReport(of: member)
        report.rows = try await group.countRows(member)
        report.note(member, since: start)
        results.expect(report, of: member)
        try await group.timed("swapped") { try await group.swapIn(member) }
        report.note(member, since: start)
        return report
    }

    // MARK: - Following another process

    /// Returns when the rebuild has ended, with a report, or when it can be taken over, with nil.
    private func follow(
        _ definition: ProjectionDefinition, _ start: ContinuousClock.Instant,
        _ onProgress: @Sendable ([RebuildStatus]) -> Void
    ) async throws -> RebuildReport? {
        let catalog = try await catalog()
        let store = store(catalog)
        var last: RebuildStatus?
        while true {
            let list = try await pool.withSession { session in try store.list(in: &session) }
            guard
                let status = list.first(where: { $0.name == definition.name && $0.version == definition.version })
            else {
                return RebuildReport(
                    name: definition.name, version: definition.version, outcome: .doneElsewhere,
                    offset: last?.reached ?? 0, eventsApplied: last?.eventsApplied ?? 0, rows: last?.rows ?? 0,
                    duration: .now - start, comparison: nil)
            }
            last = status
            let key = catalog.key(definition, .rebuild)
            guard status.node != nil,
                try await pool.withSession({ session in try catalog.store.isHeld(key, in: &session) })
            else {
                // It may have ended between the two looks.
                let list = try await pool.withSession { session in try store.list(in: &session) }
                if list.contains(where: { $0.name == status.name && $0.version == status.version }) { return nil }
                continue
            }
            onProgress([status])
            try await Task.sleep(for: configuration.leaseInterval)
        }
    }
}
