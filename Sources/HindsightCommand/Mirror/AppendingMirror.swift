import Hindsight
import Synchronization

/// A log that finds events again by their ids, as a mirror of a log whose positions have no holes: the number of its events is the position
/// of the last one there.
///
/// A batch that was stored before is not stored again, and events that somebody else has appended show in the number, in the id of the
/// last event, or in the versions.
final class AppendingMirror: MirrorTarget {
    /// How often a batch may be there already, before that is an error: once may be a commit whose answer was lost.
    private static let tolerance = 3

    private let log: any EventLog
    private let place: String
    private let repetitions = Mutex(0)

    /// - Parameters:
    ///   - log: where to copy to.
    ///   - place: where that is, for messages.
    init(_ log: any EventLog, place: String) throws {
        try log.abilities.require(.verbatimImport, to: "mirror a log")
        try log.abilities.require(.size, to: "say how far a mirror goes")
        self.log = log
        self.place = place
    }

    let isBroken = false

    func settled() async throws {}

    func begin() async throws -> MirrorEnd {
        let frontier = try await log.frontier()
        guard frontier.position > 0 else { return MirrorEnd(reached: .beginning, events: 0) }
        let count = try await log.size().events
        return MirrorEnd(reached: Offset(position: count, anchor: frontier.anchor), events: count)
    }

    func write(_ events: [RecordedEvent]) async throws {
        guard let last = events.last else { return }
        do {
            let result = try await log.append(verbatim: events.map { StreamEvent($0.stream, NewEvent(copying: $0)) })
            guard !result.isDuplicate else { return try repeated() }
            guard result.version == last.version else {
                throw CommandError(
                    "event \(last.version) of stream \"\(last.stream)\" became event \(result.version) in \(place): somebody else has appended to it, so it is no mirror any more. Mirror to a log that nobody writes to"
                )
            }
        } catch let error as EventLogError where error.code == .knownEvents {
            try repeated()
        }
    }

    private func repeated() throws {
        let count = repetitions.withLock { count in
            count += 1
            return count
        }
        guard count < Self.tolerance else {
            throw CommandError(
                "another mirror is at work on \(place), so this one has ended; nothing is there twice. Let one mirror run"
            )
        }
        throw EventLogError(.contention, "events of the mirror were stored already; it looks where it ends")
    }
}
