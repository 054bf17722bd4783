import HindsightLog
import HindsightMigrations
import HindsightPostgres
import HindsightSchema
import Logging
public import ServiceLifecycle

/// Keeps views up to date: feeds the events of a log to projections, in order, and commits each one's rows together with its
/// offset.
///
/// ```swift
/// let engine = ProjectionEngine(context)
/// try await engine.run()              // or in a service group, which ends it in good order
/// ```
///
/// ## Running the engine
/// Any number of processes may run the same projections. One of them at a time works on each projection, they share them evenly,
/// and when a process ends, the others take over what it had. ``run()`` returns when the surrounding service group shuts down: batches in flight are committed
/// and leases given back. Cancelling rolls them back.
///
/// ## Failures
/// A projection whose fold throws, or whose event cannot be decoded, stops at that event, and one whose `setUp` fails before the
/// first; the others continue. It is tried again
/// when a process starts or when it is resumed (``ProjectionAdministration/resume(_:)``). One that is paused
/// (``ProjectionAdministration/pause(_:reason:)``) stays so whatever starts. The engine waits for lost connections
/// and restarting servers. A log that cannot be read for a lasting reason stops the projections that it feeds.
public final class ProjectionEngine: Service, Sendable {
    private let context: ProjectionContext
    private let definitions: [ProjectionDefinition]
    private let signal: CommitSignal
    private let reads: WaitingReads

    private var log: any EventLog { context.log }
    private var pool: PostgresPool { context.pool }
    private var database: PostgresConfiguration { context.database }
    private var events: EventRegistry { context.events }
    private var configuration: EngineConfiguration { context.configuration }
    private var logger: Logger { context.logger }

    /// An engine. Nothing happens before ``prepare()`` or ``run()``.
    ///
    /// It opens a connection of its own beside the pool's, which holds the leases.
    public init(_ context: ProjectionContext) {
        self.context = context
        definitions = context.definitions
        reads = .of(context.pool, schema: context.configuration.schema)
        signal = CommitSignal(reads: reads)
    }

    /// Makes what the log and the views need, as far as it is missing: their schemas, and the tables and stable names
    /// of new projections. From then on every view can be queried; a new one is empty.
    ///
    /// A service that answers queries calls it before it starts, because a service group does not wait for one of its
    /// services before it starts the next:
    ///
    /// ```swift
    /// try await engine.prepare()
    /// let group = ServiceGroup(
    ///     services: [pool, log, engine, server], gracefulShutdownSignals: [.sigterm], logger: logger)
    /// try await group.run()
    /// ```
    ///
    /// Any number of processes may call it at once and again, while engines are at work. A projection whose `setUp`
    /// fails is stopped, and the others are prepared. One that has stopped remains so until an engine starts. Where
    /// the schemas are up to date it needs no right to change them, only `SELECT` on their tables `migrations`.
    ///
    /// - Throws: ``ProjectionError`` when a projection cannot be started as declared; `MigrationError` when a schema was
    ///   migrated by a newer program; a `PostgresError`.
    public func prepare() async throws {
        try await log.prepare()
        try await Migrator(pool: pool, schema: configuration.schema, parts: [.engine], logger: logger).migrate()
        _ = try await register(in: try await catalog(), isStart: false, stopLevel: .error)
    }

    /// Works until the service group shuts down.
    ///
    /// - Throws: ``ProjectionError`` when a projection cannot be started as declared; a `PostgresError` when the schema is not
    ///   there (``prepare()``). Later errors are waited for, or stop the projections that they concern.
    public func run() async throws {
        try await run(untilCaughtUp: false)
    }

    /// Works until every projection has applied what is in the log now, or has stopped.
    ///
    /// It does not wait for projections that are paused.
    ///
    /// - Throws: ``ProjectionError`` with `stopped`, naming the projections that stopped or are paused short of it, and as
    ///   ``run()`` does.
    public func runUntilCaughtUp() async throws {
        try await run(untilCaughtUp: true)
    }

    /// The commits of a projection by this engine from now on, each as soon as it is visible: for reads that wait, and for
    /// displays of changing rows.
    ///
    /// ```swift
    /// for await commit in engine.commits(of: "order_summary") {
    ///     refresh(commit.keys(of: OrderSummary.self))      // nil: any of them
    /// }
    /// ```
    ///
    /// Commits of versions that are not shown yet are included. Commits of other processes are not; when this one takes over, any
    /// row may have changed. An observer that is 256 commits behind misses the oldest ones, which shows in
    /// ``ProjectionCommit/start``: it is not where the previous commit ended. The sequence ends with the engine.
    public func commits(of projection: String) -> AsyncStream<ProjectionCommit> {
        signal.commits(of: projection)
    }

    private func run(untilCaughtUp: Bool) async throws {
        defer { signal.finish() }
        // A thousand readers that are answered at once want the pool's connections, too, and the next ones wait for the engine.
        try await PostgresPool.$isUrgent.withValue(true) { try await work(untilCaughtUp: untilCaughtUp) }
    }

