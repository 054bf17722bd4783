#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Tells events that are stored as they are from those whose id is taken by something else.
///
/// Whoever may read compares them. Who may only append, or has a log that does not find events by their ids, asks by appending
/// them once more: what the log answers to that is all that can be known then.
package struct KnownEvents: Sendable {
    /// An event whose id is taken.
    package struct Taken: Hashable, Sendable {
        /// Which of the events.
        package let index: Int
        /// The position of what has its id; nil if that cannot be known.
        package let position: Int64?
    }

    private let log: any EventLog

    /// Looks in a log.
    package init(log: any EventLog) {
        self.log = log
    }

    /// The first of some events whose id is taken; nil if all of them are stored as they are. Their ids must be known to the log,
    /// so that nothing is appended.
    package func firstTaken(of events: [StreamEvent]) async throws -> Taken? {
        guard log.abilities.contains(.eventsByID) else { return try await ask(events) }
        do {
            return try await compare(events)
        } catch let error as EventLogError where error.code == .notPermitted {
            return try await ask(events)
        }
    }

    private func compare(_ events: [StreamEvent]) async throws -> Taken? {
        var stored: [UUID: RecordedEvent] = [:]
        for event in try await log.events(withIDs: events.map(\.event.id)) { stored[event.id] = event }
        for (index, event) in events.enumerated() {
            guard let known = stored[event.event.id], !event.isSame(as: known) else { continue }
            return Taken(index: index, position: known.position)
        }
        return nil
    }

    /// Streams are asked about at the same time, which the log makes few transactions of.
    private func ask(_ events: [StreamEvent]) async throws -> Taken? {
        let log = log
        let first = try await withThrowingTaskGroup(of: Int?.self) { group in
            for (stream, places) in Dictionary(grouping: events.indices, by: { events[$0].stream }) {
                group.addTask {
                    try await Self.firstTaken(places[...], of: stream, in: log) { events[$0].event }
                }
            }
            return try await group.reduce(nil as Int?) { first, place in
                guard let first, let place else { return first ?? place }
                return min(first, place)
            }
        }
        return first.map { Taken(index: $0, position: nil) }
    }

    /// The first of some events of a stream that is not stored as it is.
    ///
    /// Events that do not follow one another in the log, as they do here, are refused like those that differ, so the halves of
    /// what is refused are asked about.
    private static func firstTaken(
        _ places: ArraySlice<Int>, of stream: StreamName, in log: any EventLog, _ event: @Sendable (Int) -> NewEvent
    ) async throws -> Int? {
        do {
            _ = try await log.append(places.map(event), to: stream, expected: .any)
            return nil
        } catch let error as EventLogError where error.code == .knownEvents {
            guard places.count > 1 else { return places.first }
            let middle = places.startIndex + places.count / 2
            if let taken = try await firstTaken(places[..<middle], of: stream, in: log, event) { return taken }
            return try await firstTaken(places[middle...], of: stream, in: log, event)
        }
    }
}
