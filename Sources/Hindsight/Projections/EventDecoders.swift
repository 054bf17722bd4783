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
        decode(events) { index, body in events[index].data.withUnsafeBytes(body) }
    }

    /// Decodes a stretch whose events' data stands beside them.
    func decode(_ scan: EventScan) {
        scan.bytes.withUnsafeBytes { buffer in
            decode(scan.events) { index, body in body(UnsafeRawBufferPointer(rebasing: buffer[scan.ranges[index]])) }
        }
    }

    @inline(__always)
    private func decode(
        _ events: [RecordedEvent], _ withData: (Int, (UnsafeRawBufferPointer) -> Void) -> Void
    ) {
        for decoder in byType.values { decoder.removeAll() }
        var lastType: String?
        var decoders: [any TypedEventDecoder] = []
        for index in events.indices {
            if events[index].type != lastType {
                lastType = events[index].type
                decoders = byName[events[index].type] ?? []
            }
            guard !decoders.isEmpty else { continue }
            withData(index) { data in
                for decoder in decoders { decoder.decode(events[index], data, at: index) }
            }
        }
    }
}

/// The events of one Swift type in a batch, whatever that type is.
protocol TypedEventDecoder: AnyObject {
    func removeAll()
    func decode(_ event: RecordedEvent, _ data: UnsafeRawBufferPointer, at index: Int)
}

/// The events of one Swift type in a batch, and the projections that want them.
public final class TypedEvents<E: Event>: TypedEventDecoder {
    /// Plans an event for a projection: the event, how it is recorded, its index in the batch and among the decoded events. It
    /// tells the planner itself when it fails.
    public typealias Plan = (E, RecordedEvent, Int, Int) -> Void

    /// Where the decoded events are. A pointer to a pointer, so that a fold reaches an event without retaining anything.
    @usableFromInline let base: UnsafeMutablePointer<UnsafeMutablePointer<E>>
    private var count = 0
    private var capacity = 1_024
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
        base = .allocate(capacity: 1)
        base.initialize(to: .allocate(capacity: capacity))
    }

    deinit {
        removeAll()
        base.pointee.deallocate()
        base.deallocate()
    }

    /// The decoded event of that index.
    @inlinable public subscript(index: Int) -> E { base.pointee[index] }

    /// Has a projection plan each event.
    package func add(_ planner: any EventPlanner, _ plan: @escaping Plan) {
        plans.append(PlannerPlan(planner: planner, plan: plan))
    }

    func removeAll() {
        base.pointee.deinitialize(count: count)
        count = 0
    }

    func decode(_ event: RecordedEvent, _ data: UnsafeRawBufferPointer, at index: Int) {
        if count == capacity { grow() }
        do {
            let isCurrent = event.schemaVersion == schemaVersion && event.type == type
            (base.pointee + count).initialize(
                to: isCurrent
                    ? try registry.codec.decode(E.self, from: data)
                    : try registry.decode(E.self, event.type, event.schemaVersion, from: data))
        } catch {
            for plan in plans where plan.planner.failure == nil { plan.planner.fail(at: index, error) }
            return
        }
        count += 1
        for plan in plans { plan.plan(base.pointee[count - 1], event, index, count - 1) }
    }

    private func grow() {
        let larger = UnsafeMutablePointer<E>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base.pointee, count: count)
        base.pointee.deallocate()
        base.pointee = larger
        capacity *= 2
    }
}
