import HindsightLog
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The content of an in-memory log and the decisions about its appends, made without waiting.
struct InMemoryLogState {
    /// The outcome of an append.
    enum Outcome {
        /// Its positions are drawn; it is visible once it is committed.
        case opened(key: Int, [AppendResult])
        /// It was already stored.
        case duplicate([AppendResult])
        /// An open append appends to one of its streams, or has the same events.
        case busy
    }

    private struct Pending {
        /// The last position that had been drawn when it began.
        var floor: Int64
        var events: [RecordedEvent]
    }

    /// The committed events, in the order of their positions.
    private(set) var events: [RecordedEvent] = []
    private var lastDrawn: Int64 = 0
    private var open: [Int: Pending] = [:]
    private var nextKey = 0

    // MARK: - Appending

    mutating func begin(_ call: AppendCall, now: Timestamp) throws(EventLogError) -> Outcome {
        let pending = open.values.flatMap(\.events)
        let ids = Set(call.events.map(\.event.id))
        if pending.contains(where: { ids.contains($0.id) || call.streams.contains($0.stream) }) { return .busy }
        if let results = try call.repeated(in: events.filter({ ids.contains($0.id) })) { return .duplicate(results) }
        for stream in call.streams { try call.check(stream, actual: lastVersion(of: stream) ?? -1) }
        let floor = lastDrawn
        var next = Dictionary(uniqueKeysWithValues: call.streams.map { ($0, (lastVersion(of: $0) ?? -1) + 1) })
        let drawn = call.events.map { entry in
            lastDrawn += 1
            let version = next[entry.stream, default: 0]
            next[entry.stream] = version + 1
            return Self.recorded(entry, position: lastDrawn, version: version, now: now)
        }
        nextKey += 1
        open[nextKey] = Pending(floor: floor, events: drawn)
        return .opened(key: nextKey, call.results(of: drawn, isDuplicate: false))
    }

    mutating func commit(_ key: Int) {
        guard let pending = open.removeValue(forKey: key) else { return }
        let first = pending.events.first?.position ?? .max
        let place = events.lastIndex { $0.position < first }.map { $0 + 1 } ?? 0
        events.insert(contentsOf: pending.events, at: place)
        // Appends may overlap, one within another.
        events.sort { $0.position < $1.position }
    }

    mutating func rollBack(_ key: Int) {
        open.removeValue(forKey: key)
    }

    /// Forgets everything above a position, like a log that is restored from an older copy.
    mutating func rewind(to position: Int64) {
        events.removeAll { $0.position > position }
        open = [:]
        lastDrawn = position
    }

    private func lastVersion(of stream: StreamName) -> Int64? {
        events.last { $0.stream == stream }?.version
    }

    private static func recorded(
        _ entry: StreamEvent, position: Int64, version: Int64, now: Timestamp
    ) -> RecordedEvent {
        let event = entry.event
        return RecordedEvent(
            position: position, stream: entry.stream, version: version, id: event.id, type: event.type,
            schemaVersion: event.schemaVersion, occurredAt: event.occurredAt, recordedAt: event.recordedAt ?? now,
            correlationID: event.correlationID, causationID: event.causationID, data: event.data,
            metadata: event.metadata)
    }

    // MARK: - The frontier

    /// No event can still appear at or below this position.
    var bound: Int64 { open.values.map(\.floor).min().map { min($0, lastDrawn) } ?? lastDrawn }

    /// True while an open append holds the bound below the last drawn position.
    var isHeld: Bool { bound < lastDrawn }

    /// The highest visible event at or below a position, as an offset.
    func highest(through position: Int64) -> Offset {
        events.last { $0.position <= position }?.offset ?? .beginning
    }

    func event(at position: Int64) -> RecordedEvent? {
        events.first { $0.position == position }
    }
}
