public import HindsightLog

/// A projection that folds events into the rows of a view, by key.
///
/// ```swift
/// let orderSummary = ViewProjection(OrderSummary.self, version: 1)
///     .on(OrderLinePlaced.self) { order, line, _ in
///         order.lines += 1
///         order.total += line.unitPrice * line.quantity
///     }
/// ```
///
/// A fold gets the row of its key and changes it. A key that has no row yet gets a new one, as the table declares it. A
/// fold that deletes rows, or does not always make one, takes an optional row (``onOptional(_:key:fold:)``).
///
/// The key is the id of the event's stream unless a closure says otherwise. Folds run in the order of the events'
/// positions, one at a time. They must depend only on what they are given: the engine repeats folds whose results it
/// could not commit. The context is the recorded event: stream, version, position, id, times and metadata.
public struct ViewProjection<Row: ViewRow>: Projection {
    /// The key that an event concerns; nil if none.
    public typealias KeyOf<E> = @Sendable (E, RecordedEvent) throws -> Row.Key?
    /// The keys that an event concerns, in the order in which their rows are folded.
    public typealias KeysOf<E> = @Sendable (E, RecordedEvent) throws -> [Row.Key]
    /// What an event does to a row.
    public typealias Fold<E> = @Sendable (inout Row, E, RecordedEvent) throws -> Void
    /// What an event does to a row that there may be: nil before if there is none, and nil after to have none.
    public typealias OptionalFold<E> = @Sendable (inout Row?, E, RecordedEvent) throws -> Void

    @usableFromInline
    struct Handler: Sendable {
        @usableFromInline let events: HandledEvents
        @usableFromInline let bind: @Sendable (FoldPlan<Row>, EventDecoders) -> Void
        /// Tells what follows which keys the events concern, and folds none.
        let observeKeys: @Sendable (EventDecoders, any EventPlanner, @escaping EventKeys.Observer) -> Void
        /// True if the key is the id of the event's stream, and nothing else can be.
        @usableFromInline var isKeyedByStream = false

        @usableFromInline
        init<E: Event>(_ type: E.Type, bind: @escaping @Sendable (FoldPlan<Row>, EventDecoders) -> Void) {
            requireBitwiseTakable(type)
            events = HandledEvents(type)
            self.bind = bind
            observeKeys = { decoders, planner, observer in
                EventKeys.observe(decoders.events(type), of: bind, decoders, planner, observer)
            }
        }

        /// A handler whose keys nobody observes.
        init(_ events: HandledEvents, bind: @escaping @Sendable (FoldPlan<Row>, EventDecoders) -> Void) {
            self.events = events
            self.bind = bind
            observeKeys = { _, _, _ in }
        }
    }

    @usableFromInline let projectionVersion: Int
    @usableFromInline var handlers: [Handler] = []
    @usableFromInline let loop: FoldLoop<Row>
    @usableFromInline var fields: EventFields
    @usableFromInline var parking = ParkingPolicy<Row>.stop
    var isTraced = false

    /// Creates a projection into the view of a row type.
    ///
    /// - Parameters:
    ///   - version: the version of the folds and of the row's shape, from 1. Raise it when either changes.
    ///   - fields: the fields of the recorded event that keys and folds look at, besides position, type and schema
    ///     version. A rebuild reads no others. Defaults to all fields.
    @inlinable
    public init(_ row: Row.Type, version: Int, lookingAt fields: EventFields = .all) {
        requireBitwiseTakable(Row.self)
        requireBitwiseTakable(Row.Key.self)
        projectionVersion = version
        self.fields = fields
        loop = FoldLoop()
    }

    @usableFromInline
    func adding(_ handler: Handler) -> ViewProjection {
        precondition(
            !handlers.contains { $0.events.type == handler.events.type },
            "projection \(Row.table.name) says twice what \(handler.events.type) does")
        var projection = self
        projection.handlers.append(handler)
        return projection
    }

    /// The same projection with more handlers, whose keys are ids of streams.
    ///
    /// - Parameter add: adds the handlers.
    @usableFromInline
    func keyedByStream(_ add: (ViewProjection) -> ViewProjection) -> ViewProjection {
        var projection = add(self)
        for index in handlers.count..<projection.handlers.count { projection.handlers[index].isKeyedByStream = true }
        projection.fields.formUnion(.stream)
        return projection
    }

    /// Makes the projection that notes which events concern each row, if they are to be noted.
    private var makeNotes: (@Sendable () -> ProjectionDefinition)? {
        guard isTraced else { return nil }
        return { NotedEvents.projection(of: self).definition }
    }

    /// The description that the engine works with.
    public var definition: ProjectionDefinition {
        let table = Row.table
        let shape = ViewShape(table)
        let isKeyedByStream = handlers.allSatisfy(\.isKeyedByStream)
        let folding = ViewFolding(
            handlers: handlers, loop: loop, parking: parking, isKeyedByStream: isKeyedByStream)
        let view = FoldedView(
            shape: shape, fields: fields, isKeyedByStream: isKeyedByStream,
            validate: { try table.validate() },
            makeRun: { ViewRun(table: $0.table, folding) },
            makeFold: { table, partitions in
                ViewFold(shape: shape, table: table, partitions: partitions, folding)
            },
            makeTrace: { ViewTrace(key: $0, folding) },
            makeNotes: makeNotes,
            textual: TextualView(table))
        return ProjectionDefinition(
            name: table.name, version: projectionVersion, kind: .view(view), events: handlers.map(\.events))
    }
}
