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
///
/// ## Several keys in flight
/// Handlers that say which key an event concerns can have events of several keys handled at the same time, on connections of
/// their own:
///
/// ```swift
/// let totals = SQLProjection("totals", version: 1, setUp: […], clear: […], keysInFlight: 4)
///     .on(OrderLinePlaced.self, key: { $1.stream.id }) { session, line, context in
///         try session.execute("update total set lines = lines + 1 where id = \(context.stream.id)")
///     }
/// ```
///
/// Events of one key are handled in the order of the log. Those of different keys are handled in any order and in different
/// transactions, so a reader may see an event's effect before that of an earlier event with another key. Each event's effect commits
/// once: with the offset, or beforehand, together with a note of its position that keeps whoever goes on after a crash from handling it
/// again. Handlers of different keys that write the same row wait for each other; if two of them wait for each other's rows, the
/// server ends one after a second, and its events are handled again.
public struct SQLProjection: Projection {
    /// What an event does.
    public typealias Handle<E: Event> = @Sendable (inout PostgresSession, E, RecordedEvent) throws -> Void

    /// Which key an event concerns.
    public typealias Key<E: Event, K: Hashable & Sendable> = @Sendable (E, RecordedEvent) throws -> K

    struct Handler: Sendable {
        let events: HandledEvents
        /// The name of its keys' type; nil if it gives no key.
        let keyType: String?
        let bind: @Sendable (SQLRun, EventDecoders) -> Void
    }

    private let projectionName: String
    private let projectionVersion: Int
    private let setUp: [String]
    private let clear: [String]
    private let keysInFlight: Int
    private var handlers: [Handler] = []

    /// Creates a projection with its own tables.
    ///
    /// - Parameters:
    ///   - name: the projection's name, 1 to 48 bytes.
    ///   - version: the version of the statements, from 1. Raise it when the statements change.
    ///   - setUp: statements that create its tables; run once when the version is first started, and once for each
    ///     rebuild.
    ///   - clear: statements that empty them; run when the projection is reset.
    ///   - keysInFlight: how many events of different keys are handled at the same time at most, each on a connection of
    ///     the pool, and no more than the pool's connections but one; 1 to 64. With 2 or more, each handler has to give a
    ///     key, all of them of one type. Defaults to `1`: all events in the order of the log.
    public init(_ name: String, version: Int, setUp: [String], clear: [String], keysInFlight: Int = 1) {
        projectionName = name
        projectionVersion = version
        self.setUp = setUp
        self.clear = clear
        self.keysInFlight = keysInFlight
    }

    /// Defines what an event of a type does; an error stops the projection at the event.
    public func on<E: Event>(_ type: E.Type, handle: @escaping Handle<E>) -> SQLProjection {
        on(type, keyType: nil, hash: { _, _ in 0 }, handle)
    }

    /// Defines which key an event of a type concerns, and what it does; an error of either stops the projection at the
    /// event.
    ///
    /// - Parameters:
    ///   - type: the type of events.
    ///   - key: events with equal keys are handled in the order of the log. It is asked only if several keys may be in
    ///     flight, and must depend on nothing but the event.
    ///   - handle: what the event does.
    public func on<E: Event, K: Hashable & Sendable>(
        _ type: E.Type, key: @escaping Key<E, K>, handle: @escaping Handle<E>
    ) -> SQLProjection {
        on(type, keyType: "\(K.self)", hash: { try key($0, $1).hashValue }, handle)
    }

    private func on<E: Event>(
        _ type: E.Type, keyType: String?, hash: @escaping @Sendable (E, RecordedEvent) throws -> Int,
        _ handle: @escaping Handle<E>
    ) -> SQLProjection {
        precondition(
            !handlers.contains { $0.events.type == E.eventType },
            "projection \(projectionName) says twice what \(E.eventType) does")
        var projection = self
        projection.handlers.append(
            Handler(
                events: HandledEvents(type), keyType: keyType,
                bind: { run, decoders in
                    let events = decoders.events(type)
                    let values = events.base
                    events.add(run) { event, record, index, value in
                        run.plan(event: index) {
                            try hash(event.pointee, record.pointee)
                        } handle: { session, context in
                            try handle(&session, values.pointee[value], context)
                        }
                    }
                }))
        return projection
    }

    /// The description that the engine works with.
    public var definition: ProjectionDefinition {
        let (handlers, keysInFlight) = (handlers, keysInFlight)
        return ProjectionDefinition(
            name: projectionName, version: projectionVersion,
            kind: .sql(
                OwnTables(
                    setUp: setUp, clear: clear, keysInFlight: keysInFlight,
                    keyTypes: handlers.map { ($0.events.type, $0.keyType) },
                    makeRun: { SQLRun(handlers: handlers, keysInFlight: keysInFlight) })),
            events: handlers.map(\.events))
    }
}
