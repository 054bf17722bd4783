import HindsightLog
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The content of an in-memory log and the decisions about its appends, made without waiting.
struct InMemoryLogState {
    /// Events that are appended together, in order, with the state that each stream must have.
    struct Call {
        var events: [StreamEvent]
        /// The streams, in the order in which the caller wants results.
        var streams: [StreamName]
        var expected: [StreamName: ExpectedVersion]
    }

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

    mutating func begin(_ call: Call, now: Timestamp) throws(EventLogError) -> Outcome {
        let pending = open.values.flatMap(\.events)
        let ids = Set(call.events.map(\.event.id))
        if pending.contains(where: { ids.contains($0.id) || call.streams.contains($0.stream) }) { return .busy }
        if let results = try known(call, ids) { return .duplicate(results) }
        try checkVersions(call)
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
        return .opened(key: nextKey, Self.results(drawn, call.streams, isDuplicate: false))
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

    /// - Returns: the first results, if all of the events are stored as exactly this append; nil if none is known.
    private func known(_ call: Call, _ ids: Set<UUID>) throws(EventLogError) -> [AppendResult]? {
        let stored = events.filter { ids.contains($0.id) }
        guard let stream = stored.first?.stream else { return nil }
        let byID = Dictionary(uniqueKeysWithValues: stored.map { ($0.id, $0) })
        var found: [RecordedEvent] = []
        for entry in call.events {
            guard let event = byID[entry.event.id], Self.isSame(entry, event) else { break }
            found.append(event)
        }
        let isInOrder = call.streams.allSatisfy { stream in
            let versions = found.filter { $0.stream == stream }.map(\.version)
            return zip(versions, versions.dropFirst()).allSatisfy { $0 + 1 == $1 }
        }
        guard found.count == call.events.count, isInOrder else { throw .knownEvents(stored.map(\.id), stream: stream) }
        return Self.results(found, call.streams, isDuplicate: true)
    }

    private func checkVersions(_ call: Call) throws(EventLogError) {
        for stream in call.streams {
            let (actual, expected) = (lastVersion(of: stream) ?? -1, call.expected[stream] ?? .any)
            let isMet =
                switch expected {
                case .any: true
                case .noStream: actual < 0
                case .exists: actual >= 0
                case .exact(let version): actual == version
                }
            guard isMet else { throw .conflict(stream: stream, expected: expected, actual: actual) }
        }
    }

    private func lastVersion(of stream: StreamName) -> Int64? {
        events.last { $0.stream == stream }?.version
    }

    private static func isSame(_ entry: StreamEvent, _ event: RecordedEvent) -> Bool {
        // Line breaks may have become spaces on the way.
        func line(_ bytes: [UInt8]) -> [UInt8] { bytes.map { $0 == 10 || $0 == 13 ? 32 : $0 } }
        return event.stream == entry.stream && event.type == entry.event.type
            && line(event.data) == line(entry.event.data)
    }

    private static func results(
        _ events: [RecordedEvent], _ streams: [StreamName], isDuplicate: Bool
    ) -> [AppendResult] {
        streams.map { stream in
            let last = events.last { $0.stream == stream }
            return AppendResult(
                position: last?.position ?? 0, version: last?.version ?? -1, isDuplicate: isDuplicate)
        }
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
