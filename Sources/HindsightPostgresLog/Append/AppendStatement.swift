import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The statement that calls the append functions of the server: it makes parameters from the appends, and results from the rows.
struct AppendStatement {
    /// A stream as the server sees it.
    private struct Target {
        var stream: StreamName
        var expected: ExpectedVersion
    }

    /// Sorted by name, so that two calls cannot deadlock.
    private let targets: [Target]
    /// For each append of the caller, its place in `targets`.
    private let places: [Int]
    /// The events in the order that they will have in the log, each with its target.
    private let events: [NewEvent]
    private let targetOfEvent: [Int]
    private let atomic: Bool

    /// The appends one after another: each stream's events are contiguous in the log.
    init(_ appends: [StreamAppend], atomic: Bool) {
        let order = appends.indices.sorted { appends[$0].stream.rawValue < appends[$1].stream.rawValue }
        var places = [Int](repeating: 0, count: appends.count)
        for (place, index) in order.enumerated() { places[index] = place }
        targets = order.map { Target(stream: appends[$0].stream, expected: appends[$0].expected) }
        self.places = places
        events = appends.flatMap(\.events)
        targetOfEvent = zip(appends, places).flatMap { append, place in append.events.map { _ in place } }
        self.atomic = atomic
    }

    /// Events of several streams in the given order, whatever the version of each stream.
    init(inOrder events: [StreamEvent]) {
        let streams = Set(events.map(\.stream)).sorted { $0.rawValue < $1.rawValue }
        let places = Dictionary(uniqueKeysWithValues: zip(streams, streams.indices))
        targets = streams.map { Target(stream: $0, expected: .any) }
        self.places = Array(streams.indices)
        self.events = events.map(\.event)
        targetOfEvent = events.map { places[$0.stream] ?? 0 }
        atomic = true
    }

    /// The stream, if there is only one.
    var stream: StreamName? { targets.count == 1 ? targets[0].stream : nil }

    /// The statement; a single event has a shorter one.
    func sql(_ names: SchemaNames) -> SQL {
        if events.count == 1 {
            let event = events[0]
            return """
                select * from \(identifier: names.appendOne)(\(targets[0].stream.rawValue), \(targets[0].expected.parameter), \
                \(atomic), \(event.id), \(event.type), \(Int32(event.schemaVersion)), \(event.occurredAt), \(event.recordedAt), \
                \(event.correlationID), \(event.causationID), \(PostgresJSON(event.data)), \
                \(event.metadata.map { PostgresJSON($0) }))
                """
        }
        var counts = [Int32](repeating: 0, count: targets.count)
        let nth = targetOfEvent.map { target in
            defer { counts[target] += 1 }
            return counts[target]
        }
        return """
            select * from \(identifier: names.append)(\
            \(targets.map(\.stream.rawValue)), \(targets.map(\.expected.parameter)), \(atomic), \
            \(targetOfEvent.map { Int32($0 + 1) }), \(nth), \(events.map(\.id)), \(events.map(\.type)), \
            \(events.map { Int32($0.schemaVersion) }), \(events.map(\.occurredAt)), \(events.map(\.recordedAt)), \
            \(events.map(\.correlationID)), \(events.map(\.causationID)), \
            \(events.map { PostgresJSON($0.data) }), \(events.map { $0.metadata.map { PostgresJSON($0) } }))
            """
    }

    /// The outcome of each append, in the caller's order.
    func outcomes(_ result: PostgresResult) throws -> [AppendOutcome] {
        let found = try result.enumerated().map { index, row in try outcome(row, of: targets[index]) }
        return places.map { found[$0] }
    }

    private func outcome(_ row: PostgresRow, of append: Target) throws -> AppendOutcome {
        let status = try row.decode(0, as: String.self)
        switch status {
        case "appended", "duplicate":
            return .done(
                AppendResult(
                    position: try row.decode(2), version: try row.decode(1), isDuplicate: status == "duplicate"))
        case "conflict":
            return .refused(
                .conflict(stream: append.stream, expected: append.expected, actual: try row.decode(1)))
        case "known":
            return .refused(.knownEvents(try row.decode(3, as: [UUID].self), stream: append.stream))
        case "busy":
            return .busy
        case "skipped":
            return .skipped
        case let other:
            throw EventLogError(
                .unusableLog, "the log's append function answered \"\(other)\", which this program does not know")
        }
    }
}

/// The outcome of one append of a call.
enum AppendOutcome {
    /// The events are stored.
    case done(AppendResult)
    /// Nothing was stored.
    case refused(EventLogError)
    /// Another transaction appends to the stream; nothing was stored.
    case busy
    /// Nothing was stored, because another append of the same atomic call was refused.
    case skipped
}
