import HindsightLog

/// The keys that events concern, found by the closures of a projection's handler and told event by event.
enum EventKeys {
    /// Told of an event: the texts of each key's columns, or what the closure threw; the event, its index in the batch, and its number
    /// among the decoded events of its type.
    typealias Observer = (Result<[[String]], any Error>, UnsafePointer<RecordedEvent>, Int, Int) -> Void

    /// - Parameters:
    ///   - events: the events of the handler's type.
    ///   - bind: the handler's way to plan its events.
    ///   - planner: told of events that cannot be decoded.
    static func observe<Row: ViewRow, E: Event>(
        _ events: TypedEvents<E>, of bind: (FoldPlan<Row>, EventDecoders) -> Void, _ decoders: EventDecoders,
        _ planner: any EventPlanner, _ observer: @escaping Observer
    ) {
        let texts = Row.table.key.texts
        var refusal: (any Error)?
        let plan = FoldPlan<Row>(onKeyError: { refusal = $0 })
        // It plans an event before the observer below is told of it, as they are told in this order.
        bind(plan, decoders)
        events.add(planner) { _, event, index, number in
            defer {
                plan.begin()
                refusal = nil
            }
            let keys = plan.steps(of: 0).map { texts($0.key) }
            observer(refusal.map { .failure($0) } ?? .success(keys), event, index, number)
        }
    }
}
