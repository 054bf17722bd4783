public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension EventLog {
    /// No abilities beyond the contract.
    public var abilities: LogAbilities { [] }

    /// Does nothing: there is nothing to make.
    public func prepare() async throws {}

    /// A reader that asks for one page after another.
    public func reader(after offset: Offset, filter: EventFilter) async throws -> any LogReader {
        PagedLogReader(self, after: offset, filter: filter)
    }

    /// Reads a range as a batch of whole events (``readPages(after:through:filter:maximumBytes:into:)``).
    public func read(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
        into buffer: RawEventBuffer
    ) async throws {
        try await readPages(
            after: position, through: end, filter: filter, maximumBytes: maximumBytes, into: buffer)
    }

    /// Reads a range by ``read(after:through:filter:limit:maximumBytes:)``: the way of a log that has no faster one. It
    /// keeps to the limit in bytes, and starts and ends at events, so that anchors are compared as usual.
    public func readPages(
        after position: Int64, through end: Int64, filter: EventFilter, maximumBytes: Int, into buffer: RawEventBuffer
    ) async throws {
        let (first, last) = (try await offset(before: position + 1), try await offset(before: end + 1))
        guard first.position < last.position else { return buffer.take([], through: end) }
        let batch = try await read(
            after: first, through: last, filter: filter, limit: .max, maximumBytes: maximumBytes)
        buffer.take(batch.events, through: batch.through.position < last.position ? batch.through.position : end)
    }

    /// Does not know: this log would have to read its events.
    public func streams(withID id: String) async throws -> [StreamName]? { nil }

    /// Does not know.
    public func frontierHolders() async throws -> [HoldingTransaction]? { nil }

    /// Finds nothing: this log has nothing to look at.
    public func examine(app: String) async throws -> HealthReport { HealthReport() }

    /// Refuses: this log does not find events by their ids.
    public func events(withIDs ids: [UUID], after position: Int64, maximumBytes: Int) async throws -> EventPage {
        try abilities.require(.eventsByID, to: "find events by their ids")
        throw EventLogError(.unsupported, "this log says that it finds events by their ids, and has no way to do so")
    }

    /// Reads backward from each of the positions, one event.
    public func events(at positions: [Int64], maximumBytes: Int) async throws -> EventPage {
        var events: [RecordedEvent] = []
        var bytes = 0
        for position in Set(positions).sorted() {
            let page = try await readBackward(from: position, filter: .all, limit: 1, maximumBytes: maximumBytes)
            guard let event = page.events.first, event.position == position else { continue }
            bytes += event.byteCount
            guard events.isEmpty || bytes <= maximumBytes else { return EventPage(events, isCut: true) }
            events.append(event)
        }
        return EventPage(events, isCut: false)
    }

    /// Refuses: this log cannot import events verbatim.
    public func append(verbatim events: [StreamEvent]) async throws -> AppendResult {
        try abilities.require(.verbatimImport, to: "import events as they are, each once")
        throw EventLogError(.unsupported, "this log says that it imports events as they are, and has no way to do so")
    }

    /// Reads one page after another.
    public func forEachEvent(
        after offset: Offset, through end: Offset, _ body: @escaping @Sendable (RecordedEvent) throws -> Void
    ) async throws {
        var place = offset
        while place.position < end.position {
            let batch = try await read(after: place, through: end, filter: .all, limit: 1_000)
            for event in batch.events { try body(event) }
            // If nothing is left below the end, there is no place to continue from.
            guard batch.through.position > place.position else { return }
            place = batch.through
        }
    }

    /// Refuses: this log does not count its streams.
    public func size() async throws -> LogSize {
        try abilities.require(.size, to: "say how many events and streams it holds")
        throw EventLogError(
            .unsupported, "this log says that it counts its events and streams, and has no way to do so")
    }

    /// Does nothing: there is nothing to announce.
    public func flush() async {}
}
