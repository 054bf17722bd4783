public import HindsightLog
public import HindsightPostgres
public import Logging

/// What the engine, rebuilds and administration share: which projections there are, which log feeds them, and where their views are.
///
/// ```swift
/// let context = ProjectionContext(
///     log: log, pool: pool, projections: [OrderSummary.projection], events: events, logger: logger)
/// let engine = ProjectionEngine(context)
/// let administration = ProjectionAdministration(context)
/// ```
public struct ProjectionContext: Sendable {
    /// Where the events come from.
    public var log: any EventLog
    /// How the views' database is reached for connections beside the pool's: those that hold leases.
    public var database: PostgresConfiguration
    /// Connections to the views' database, 3 or more.
    public var pool: PostgresPool
    /// What is kept up to date. Several versions of a name may be declared; the newest is shown.
    public var projections: [any Projection]
    /// The types that the projections want.
    public var events: EventRegistry
    /// Schemas, batches and leases.
    public var configuration: EngineConfiguration
    /// For what the engine has to say.
    public var logger: Logger

    /// A context.
    ///
    /// - Parameters:
    ///   - log: where the events come from.
    ///   - database: how the views' database is reached for connections beside the pool's. Defaults to the pool's configuration.
    ///   - pool: connections to the views' database, 3 or more.
    ///   - projections: what is kept up to date.
    ///   - events: the types that the projections want.
    ///   - configuration: schemas, batches and leases. Defaults to ``EngineConfiguration/init()``.
    ///   - logger: for what the engine has to say. Defaults to one with the label `hindsight`.
    public init(
        log: any EventLog, database: PostgresConfiguration? = nil, pool: PostgresPool, projections: [any Projection],
        events: EventRegistry, configuration: EngineConfiguration = EngineConfiguration(),
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

    var definitions: [ProjectionDefinition] { projections.map(\.definition) }
}
