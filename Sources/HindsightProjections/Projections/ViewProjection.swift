public import HindsightLog

/// A projection that folds events into the rows of a view, by key.
///
/// ```swift
/// let orderSummary = ViewProjection(OrderSummary.self, version: 1)
///     .on(OrderLinePlaced.self, key: { _, context in context.stream.id }) { row, event, context in
///         var order = row ?? OrderSummary(orderID: context.stream.id)
///         order.lines += 1
///         order.total += event.unitPrice * event.quantity
///         row = order
///     }
/// ```
///
/// A fold gets the row of its key, nil if there is none, and leaves the row as it should be, or nil to delete it. Folds
/// run in the order of the events' positions, one at a time. They must depend only on what they are given: the engine
/// repeats folds whose results it could not commit. The context is the recorded event: stream, version, position, id,
/// times and metadata.
public struct ViewProjection<Row: ViewRow>: Projection {
    /// The key that an event concerns; nil if none.
    public typealias KeyOf<E: Event> = @Sendable (E, RecordedEvent) throws -> Row.Key?
    /// What an event does to a row.
    public typealias Fold<E: Event> = @Sendable (inout Row?, E, RecordedEvent) throws -> Void

    @usableFromInline
    struct Handler: Sendable {
        @usableFromInline let eventType: String
        @usableFromInline let storedTypes: @Sendable (EventRegistry) -> Set<String>
        @usableFromInline let bind: @Sendable (FoldPlan<Row>, EventDecoders) -> Void

        @usableFromInline
        init<E: Event>(_ type: E.Type, bind: @escaping @Sendable (FoldPlan<Row>, EventDecoders) -> Void) {
            requireBitwiseTakable(type)
            eventType = E.eventType
            storedTypes = { $0.storedTypes(of: type) }
            self.bind = bind
        }
    }

    @usableFromInline let projectionVersion: Int
    @usableFromInline var handlers: [Handler] = []
    @usableFromInline let loop: FoldLoop<Row>
    @usableFromInline let fields: EventFields

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

    /// Defines what an event of a type does to the row of one key.
    ///
    /// - Parameters:
    ///   - key: which row the event concerns, nil for none; an error stops the projection at the event.
    ///   - fold: what the event does to the row; an error stops the projection at the event.
    @inlinable
    public func on<E: Event>(_ type: E.Type, key: @escaping KeyOf<E>, fold: @escaping Fold<E>) -> ViewProjection {
        adding(
            Handler(type) { plan, decoders in
                let events = decoders.events(type)
                let values = events.base
                let number = plan.addFold { index, _, row, context in
                    try withBorrowedValue(values.pointee + index) { event in
                        try withBorrowedValue(context) { context in try fold(&row, event, context) }
                    }
                }
                plan.observe(events) { event, context, index, value in
                    guard plan.state.pointee.isSound else { return }
                    do {
                        let key = try withBorrowedValue(event) { event in
                            try withBorrowedValue(context) { context in try key(event, context) }
                        }
                        if let key {
                            plan.plan(key, fold: number, value: value, event: index)
                        }
                        plan.state.pointee.plannedEvents += 1
                    } catch {
                        plan.planFailed(at: index, error)
                    }
                }
            })
    }

    /// Defines what an event of a type does to the rows of several keys, or of none.
    ///
    /// - Parameters:
    ///   - keys: which rows the event concerns, in the order in which they are folded.
    ///   - fold: what the event does to each row; it is given the row's key as well.
    @inlinable
    public func onEach<E: Event>(
        _ type: E.Type, keys: @escaping @Sendable (E, RecordedEvent) throws -> [Row.Key],
        fold: @escaping @Sendable (inout Row?, Row.Key, E, RecordedEvent) throws -> Void
    ) -> ViewProjection {
        adding(
            Handler(type) { plan, decoders in
                let events = decoders.events(type)
                let values = events.base
                let number = plan.addFold { index, key, row, context in
                    try withBorrowedValue(values.pointee + index) { event in
                        try withBorrowedValue(context) { context in try fold(&row, key, event, context) }
                    }
                }
                plan.observe(events) { event, context, index, value in
                    guard plan.state.pointee.isSound else { return }
                    do {
                        let keys = try withBorrowedValue(event) { event in
                            try withBorrowedValue(context) { context in try keys(event, context) }
                        }
                        for key in keys {
                            plan.plan(key, fold: number, value: value, event: index)
                        }
                        plan.state.pointee.plannedEvents += 1
                    } catch {
                        plan.planFailed(at: index, error)
                    }
                }
            })
    }

    @usableFromInline
    func adding(_ handler: Handler) -> ViewProjection {
        precondition(
            !handlers.contains { $0.eventType == handler.eventType },
            "projection \(Row.table.name) says twice what \(handler.eventType) does")
        var projection = self
        projection.handlers.append(handler)
        return projection
    }

    /// The description that the engine works with.
    public var definition: ProjectionDefinition {
        let shape = ViewShape(Row.table)
        let (handlers, loop) = (handlers, loop)
        let view = FoldedView(
            shape: shape, fields: fields,
            makeRun: { ViewRun(table: $0.table, handlers: handlers, loop: loop) },
            makeFold: { table, partitions in
                ViewFold(shape: shape, table: table, partitions: partitions, handlers: handlers, loop: loop)
            },
            textual: TextualView(Row.table))
        return ProjectionDefinition(
            name: Row.table.name, version: projectionVersion, kind: .view(view),
            storedTypes: { registry in handlers.reduce(into: []) { $0.formUnion($1.storedTypes(registry)) } })
    }
}
