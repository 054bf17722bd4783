public import HindsightLog

/// What a batch of events will do to the rows of a view: for each event, the keys that it concerns and their fold. The
/// plan is made before any row is loaded.
///
/// The steps are divided into partitions by key, so that several cores can fold them. Within a partition they are in
/// the order of the events.
@usableFromInline
package final class FoldPlan<Row: ViewRow>: EventPlanner {
    /// Folds one event, by its index among the decoded events of its type, into a row.
    @usableFromInline
    package typealias Fold = (Int, Row.Key, inout Row?, UnsafePointer<RecordedEvent>) throws -> Void

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

    /// The steps of a partition.
    @usableFromInline
    struct Partition {
        @usableFromInline var steps: UnsafeMutablePointer<Step>
        @usableFromInline var count = 0
        @usableFromInline var capacity = 64

        init() {
            steps = .allocate(capacity: capacity)
        }
    }

    /// What is accessed with each event.
    @usableFromInline
    struct State {
        @usableFromInline var plannedEvents = 0
        /// True while nothing has failed.
        @usableFromInline var isSound = true
    }

    // Behind pointers, so that nothing is retained or checked for exclusive access with each event.
    @usableFromInline let partitions: UnsafeMutablePointer<Partition>
    @usableFromInline let state: UnsafeMutablePointer<State>
    @usableFromInline let mask: Int
    @usableFromInline var folds: [Fold] = []
    package private(set) var failure: (index: Int, error: any Error)?
    /// The key to park for an event that cannot be read; nil if it stops the projection.
    private let keyOfUnreadable: (@Sendable (RecordedEvent) -> Row.Key?)?
    /// Told of an error of a closure for keys, in place of failing.
    private let onKeyError: ((any Error) -> Void)?
    /// The errors of such events. A step with this fold throws its error, and so parks its key when its turn comes.
    private var unreadable: [any Error] = []
    private var unreadableFold = 0

    /// - Parameters:
    ///   - count: how many partitions; a power of two.
    ///   - keyOfUnreadable: the key to park for an event that cannot be read.
    ///   - onKeyError: told of an error of a closure for keys, in place of failing: for a plan that is only asked for keys, and
    ///     by another one, which is told of events that cannot be decoded itself.
    package init(
        partitions count: Int = 1, keyOfUnreadable: (@Sendable (RecordedEvent) -> Row.Key?)? = nil,
        onKeyError: ((any Error) -> Void)? = nil
    ) {
        self.keyOfUnreadable = keyOfUnreadable
        self.onKeyError = onKeyError
        partitions = .allocate(capacity: count)
        for partition in 0..<count { (partitions + partition).initialize(to: Partition()) }
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        mask = count - 1
    }

    deinit {
        for partition in 0...mask {
            removeSteps(of: partition)
            partitions[partition].steps.deallocate()
        }
        partitions.deallocate()
        state.deallocate()
    }

    /// How many events of the batch concern the projection.
    package var planned: Int { state.pointee.plannedEvents }

    /// Adds a fold and returns its number.
    @inlinable
    package func addFold(_ fold: @escaping Fold) -> Int {
        folds.append(fold)
        return folds.count - 1
    }

    /// Plans an event for the row of a key.
    @inlinable
    package func plan(_ key: Row.Key, fold: Int, value: Int, event: Int) {
        let hash = key.hashValue
        let partition = partitions + (hash & mask)
        if partition.pointee.count == partition.pointee.capacity { grow(partition) }
        (partition.pointee.steps + partition.pointee.count).initialize(
            to: Step(key: key, hash: hash, fold: fold, value: value, event: event))
        partition.pointee.count += 1
    }

    @usableFromInline
    func grow(_ partition: UnsafeMutablePointer<Partition>) {
        let larger = UnsafeMutablePointer<Step>.allocate(capacity: partition.pointee.capacity * 2)
        larger.moveInitialize(from: partition.pointee.steps, count: partition.pointee.count)
        partition.pointee.steps.deallocate()
        partition.pointee.steps = larger
        partition.pointee.capacity *= 2
    }

    /// The steps of a partition, in the order of the events.
    @usableFromInline
    func steps(of partition: Int) -> UnsafeBufferPointer<Step> {
        UnsafeBufferPointer(start: partitions[partition].steps, count: partitions[partition].count)
    }

    /// Keeps only those steps of a partition that are wanted.
    func keepSteps(of partition: Int, where isWanted: (Step) -> Bool) {
        let kept = steps(of: partition).filter(isWanted)
        removeSteps(of: partition)
        partitions[partition].steps.initialize(from: kept, count: kept.count)
        partitions[partition].count = kept.count
    }

    private func removeSteps(of partition: Int) {
        partitions[partition].steps.deinitialize(count: partitions[partition].count)
        partitions[partition].count = 0
    }

    /// Plans each event of a type, and counts it.
    @usableFromInline
    func observe<E: Event>(_ events: TypedEvents<E>, _ plan: @escaping TypedEvents<E>.Plan) {
        events.add(self, plan)
    }

    /// Binds the plan to `decoders`, in place of those that it was bound to before.
    func bind(_ handlers: [ViewProjection<Row>.Handler], to decoders: EventDecoders) {
        folds.removeAll()
        if keyOfUnreadable != nil {
            unreadableFold = addFold { [unowned self] index, _, _, _ in throw unreadable[index] }
        }
        for handler in handlers { handler.bind(self, decoders) }
    }

    /// Forgets the batch.
    func begin() {
        for partition in 0...mask { removeSteps(of: partition) }
        state.pointee = State()
        failure = nil
        unreadable.removeAll()
    }

    package func fail(at index: Int, _ event: RecordedEvent, _ error: any Error) {
        guard onKeyError == nil else { return }
        if let key = keyOfUnreadable?(event) {
            plan(key, fold: unreadableFold, value: unreadable.count, event: index)
            unreadable.append(error)
            return
        }
        failure = (index, error)
        state.pointee.isSound = false
    }

    @usableFromInline
    func planFailed(at index: Int, _ event: RecordedEvent, _ error: any Error) {
        if let onKeyError { return onKeyError(error) }
        fail(at: index, event, error)
    }
}
