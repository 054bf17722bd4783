import Hindsight
import Testing

/// A reader that keeps its offset and all that it has seen.
struct LogReader {
    let log: PostgresEventLog
    var filter = EventFilter.all
    var limit = 1_000
    var offset = Offset.beginning
    var seen: [RecordedEvent] = []

    init(_ log: PostgresEventLog, filter: EventFilter = .all, limit: Int = 1_000) {
        self.log = log
        self.filter = filter
        self.limit = limit
    }

    var positions: [Int64] { seen.map(\.position) }

    /// Reads on until it is at the frontier, and checks what holds for every batch.
    @discardableResult
    mutating func readAll() async throws -> EventBatch {
        while true {
            let batch = try await readOnce()
            if batch.isAtFrontier { return batch }
        }
    }

    @discardableResult
    mutating func readOnce() async throws -> EventBatch {
        let batch = try await log.read(after: offset, filter: filter, limit: limit)
        #expect(batch.events.count <= limit)
        #expect(batch.through.position >= offset.position)
        #expect(batch.events.allSatisfy { $0.position > offset.position && $0.position <= batch.through.position })
        #expect(zip(batch.events, batch.events.dropFirst()).allSatisfy { $0.position < $1.position })
        // An offset is always the place of an event that was visible.
        try await log.verify(batch.through)
        #expect((batch.through.anchor == nil) == (batch.through.position == 0))
        seen += batch.events
        offset = batch.through
        return batch
    }
}
