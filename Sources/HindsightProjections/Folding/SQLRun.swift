import HindsightLog
import HindsightPostgres
import HindsightValues

/// A projection that runs its own statements, at work on a batch.
final class SQLRun: ProjectionRun, EventPlanner {
    private struct Step {
        let event: Int
        let handle: (inout PostgresSession, RecordedEvent) throws -> Void
    }

    private(set) weak var decoders: EventDecoders?
    private let handlers: [SQLProjection.Handler]
    private var steps: [Step] = []
    private(set) var failure: (index: Int, error: any Error)?

    init(handlers: [SQLProjection.Handler]) {
        self.handlers = handlers
    }

    var planned: Int { steps.count }
    var needsSession: Bool { !steps.isEmpty }
    var changes: ProjectionCommit.Changes { steps.isEmpty ? .none : .unknown }

    func bind(to decoders: EventDecoders) {
        self.decoders = decoders
        for handler in handlers { handler.bind(self, decoders) }
    }

    func plan(event: Int, _ handle: @escaping (inout PostgresSession, RecordedEvent) throws -> Void) {
        guard failure == nil else { return }
        steps.append(Step(event: event, handle: handle))
    }

    func begin(forgettingRows: Bool) {
        steps.removeAll(keepingCapacity: true)
        failure = nil
    }

    func fail(at index: Int, _ event: RecordedEvent, _ error: any Error) {
        failure = (index, error)
    }

    // There are no keys, so an event that fails stops the projection.
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

    func load() -> SQL? { nil }
    func accept(_ rows: PostgresResult) {}
    func fold(_ events: [RecordedEvent]) {}
    func writes() -> [SQL] { [] }
    func committed() {}

    func execute(_ events: [RecordedEvent], in session: inout PostgresSession) throws {
        precondition(steps.isEmpty || decoders != nil, "the decoded events are gone")
        for step in steps {
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
}
