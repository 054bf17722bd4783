import HindsightLog
import HindsightPostgres
import Synchronization

/// A replay from a checkpoint: several readers take one range of positions after another, decode it and fold it, each
/// partition in the order of the ranges.
final class ParallelReplay: Sendable {
    /// A range of positions, and its number.
    struct Range {
        let number: Int
        /// The range starts above this position,
        let low: Int64
        /// and ends with this one.
        let high: Int64
        /// The events that are wanted, or all events if nearly all are wanted.
        let filter: EventFilter
    }

    /// Why a projection cannot continue.
    struct Failure: Sendable {
        let event: RecordedEvent
        let error: any Error
    }

    private struct State {
        var cursor: Int64
        var nextNumber = 0
        var isEnding = false
        var failures: [Int: Failure] = [:]
        var error: (any Error)?
        var checksums: [String: LogChecksum] = [:]
        var proven = ProvenRanges()
        var pace: RebuildPace
    }

    private let log: any EventLog
    /// Where the events are read, if not from the log's ranges.
    private let pages: (any EventPages)?
    private let pool: PostgresPool
    private let folds: [any ReplayFold]
    private let filter: EventFilter
    /// The types that the filter names; empty for another filter.
    private let types: Set<String>
    private let fields: EventFields
    private let watch: FieldWatch
    private let start: Int64
    private let goal: Int64
    /// Whether it pays to ask for the wanted events alone. It does not if the log looks at every event anyway, or has
    /// one at each position: then the unwanted events prove that nothing was missed.
    private let readsSelectively: Bool
    private let batchBytes: Int
    /// One gate for each partition of each projection.
    private let gates: [[OrderedGate]]
    private let state: Mutex<State>
    private let throttle: RebuildThrottle
    /// Called with the position that the readers have reached and the number of events they have applied.
    private let onProgress: @Sendable (_ reached: Int64, _ events: Int) -> Void

    /// - Parameter pages: chosen events only; one reader can take them.
    init(
        log: any EventLog, pages: (any EventPages)? = nil, pool: PostgresPool, folds: [any ReplayFold],
        filter: EventFilter,
        fields: EventFields, watch: FieldWatch = FieldWatch(), from start: Int64, through goal: Int64, batchBytes: Int,
        pace: RebuildPace,
        throttle: RebuildThrottle,
        onProgress: @escaping @Sendable (Int64, Int) -> Void
    ) {
        self.log = log
        self.pages = pages
        self.pool = pool
        self.folds = folds
        self.filter = filter
        if case .types(let names) = filter { types = Set(names) } else { types = [] }
        self.fields = fields
        self.watch = watch
        self.start = start
        self.goal = goal
        readsSelectively = log.abilities.isSuperset(of: [.selectiveReading, .holes]) || types.isEmpty
        self.batchBytes = batchBytes
        self.throttle = throttle
        self.onProgress = onProgress
        gates = folds.map { fold in (0..<fold.partitionCount).map { _ in OrderedGate() } }
        state = Mutex(State(cursor: start, pace: pace))
    }

    /// The result of a replay.
    struct Outcome: Sendable {
        /// Everything up to here is folded.
        let reached: Int64
        /// The events that were read, by type.
        let checksums: [String: LogChecksum]
        /// The ranges of which the readers have proven that they saw every event.
        let proven: ProvenRanges
        /// The projections that cannot continue, by index, and their first failure.
        let failures: [Int: Failure]
        /// Fields of events that folds have used but that were not read: the folded rows are invalid.
        let missing: EventFields
        let pace: RebuildPace
    }

    /// Reads until the goal is reached or `shouldEnd`, which is called before each range, returns true.
    func run(_ readers: [RebuildReader], until shouldEnd: @escaping @Sendable () -> Bool) async throws -> Outcome {
        await FieldWatch.$current.withValue(watch) {
            await withDiscardingTaskGroup { tasks in
                for reader in readers {
                    tasks.addTask(executorPreference: reader.executor) {
                        await self.read(with: reader, until: shouldEnd)
                    }
                }
            }
        }
        try Task.checkCancellation()
        return try state.withLock { state in
            if let error = state.error { throw error }
            try checkDensity(state)
            return Outcome(
                reached: state.cursor, checksums: state.checksums, proven: state.proven, failures: state.failures,
                missing: watch.fields.subtracting(fields), pace: state.pace)
        }
    }

    /// If each position holds an event, the readers must have seen as many events as positions.
    private func checkDensity(_ state: State) throws {
        guard pages == nil, !readsSelectively, !log.abilities.contains(.holes) else { return }
        let (seen, there) = (state.checksums.values.reduce(0) { $0 + $1.count }, state.cursor - start)
        guard seen != there else { return }
        throw ProjectionError(
            .notProven,
            """
            of the \(there) events above position \(start) and up to \(state.cursor) \(seen) were read: the log has holes, or a reader \
            has missed events. Nothing was swapped in; rebuild with --restart, and report this
            """)
    }

    private func read(with reader: RebuildReader, until shouldEnd: @Sendable () -> Bool) async {
        while true {
            var isDone = false
            do {
                try await throttle.working {
                    guard let range = claim(shouldEnd) else {
                        isDone = true
                        return 0
                    }
                    return try await read(range, with: reader)
                }
            } catch {
                state.withLock { state in
                    if state.error == nil { state.error = error }
                }
            }
            // Also after cancellation during a rest.
            if isDone { return }
        }
    }

