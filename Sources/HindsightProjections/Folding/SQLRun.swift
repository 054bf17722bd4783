import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A projection that runs its own statements, at work on a batch.
final class SQLRun: ProjectionRun, EventPlanner {
    /// What one event does.
    struct Step {
        let event: Int
        /// The hash of the event's key.
        let key: Int
        let handle: (inout PostgresSession, RecordedEvent) throws -> Void
        /// Whether its effect is committed already.
        var isHandled = false
    }

    private(set) weak var decoders: EventDecoders?
    private let handlers: [SQLProjection.Handler]
    /// How many events of different keys are handled at the same time at most.
    let keysInFlight: Int
    private var steps: [Step] = []
    private(set) var failure: (index: Int, error: any Error)?
    /// The events beyond the offset that were handled before, by position; nil: not known.
    private var handled: [Int64: UUID]?

    init(handlers: [SQLProjection.Handler], keysInFlight: Int) {
        self.handlers = handlers
        self.keysInFlight = keysInFlight
    }

    var planned: Int { steps.count }
    var needsSession: Bool { steps.contains { !$0.isHandled } }
    var changes: ProjectionCommit.Changes { steps.isEmpty ? .none : .unknown }

    func bind(to decoders: EventDecoders) {
        self.decoders = decoders
        for handler in handlers { handler.bind(self, decoders) }
    }

    func plan(
        event: Int, key: () throws -> Int,
        handle: @escaping (inout PostgresSession, RecordedEvent) throws -> Void
    ) {
        guard failure == nil else { return }
        do {
            steps.append(Step(event: event, key: keysInFlight > 1 ? try key() : 0, handle: handle))
        } catch {
            failure = (event, error)
        }
    }

    func begin(forgettingRows: Bool) {
        steps.removeAll(keepingCapacity: true)
        failure = nil
        if forgettingRows { handled = nil }
    }

    func fail(at index: Int, _ event: RecordedEvent, _ error: any Error) {
        failure = (index, error)
    }

    // Its rows have no keys that could be parked, so an event that fails stops the projection.
    var parks: Bool { false }
    var knowsParked: Bool { true }
    var parkedKeys: Int { 0 }
    func accept(parked texts: [String]) {}
    func writeParking(_ events: [RecordedEvent], in session: inout PostgresSession) {}
    func parkedNotes() -> ParkedNotes { ParkedNotes() }
    func keepNoted(
        _ events: [RecordedEvent], _ noted: [(key: String, position: Int64)]
    ) -> (key: String, position: Int64)? { nil }
    func isSameKey(_ texts: [String], _ others: [String]) -> Bool { texts == others }

    func load(presumingNew events: [RecordedEvent]?) -> SQL? { nil }
    var presumesWithoutProof: Bool { false }
    func stopPresuming() -> Bool { false }
    var table: PostgresIdentifier? { nil }
    func accept(_ rows: PostgresResult) {}
    func fold(_ events: [RecordedEvent]) {}
    func writes() -> [SQL] { [] }
    func committed() {}

    func execute(_ events: [RecordedEvent], in session: inout PostgresSession) throws {
        precondition(steps.isEmpty || decoders != nil, "the decoded events are gone")
        for step in steps where !step.isHandled {
            do {
                try step.handle(&session, events[step.event])
            } catch {
                // The database is to blame only when it says so: a lost connection or a deadlock is not the handler's
                // error.
                if error.isPassing { throw error }
                failure = (step.event, error)
                throw error
            }
        }
    }

    // MARK: - Events that are handled before the offset moves

    /// False if ``accept(handled:)`` has to be called before anything is handled.
    var knowsHandled: Bool { handled != nil }

    /// Takes in which events beyond the offset are handled, as the offset store has noted.
    func accept(handled notes: [Int64: UUID]) {
        handled = notes
    }

    /// Leaves the events out that were handled before.
    func leaveOutHandled(_ events: [RecordedEvent]) {
        guard let handled, !handled.isEmpty else { return }
        for index in steps.indices {
            let event = events[steps[index].event]
            guard let id = handled[event.position] else { continue }
            guard id == event.id else {
                fail(at: steps[index].event, event, Self.rewound(at: event, id))
                steps.removeSubrange(index...)
                return
            }
            steps[index].isHandled = true
        }
    }

    private static func rewound(at event: RecordedEvent, _ id: UUID) -> ProjectionError {
        ProjectionError(
            .otherLog,
            """
            event \(id) at position \(event.position) was handled before, and the log has another one there: it was rewound. Reset the \
            projection, or rebuild it
            """)
    }

    /// What can be handled side by side, in lanes of about the same length.
    func lanes(atMost most: Int, of work: BatchWork) -> [SQLLane] {
        let open = steps.indices.filter { !steps[$0].isHandled }
        return LanePlan(keys: open.map { steps[$0].key }, atMost: most).lanes.map { lane in
            let indexes = lane.map { open[$0] }
            return SQLLane(indexes: indexes, steps: indexes.map { steps[$0] }, work: work)
        }
    }

    /// Notes that a lane is committed.
    func committed(_ lane: SQLLane) {
        for index in lane.indexes { steps[index].isHandled = true }
    }
}
