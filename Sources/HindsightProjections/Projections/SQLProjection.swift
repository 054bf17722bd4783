public import HindsightLog
public import HindsightPostgres

/// A projection that runs its own SQL statements, in the transaction that commits its offset.
///
/// ```swift
/// let audit = SQLProjection(
///     "audit", version: 1, setUp: ["create table audit (position bigint primary key, stream text)"],
///     clear: ["truncate audit"]
/// )
/// .on(OrderLineCancelled.self) { session, event, context in
///     try session.execute("insert into audit values (\(context.position), \(context.stream.rawValue))")
/// }
/// ```
///
/// A rebuild runs the statements again in a separate schema, which comes first in the search path, and then replaces
/// the live rows with the new ones (``ProjectionRebuilder``). This requires that `setUp` creates all tables that
/// handlers write to, and that both name them without a schema.
///
/// Each event costs the round trips of its statements; where a fold by key suffices, ``ViewProjection`` is many times
/// faster.
public struct SQLProjection: Projection {
    /// What an event does.
    public typealias Handle<E: Event> = @Sendable (inout PostgresSession, E, RecordedEvent) throws -> Void

    struct Handler: Sendable {
        let events: HandledEvents
        let bind: @Sendable (SQLRun, EventDecoders) -> Void
    }

    private let projectionName: String
    private let projectionVersion: Int
    private let setUp: [String]
    private let clear: [String]
    private var handlers: [Handler] = []

    /// Creates a projection with its own tables.
    ///
    /// - Parameters:
    ///   - name: the projection's name, 1 to 48 bytes.
    ///   - version: the version of the statements, from 1. Raise it when the statements change.
    ///   - setUp: statements that create its tables; run once when the version is first started, and once for each
    ///     rebuild.
    ///   - clear: statements that empty them; run when the projection is reset.
    public init(_ name: String, version: Int, setUp: [String], clear: [String]) {
        projectionName = name
        projectionVersion = version
        self.setUp = setUp
        self.clear = clear
    }

    /// Defines what an event of a type does; an error stops the projection at the event.
    public func on<E: Event>(_ type: E.Type, handle: @escaping Handle<E>) -> SQLProjection {
        precondition(
            !handlers.contains { $0.events.type == E.eventType },
            "projection \(projectionName) says twice what \(E.eventType) does")
        var projection = self
        projection.handlers.append(
            Handler(
                events: HandledEvents(type),
                bind: { run, decoders in
                    let events = decoders.events(type)
                    let values = events.base
                    events.add(run) { _, _, index, value in
                        run.plan(event: index) { session, context in
                            try handle(&session, values.pointee[value], context)
                        }
                    }
                }))
        return projection
    }

    /// The description that the engine works with.
    public var definition: ProjectionDefinition {
        let handlers = handlers
        return ProjectionDefinition(
            name: projectionName, version: projectionVersion,
            kind: .sql(OwnTables(setUp: setUp, clear: clear, makeRun: { SQLRun(handlers: handlers) })),
            events: handlers.map(\.events))
    }
}