    private func work(untilCaughtUp: Bool) async throws {
        let log = log
        let catalog = try await catalog()
        // Whoever waits until everything is caught up is told at the end what stopped, and does not need to read it twice.
        let stopLevel: Logger.Level = untilCaughtUp ? .info : .error
        let unprepared: Set<ShardKey>
        do {
            // Nothing is in flight yet, so a shutdown may end this at once, whatever it waits for.
            unprepared = try await cancelWhenGracefulShutdown {
                try await self.register(in: catalog, isStart: true, stopLevel: stopLevel)
            }
        } catch {
            if Task.isShuttingDownGracefully { return }
            throw error
        }
        let changes = log.changes()
        let roster = EngineRoster()
        let monitor = CatchUpMonitor(
            log: log, pool: pool, catalog: catalog, definitions: definitions, unprepared: unprepared,
            goal: untilCaughtUp ? try await log.frontier() : .beginning, roster: roster)
        let groups = GroupRunner(
            log: log, changes: changes, catalog: catalog,
            applier: BatchApplier(
                pool: pool, store: catalog.store, registry: events, leaseDuration: configuration.leaseDuration,
                logger: logger, signal: signal),
            roster: roster, configuration: configuration,
            presenter: VersionPresenter(
                pool: pool, catalog: catalog, roster: roster, node: configuration.node, logger: logger),
            logger: logger, stopLevel: stopLevel, storesIdleOffsetsAtOnce: untilCaughtUp)

        let replays = ReplayRunner(
            rebuilder: ProjectionRebuilder(context),
            pool: pool, catalog: catalog, roster: roster, events: events, configuration: configuration, logger: logger)
        let (laggards, newLaggards) = AsyncStream.makeStream(of: Laggards.Group.self)
        let keeper = LeaseKeeper(
            definitions: definitions, catalog: catalog, configuration: configuration, database: database, log: log,
            events: events, roster: roster, logger: logger, stopLevel: stopLevel,
            dispatcher: ShardDispatcher(
                log: log, definitions: definitions, replays: replays, roster: roster, laggards: newLaggards,
                signal: signal, wake: { changes.wake() }),
            poolPatience: pool.waitTimeout)
        let meter = LagMeter(
            log: log, definitions: definitions, catalog: catalog, events: events, roster: roster,
            interval: configuration.metricsInterval, logger: logger)
        let drain: @Sendable () -> Void = {
            roster.drain()
            newLaggards.finish()
            changes.wake()
        }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    await withTaskGroup { keeping in
                        keeping.addTask { await keeper.run() }
                        keeping.addTask { await meter.run() }
                        keeping.addTask {
                            await self.reads.serve(
                                self.pool, for: .init(node: self.configuration.node, wake: { changes.wake() }))
                        }
                        await self.work(groups, replays, laggards)
                        // The leases are kept until the last batch in flight is committed.
                        keeping.cancelAll()
                    }
                }
                if untilCaughtUp {
                    tasks.addTask {
                        try await monitor.run()
                        drain()
                    }
                }
                try await tasks.waitForAll()
            }
        } onGracefulShutdown: {
            drain()
        }
        await release(roster, catalog)
        if untilCaughtUp { try await monitor.report() }
    }

    private func work(_ groups: GroupRunner, _ replays: ReplayRunner, _ laggards: AsyncStream<Laggards.Group>) async {
        await withDiscardingTaskGroup { tasks in
            // Projections with statements of their own are fed apart from the others, which would wait for them.
            for withStatements in [false, true] {
                tasks.addTask { await groups.runLive(withStatements: withStatements) }
            }
            // Each group that is far behind gets to the head by itself.
            for await group in laggards {
                tasks.addTask {
                    if group.isToReplay, await replays.run(group.members) {
                        // The swap has taken the leases; they are taken again where the new rows stand.
                        return groups.letGo(of: group.members)
                    }
                    await groups.catchUp(group.members)
                }
            }
        }
    }

    private func catalog() async throws -> ProjectionCatalog {
        ProjectionCatalog(
            names: SchemaNames(schema: configuration.schema), viewSchema: configuration.viewSchema,
            log: try await log.identity())
    }

    /// - Parameter isStart: whether projections that have stopped may be tried again.
    /// - Returns: the projections whose `setUp` failed.
    private func register(
        in catalog: ProjectionCatalog, isStart: Bool, stopLevel: Logger.Level
    ) async throws -> Set<ShardKey> {
        try definitions.check()
        let (definitions, build) = (definitions, configuration.build)
        let (failed, stopped) = try await pool.withTransaction(.readCommitted) { session in
            let failed = try catalog.registerEach(definitions, in: &session)
            let stopped = isStart ? try catalog.retryStopped(definitions, build: build, in: &session) : []
            for (definition, failure) in failed { try catalog.stop(definition, failure, in: &session) }
            return (failed, stopped)
        }
        for (key, state) in stopped {
            logger.log(
                level: stopLevel, "projection is stopped, and this build does not try it again by itself",
                metadata: ["projection.name": "\(key.name)", "error.message": "\(state.stop ?? "")"])
        }
        for (definition, failure) in failed {
            logger.log(
                level: stopLevel, "projection stopped",
                metadata: ["projection.name": "\(definition.name)", "error.message": "\(failure)"])
        }
        return Set(failed.map { catalog.key($0.definition) })
    }

    private func release(_ roster: EngineRoster, _ catalog: ProjectionCatalog) async {
        let leaving = roster.nodeID.map { NodeStore(catalog: catalog).leave($0) }
        let statements =
            roster.members.map { catalog.store.release($0.key, epoch: $0.epoch) } + [leaving].compactMap { $0 }
        guard !statements.isEmpty else { return }
        do {
            try await pool.withSession { session in _ = try session.pipeline(transactions: statements.map { [$0] }) }
        } catch {
            logger.debug(
                "leases not given back; they end with their connection", metadata: ["error.message": "\(error)"])
        }
    }
}
