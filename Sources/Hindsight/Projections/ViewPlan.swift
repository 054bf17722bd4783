/// What a batch of events means for the rows of a view: which keys they concern and which folds, before any row is looked at.
///
/// The steps are dealt out by key, so that the partitions can be folded on several cores. Each partition has its steps in the
/// order of the events.
public final class ViewPlan<Row: ViewRow>: EventPlanner {
    /// Folds one event, by its index among the decoded events of its type, into a row.
    public typealias Fold = (Int, Row.Key, inout Row?, UnsafePointer<RecordedEvent>) throws -> Void

    /// One event for one row.
    @usableFromInline
    struct Step {
        @usableFromInline let key: Row.Key
        @usableFromInline let hash: Int
        @usableFromInline let fold: Int32
        @usableFromInline let value: Int32
        @usableFromInline let event: Int32

        @inlinable
        init(key: Row.Key, hash: Int, fold: Int, value: Int, event: Int) {
            self.key = key
            self.hash = hash
            self.fold = Int32(truncatingIfNeeded: fold)
            self.value = Int32(truncatingIfNeeded: value)
            self.event = Int32(truncatingIfNeeded: event)
        }
    }

    @usableFromInline var partitions: [[Step]]
    @usableFromInline let mask: Int
    @usableFromInline var folds: [Fold] = []
    @usableFromInline var plannedEvents = 0
    package private(set) var failure: (index: Int, error: any Error)?
    /// True while nothing has failed.
    @usableFromInline var isSound = true

    /// - Parameter partitions: a power of two.
    init(partitions: Int = 1) {
        self.partitions = [[Step]](repeating: [], count: partitions)
        mask = partitions - 1
    }

    /// How many events of the batch concern the projection.
    package var planned: Int { plannedEvents }

    /// Adds a fold and returns its number.
    @inlinable
    public func addFold(_ fold: @escaping Fold) -> Int {
        folds.append(fold)
        return folds.count - 1
    }

    /// Plans an event for the row of a key.
    @inlinable
    public func plan(_ key: Row.Key, fold: Int, value: Int, event: Int) {
        let hash = key.hashValue
        partitions[hash & mask].append(Step(key: key, hash: hash, fold: fold, value: value, event: event))
    }

    /// Plans each event of a type, and counts it.
    @usableFromInline
    func observe<E: Event>(_ events: TypedEvents<E>, _ plan: @escaping TypedEvents<E>.Plan) {
        events.add(self, plan)
    }

    /// Takes part in the decoding of batches; what was bound before is let go.
    func bind(_ handlers: [ViewProjection<Row>.Handler], to decoders: EventDecoders) {
        folds.removeAll()
        for handler in handlers { handler.bind(self, decoders) }
    }

    /// Forgets the batch.
    func begin() {
        for partition in partitions.indices { partitions[partition].removeAll(keepingCapacity: true) }
        plannedEvents = 0
        failure = nil
        isSound = true
    }

    package func fail(at index: Int, _ error: any Error) {
        failure = (index, error)
        isSound = false
    }

    @usableFromInline
    func planFailed(at index: Int, _ error: any Error) {
        fail(at: index, error)
    }
}
