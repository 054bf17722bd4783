public import HindsightLog
public import HindsightPostgres
public import Logging

/// What the engine, rebuilds and administration share: the projections, the log that feeds them, and where their views are.
///
/// ```swift
/// let context = ProjectionContext(
///     log: log, pool: pool, projections: [OrderSummary.projection], logger: logger)
/// let engine = ProjectionEngine(context)
/// let administration = ProjectionAdministration(context)
/// ```
public struct ProjectionContext: Sendable {
    /// Where the events come from.
    public var log: any EventLog
    /// How to reach the views' database outside the pool: by the connections that hold leases.
    public var database: PostgresConfiguration
    /// Connections to the views' database, 3 or more.
    public var pool: PostgresPool
    /// What is kept up to date. Several versions of a name may be declared; the newest is shown.
    public var projections: [any Projection]
    /// Upcasters and a codec. Types that projections handle need not be registered.
    public var events: EventRegistry
    /// Schemas, batches and leases.
    public var configuration: EngineConfiguration
    /// Where the engine logs.
    public var logger: Logger

    /// A context.
    ///
    /// - Parameters:
    ///   - log: where the events come from.
    ///   - database: how to reach the views' database outside the pool. Defaults to the pool's configuration.
    ///   - pool: connections to the views' database, 3 or more.
    ///   - projections: what is kept up to date.
    ///   - events: upcasters and a codec; types that projections handle need not be registered. Defaults to none of
    ///     them, and JSON.
    ///   - configuration: schemas, batches and leases. Defaults to ``EngineConfiguration/init()``.
    ///   - logger: where the engine logs. Defaults to one with the label `hindsight`.
    public init(
        log: any EventLog, database: PostgresConfiguration? = nil, pool: PostgresPool, projections: [any Projection],
        events: EventRegistry = EventRegistry(), configuration: EngineConfiguration = EngineConfiguration(),
        logger: Logger = Logger(label: "hindsight")
    ) {
        self.log = log
        self.database = database ?? pool.configuration
        self.pool = pool
        self.projections = projections
        self.events = events
        self.configuration = configuration
        self.logger = logger
    }

    var definitions: [ProjectionDefinition] { projections.definitions }
}
