/// Decodes each event of a batch once, for all projections that want it.
public final class EventDecoders {
    let registry: EventRegistry
    private var byType: [ObjectIdentifier: any TypedEventDecoder] = [:]
    private var byName: [String: [any TypedEventDecoder]] = [:]

    package init(registry: EventRegistry) {
        self.registry = registry
    }

    /// The events of one Swift type in the batch at hand.
    public func events<E: Event>(_ type: E.Type) -> TypedEvents<E> {
        if let known = byType[ObjectIdentifier(type)] as? TypedEvents<E> { return known }
        let events = TypedEvents<E>(registry: registry)
        byType[ObjectIdentifier(type)] = events
        for name in registry.storedTypes(of: type) { byName[name, default: []].append(events) }
        return events
    }

    /// The names of the types that somebody wants.
    package var wantedTypes: [String] { byName.keys.sorted() }

    /// Decodes a batch and has every projection plan what it will do.
    package func decode(_ events: [RecordedEvent]) {
        for decoder in byType.values { decoder.removeAll() }
        var lastType: String?
        var decoders: [any TypedEventDecoder] = []
        for (index, event) in events.enumerated() {
            if event.type != lastType {
                lastType = event.type
                decoders = byName[event.type] ?? []
            }
            for decoder in decoders { decoder.decode(event, at: index) }
        }
    }
}

/// The events of one Swift type in a batch, whatever that type is.
protocol TypedEventDecoder: AnyObject {
    func removeAll()
    func decode(_ event: RecordedEvent, at index: Int)
}

/// The events of one Swift type in a batch, and the projections that want them.
public final class TypedEvents<E: Event>: TypedEventDecoder {
    /// Plans an event for a projection: the event, how it is recorded, its index in the batch and in ``values``.
    public typealias Plan = (E, RecordedEvent, Int, Int) throws -> Void

    /// The decoded events.
    public private(set) var values: [E] = []
    private let registry: EventRegistry
    /// Asked for once: a type's name may be reckoned each time.
    private let type = E.eventType
    private let schemaVersion = E.schemaVersion
    private var plans: [PlannerPlan] = []

    /// The planner is not held: it holds the decoded events itself, and outlives what it is bound to.
    private struct PlannerPlan {
        unowned let planner: any EventPlanner
        let plan: Plan
    }

    init(registry: EventRegistry) {
        self.registry = registry
    }

    /// Has a projection plan each event.
    package func add(_ planner: any EventPlanner, _ plan: @escaping Plan) {
        plans.append(PlannerPlan(planner: planner, plan: plan))
    }

    func removeAll() {
        values.removeAll(keepingCapacity: true)
    }

    func decode(_ event: RecordedEvent, at index: Int) {
        do {
            let isCurrent = event.schemaVersion == schemaVersion && event.type == type
            values.append(
                isCurrent
                    ? try registry.codec.decode(E.self, from: event.data) : try registry.decode(E.self, from: event))
        } catch {
            for plan in plans where plan.planner.failure == nil { plan.planner.fail(at: index, error) }
            return
        }
        for plan in plans where plan.planner.failure == nil {
            do {
                try plan.plan(values[values.count - 1], event, index, values.count - 1)
            } catch {
                plan.planner.fail(at: index, error)
            }
        }
    }
}
