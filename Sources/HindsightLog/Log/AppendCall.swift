#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Events that are appended together, in order, and the state that each stream must have; with what is decided about them the same
/// way in each log that does not leave it to a database.
package struct AppendCall: Sendable {
    /// The events, in the order in which they are to be stored.
    package let events: [StreamEvent]
    /// The streams, in the order in which the caller wants results.
    package let streams: [StreamName]
    /// Whether ids of version 7 can be taken at their word as to when they were made. Those of an import cannot: their times are what
    /// the lines say, also of something that is planned.
    package let idsTellTime: Bool
    private let expectations: [StreamName: ExpectedVersion]

    /// Events of several streams, each of which must have a certain state.
    package init(_ appends: [StreamAppend]) {
        events = appends.flatMap { append in append.events.map { StreamEvent(append.stream, $0) } }
        streams = appends.map(\.stream)
        idsTellTime = true
        expectations = Dictionary(appends.map { ($0.stream, $0.expected) }) { first, _ in first }
    }

    /// Events in this order, whatever the version of each stream: an import.
    package init(inOrder events: [StreamEvent]) {
        self.events = events
        var known: Set<StreamName> = []
        streams = events.map(\.stream).filter { known.insert($0).inserted }
        idsTellTime = false
        expectations = [:]
    }

    /// The state that a stream must have.
    package func expected(_ stream: StreamName) -> ExpectedVersion { expectations[stream] ?? .any }

    /// The same as appends, for the limits of a log.
    package var appends: [StreamAppend] {
        let grouped = Dictionary(grouping: events, by: \.stream)
        return streams.map { StreamAppend($0, grouped[$0, default: []].map(\.event), expected: expected($0)) }
    }

    /// Checks that a stream has the state that it must have.
    ///
    /// - Parameter actual: the version of its last event; -1 if it has none.
    /// - Throws: `conflict`.
    package func check(_ stream: StreamName, actual: Int64) throws(EventLogError) {
        let expected = expected(stream)
        guard expected.isMet(by: actual) else { throw .conflict(stream: stream, expected: expected, actual: actual) }
    }

    /// The first results, if all of the events are among the stored ones as exactly this append; nil if none is.
    ///
    /// - Parameter stored: events, in the order of the log; others may be among them.
    /// - Throws: `knownEvents` if only some are there, or with other content, or in another order.
    package func repeated(in stored: [RecordedEvent]) throws(EventLogError) -> [AppendResult]? {
        let ids = Set(events.map(\.event.id))
        let known = stored.filter { ids.contains($0.id) }
        guard let stream = known.first?.stream else { return nil }
        let byID = Dictionary(known.map { ($0.id, $0) }) { first, _ in first }
        var found: [RecordedEvent] = []
        for entry in events {
            guard let event = byID[entry.event.id], entry.isSame(as: event) else { break }
            found.append(event)
        }
        let isInOrder = streams.allSatisfy { stream in
            let versions = found.filter { $0.stream == stream }.map(\.version)
            return zip(versions, versions.dropFirst()).allSatisfy { $0 + 1 == $1 }
        }
        guard found.count == events.count, isInOrder else {
            var error = EventLogError.knownEvents(known.map(\.id), stream: stream)
            error.compared = events.compactMap { entry in
                byID[entry.event.id].map {
                    ComparedEvent(id: $0.id, position: $0.position, isSame: entry.isSame(as: $0))
                }
            }
            throw error
        }
        return results(of: found, isDuplicate: true)
    }

    /// The results of the append whose events these are, in order.
    package func results(of recorded: [RecordedEvent], isDuplicate: Bool) -> [AppendResult] {
        streams.map { stream in
            let last = recorded.last { $0.stream == stream }
            return AppendResult(position: last?.position ?? 0, version: last?.version ?? -1, isDuplicate: isDuplicate)
        }
    }
}
