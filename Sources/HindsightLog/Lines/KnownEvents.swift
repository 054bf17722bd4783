#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Distinguishes events that are already stored unchanged from those whose id belongs to a different event.
///
/// A role that may read compares them: by their ids, or with what their streams hold if the log does not find events by their ids. A
/// role that may only append to a log that knows ids for ever appends them once more: the log's answer is all that can be known then.
package struct KnownEvents: Sendable {
    /// An event whose id is taken.
    package struct Taken: Hashable, Sendable {
        /// The index of the event.
        package let index: Int
        /// The position of the event that has its id; nil if that cannot be known.
        package let position: Int64?
    }

    private let log: any EventLog

    /// Creates a search in a log.
    package init(log: any EventLog) {
        self.log = log
    }

    /// The first of some events whose id is taken; nil if all of them are stored unchanged. The log must know the id of
    /// each, so that nothing is appended.
    ///
    /// - Parameters:
    ///   - events: the events.
    ///   - compared: those that the log has compared when it refused them (``EventLogError/compared``). If they are all of them, it is not
    ///     asked again, which may take reading their streams from the beginning.
    package func firstTaken(of events: [StreamEvent], compared: [ComparedEvent] = []) async throws -> Taken? {
        let byID = Dictionary(compared.map { ($0.id, $0) }) { first, _ in first }
        if events.allSatisfy({ byID[$0.event.id] != nil }) {
            return events.enumerated().lazy.compactMap { index, event in
                byID[event.event.id].flatMap { $0.isSame ? nil : Taken(index: index, position: $0.position) }
            }.first
        }
        guard log.abilities.contains(.eventsByID) else {
            // Such a log forgets ids of other streams: a question in the form of an append might be stored.
            return try await compareWithStreams(events)
        }
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

    /// Compares events with what their streams hold. One that the log knows and that is not there is in another stream.
    private func compareWithStreams(_ events: [StreamEvent]) async throws -> Taken? {
        var stored: [UUID: RecordedEvent] = [:]
        for (stream, entries) in Dictionary(grouping: events, by: \.stream) {
            var wanted = Set(entries.map(\.event.id))
            var next: Int64? = 0
            while let version = next, !wanted.isEmpty {
                let page = try await log.readStream(
                    stream, from: version, backward: false, limit: .max, maximumBytes: 16 << 20)
                for event in page.events where wanted.remove(event.id) != nil { stored[event.id] = event }
                next = page.isCut ? page.events.last.map { $0.version + 1 } : nil
            }
        }
        for (index, event) in events.enumerated() {
            let known = stored[event.event.id]
            guard let known, event.isSame(as: known) else { return Taken(index: index, position: known?.position) }
        }
        return nil
    }

    /// Asks about all streams at the same time, so that the log needs few transactions.
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

    /// The first of some events of a stream that is not stored unchanged.
    ///
    /// Events that follow one another here but not in the log are refused like events that differ, so each half of a
    /// refused group is asked about separately.
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
