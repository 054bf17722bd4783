import Synchronization

/// The keys that a rebuild of some rows folds. The keys of a category's events are noted first, and then folded.
package struct KeySelection<Row: ViewRow> {
    private enum Mode {
        /// Every key is folded.
        case all
        /// Keys are noted, and none is folded.
        case noting
        /// Only these are folded.
        case only(Set<Row.Key>)
    }

    /// The keys noted in a partition, which belongs to one task at a time.
    private final class Notes {
        var keys: Set<Row.Key> = []
        /// The number of keys, which other tasks may read in the meantime.
        let count = Atomic(0)
    }

    private var mode = Mode.all
    private let notes: [Notes]

    /// A selection of all keys.
    package init(partitions: Int) {
        notes = (0..<partitions).map { _ in Notes() }
    }

    /// The keys that are folded; empty if all are.
    package var keys: Set<Row.Key> {
        switch mode {
        case .all, .noting: []
        case .only(let keys): keys
        }
    }

    /// The approximate memory that the keys take.
    package var byteCount: Int {
        // Half of a set's places are free, and some keys have storage outside.
        (keys.count + notes.reduce(0) { $0 + $1.count.load(ordering: .relaxed) })
            * (MemoryLayout<Row.Key>.stride * 2 + 32)
    }

    /// Keeps only the steps to fold in a partition of a plan; while keys are noted, notes theirs and keeps none.
    package func narrow(_ plan: FoldPlan<Row>, partition: Int) {
        switch mode {
        case .all: break
        case .noting:
            for step in plan.steps(of: partition) { notes[partition].keys.insert(step.key) }
            notes[partition].count.store(notes[partition].keys.count, ordering: .relaxed)
            plan.keepSteps(of: partition) { _ in false }
        case .only(let keys): plan.keepSteps(of: partition) { keys.contains($0.key) }
        }
    }

    /// Folds only these keys from now on.
    package mutating func restrict(to keys: Set<Row.Key>) {
        mode = .only(keys)
    }

    /// Notes keys from now on, and folds none.
    package mutating func noteKeys() {
        mode = .noting
    }

    /// Folds only the keys that were noted.
    package mutating func restrictToNoted() {
        restrict(to: notes.reduce(into: []) { $0.formUnion($1.keys) })
        for share in notes {
            share.keys = []
            share.count.store(0, ordering: .relaxed)
        }
    }
}