    private func claim(_ shouldEnd: @Sendable () -> Bool) -> Range? {
        let isDue = shouldEnd()
        return state.withLock { state in
            // At least one range, so that a rebuild makes progress however little memory it has left.
            if Task.isCancelled || isDue && state.nextNumber > 0 { state.isEnding = true }
            guard !state.isEnding, state.error == nil, state.failures.isEmpty, state.cursor < goal,
                watch.fields.isSubset(of: fields)
            else { return nil }
            let span = state.pace.span(events: throttle.rangeEvents)
            let range = Range(
                number: state.nextNumber, low: state.cursor,
                high: min(goal, state.cursor.addingReportingOverflow(span).partialValue),
                filter: readsSelectively && (types.isEmpty || state.pace.isSparse) ? filter : .all)
            state.nextNumber += 1
            state.cursor = range.high
            return range
        }
    }

    /// The range takes and leaves all of its turns, whatever happens: later ranges wait for them.
    ///
    /// - Returns: how many events the range had.
    private func read(_ range: Range, with reader: RebuildReader) async throws -> Int {
        var count = 0
        var from = range.low
        var isFirst = true
        do {
            repeat {
                let scan = reader.scan
                if let pages {
                    try await pages.read(after: from, through: range.high, maximumBytes: batchBytes, into: scan)
                } else {
                    try await log.read(
                        after: from, through: range.high, filter: range.filter, fields: fields,
                        maximumBytes: batchBytes,
                        into: scan)
                }
                count += scan.events.count
                reader.plan()
                note(scan, range, from: from)
                from = scan.through
                let entering = isFirst
                isFirst = false
                try await fold(
                    scan.events, reader, range, entering: entering, leaving: from >= range.high)
            } while from < range.high
            return count
        } catch {
            await pass(range, entering: isFirst)
            throw error
        }
    }

    private func note(_ scan: RawEventBuffer, _ range: Range, from low: Int64) {
        let sums = LogChecksum.byType(scan.events)
        let wanted = sums.reduce(0) { types.isEmpty || types.contains($1.type) ? $0 + Int($1.sum.count) : $0 }
        state.withLock { state in
            for (type, sum) in sums { state.checksums[type, default: LogChecksum()].add(sum) }
            state.proven.note(scan.events, sums, in: ProvenRanges.Span(low: low, high: scan.through))
            state.pace.note(
                events: scan.events.count, wanted: wanted, bytes: scan.byteCount, over: range.high - range.low)
        }
        onProgress(scan.through, wanted)
    }

    private func fold(
        _ events: [RecordedEvent], _ reader: RebuildReader, _ range: Range, entering: Bool, leaving: Bool
    ) async throws {
        var failed: (any Error)?
        for (projection, fold) in folds.enumerated() {
            let plan = reader.plans[projection]
            if let (index, error) = plan.failure { fail(projection, at: events[index], error) }
            for step in 0..<fold.partitionCount {
                // Readers start in different places, so that they seldom wait for one another.
                let partition = (step + range.number) & (fold.partitionCount - 1)
                let gate = gates[projection][partition]
                if entering { await gate.enter(range.number) }
                do {
                    if failed == nil, let select = try fold.load(plan, partition: partition) {
                        try await pool.withSession { session in
                            let rows = try session.pipeline([.preferKeyLookUps, select])[1]
                            try fold.accept(rows, partition: partition)
                        }
                    }
                    if failed == nil, let (index, error) = fold.fold(plan, partition: partition, events) {
                        fail(projection, at: events[index], error)
                    }
                } catch {
                    failed = error
                }
                if leaving { gate.leave() }
            }
        }
        guard let failed else { return }
        if leaving {
            state.withLock { state in
                if state.error == nil { state.error = failed }
            }
        } else {
            throw failed
        }
    }

    /// Takes and leaves all turns without folding.
    private func pass(_ range: Range, entering: Bool) async {
        for gate in gates.joined() {
            if entering { await gate.enter(range.number) }
            gate.leave()
        }
    }

    private func fail(_ projection: Int, at event: RecordedEvent, _ error: any Error) {
        state.withLock { state in
            if let known = state.failures[projection], known.event.position <= event.position { return }
            state.failures[projection] = Failure(event: event, error: error)
        }
    }
}

/// The size of ranges in positions: enough events to make a statement worthwhile, few enough to fit in memory.
package struct RebuildPace: Sendable {
    /// How many positions the next range has.
    package private(set) var span: Int64
    /// True if most events are unwanted: finding the wanted ones by index costs less than reading the others.
    package private(set) var isSparse = false
    private let events: Int
    private let bytes: Int

    /// - Parameters:
    ///   - events: how many events a range should have.
    ///   - bytes: how many bytes of data a range may have.
    package init(events: Int, bytes: Int) {
        self.events = events
        self.bytes = bytes
        // Starts small: a few events show which fields the folds look at.
        span = 256
    }

    /// How many positions the next range has, limited to this many events; nil for the best size.
    package func span(events most: Int64?) -> Int64 {
        guard let most, most < events else { return span }
        return max(1, Int64(Double(span) * Double(most) / Double(events)))
    }

    /// Notes what a number of positions contained.
    package mutating func note(events found: Int, wanted: Int, bytes size: Int, over positions: Int64) {
        guard positions > 0 else { return }
        if found >= 256, wanted * 2 < found { isSparse = true }
        let byEvents = Double(events) / max(Double(found), 0.5)
        let byBytes = Double(bytes) / max(Double(size), 1)
        let next = Double(positions) * min(byEvents, byBytes)
        span = max(64, min(Int64(min(next, 1e15)), max(span, positions) * 64))
    }
}
