import Hindsight
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Tells events that are stored as a file has them from those whose id is taken by something else.
///
/// A role that may read compares them itself. One that may only append asks by appending them once more: what the log answers to
/// that is all that such a role may know.
struct KnownEvents {
    let log: PostgresEventLog
    let reader: ImportReader

    /// Returns if all events of a batch are stored as they are. Their ids must be known to the log, so that nothing is appended.
    ///
    /// - Throws: ``CommandError`` with file and line of the first one whose id is taken.
    func check(_ batch: ImportBatch) async throws {
        do {
            try await compare(batch)
        } catch let error as PostgresError where error.sqlState == "42501" {
            try await ask(batch)
        }
    }

    private func compare(_ batch: ImportBatch) async throws {
        var stored: [UUID: RecordedEvent] = [:]
        for event in try await log.events(withIDs: batch.events.map(\.event.id)) { stored[event.id] = event }
        for (event, line) in zip(batch.events, batch.lines) {
            guard let known = stored[event.event.id], !event.isSame(as: known) else { continue }
            throw taken(event, line: line, "at position \(known.position) ")
        }
    }

    /// Streams are asked about at the same time, which the log makes few transactions of.
    private func ask(_ batch: ImportBatch) async throws {
        let log = log
        let first = try await withThrowingTaskGroup(of: Int?.self) { group in
            for (stream, places) in Dictionary(grouping: batch.events.indices, by: { batch.events[$0].stream }) {
                group.addTask {
                    try await Self.firstTaken(places[...], of: stream, in: log) { batch.events[$0].event }
                }
            }
            return try await group.reduce(nil as Int?) { first, place in
                guard let first, let place else { return first ?? place }
                return min(first, place)
            }
        }
        if let first { throw taken(batch.events[first], line: batch.lines[first]) }
    }

    /// The first of some events of a stream that is not stored as it is.
    ///
    /// Events that do not follow one another in the log, as they do here, are refused like those that differ, so the halves of
    /// what is refused are asked about.
    private static func firstTaken(
        _ places: ArraySlice<Int>, of stream: StreamName, in log: PostgresEventLog, _ event: @Sendable (Int) -> NewEvent
    ) async throws -> Int? {
        do {
            _ = try await log.append(places.map(event), to: stream)
            return nil
        } catch let error as EventLogError where error.code == .knownEvents {
            guard places.count > 1 else { return places.first }
            let middle = places.startIndex + places.count / 2
            if let taken = try await firstTaken(places[..<middle], of: stream, in: log, event) { return taken }
            return try await firstTaken(places[middle...], of: stream, in: log, event)
        }
    }

    private func taken(_ event: StreamEvent, line: Int, _ place: String = "") -> CommandError {
        reader.error(
            line: line,
            """
            id \(event.event.id.uuidString.lowercased()) is stored \(place)with another stream, type or data: give the line \
            another id, or take it out
            """)
    }
}
