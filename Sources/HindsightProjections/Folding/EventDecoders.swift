public import HindsightLog

/// Decodes each event of a batch once, for all projections that want it.
///
/// It owns the decoded events and the plans of the projections that were bound to it; a projection reaches the events
/// by pointers, so every task that folds keeps it alive.
@usableFromInline
package final class EventDecoders {
    let registry: EventRegistry
    private var byType: [ObjectIdentifier: any TypedEventDecoder] = [:]
    private var byName: [String: [any TypedEventDecoder]] = [:]

    package init(registry: EventRegistry) {
        // Several tasks decode at once; shared memory would move between their cores with every event.
        self.registry = registry.unshared()
    }

    /// The events of one Swift type in the batch at hand.
    @usableFromInline
    package func events<E: Event>(_ type: E.Type) -> TypedEvents<E> {
        if let known = byType[ObjectIdentifier(type)] as? TypedEvents<E> { return known }
        let events = TypedEvents<E>(registry: registry)
        byType[ObjectIdentifier(type)] = events
        for name in registry.storedTypes(of: type) { byName[name, default: []].append(events) }
        return events
    }

    /// The names of the types that any projection wants.
    package var wantedTypes: [String] { byName.keys.sorted() }

    /// Decodes a batch and lets every projection plan its folds.
    package func decode(_ events: [RecordedEvent]) {
        decode(events) { index, body in events[index].data.withUnsafeBytes(body) }
    }

    /// Decodes a batch whose events' data is stored separately.
    func decode(_ scan: RawEventBuffer) {
        let data = scan.data
        decode(scan.events) { index, body in body(data[index]) }
    }

    @inline(__always)
    private func decode(
        _ events: [RecordedEvent], _ withData: (Int, (UnsafeRawBufferPointer) -> Void) -> Void
    ) {
        for decoder in byType.values { decoder.removeAll() }
        var lastType: String?
        var decoders: [any TypedEventDecoder] = []
        events.withUnsafeBufferPointer { events in
            guard var event = events.baseAddress else { return }
            for index in events.indices {
                if event.pointee.type != lastType {
                    lastType = event.pointee.type
                    decoders = byName[event.pointee.type] ?? []
                }
                if !decoders.isEmpty {
                    withData(index) { data in
                        for decoder in decoders { decoder.decode(event, data, at: index) }
                    }
                }
                event += 1
            }
        }
    }
}

/// The events of one Swift type in a batch, whatever that type is.
protocol TypedEventDecoder: AnyObject {
    func removeAll()
    func decode(_ event: UnsafePointer<RecordedEvent>, _ data: UnsafeRawBufferPointer, at index: Int)
}

/// The events of one Swift type in a batch, and the projections that want them.
@usableFromInline
package final class TypedEvents<E: Event>: TypedEventDecoder {
    /// Plans an event for a projection, given the event, its record, and its indexes in the batch and among the decoded
    /// events. It reports failures to its planner itself.
    @usableFromInline
    package typealias Plan = (UnsafePointer<E>, UnsafePointer<RecordedEvent>, Int, Int) -> Void

    /// Where the decoded events are. A pointer to a pointer, so that a fold reaches an event without retaining
    /// anything.
    @usableFromInline let base: UnsafeMutablePointer<UnsafeMutablePointer<E>>
    /// What is accessed with each event: behind a pointer, so that nothing is checked for exclusive access.
    private let state: UnsafeMutablePointer<State>
    private let registry: EventRegistry
    /// Asked for once: a type's name may be computed each time.
    private let type = E.eventType
    private let schemaVersion = E.schemaVersion
    private var planners: [any EventPlanner] = []

    private struct State {
        var count = 0
        var capacity = 1_024
        var plans: [AnyPlan] = []
    }

    /// A plan whose type does not depend on the event's: code that is not specialized for one type would ask the
    /// runtime for the array's type with each event.
    private typealias AnyPlan = (UnsafeRawPointer, UnsafePointer<RecordedEvent>, Int, Int) -> Void

    init(registry: EventRegistry) {
        self.registry = registry
        base = .allocate(capacity: 1)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        base.initialize(to: .allocate(capacity: state.pointee.capacity))
    }

    deinit {
        removeAll()
        base.pointee.deallocate()
        base.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Lets a projection plan each event.
    package func add(_ planner: any EventPlanner, _ plan: @escaping Plan) {
        planners.append(planner)
        state.pointee.plans.append { value, event, index, number in
            plan(value.assumingMemoryBound(to: E.self), event, index, number)
        }
    }

    func removeAll() {
        base.pointee.deinitialize(count: state.pointee.count)
        state.pointee.count = 0
    }

    func decode(_ event: UnsafePointer<RecordedEvent>, _ data: UnsafeRawBufferPointer, at index: Int) {
        let number = state.pointee.count
        if number == state.pointee.capacity { grow() }
        let place = base.pointee + number
        do {
            let isCurrent = event.pointee.schemaVersion == schemaVersion && event.pointee.type == type
            place.initialize(
                to: isCurrent
                    ? try registry.codec.decode(E.self, from: data)
                    : try registry.decode(E.self, event.pointee.type, event.pointee.schemaVersion, from: data))
        } catch {
            for planner in planners where planner.failure == nil { planner.fail(at: index, event.pointee, error) }
            return
        }
        for plan in state.pointee.plans.indices {
            state.pointee.plans[plan](UnsafeRawPointer(place), event, index, number)
        }
        state.pointee.count = number + 1
    }

    private func grow() {
        let larger = UnsafeMutablePointer<E>.allocate(capacity: state.pointee.capacity * 2)
        larger.moveInitialize(from: base.pointee, count: state.pointee.count)
        base.pointee.deallocate()
        base.pointee = larger
        state.pointee.capacity *= 2
    }
}
