package import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whether the events of a log are as they must be: each stream's versions follow each other from 0, and no id is there twice.
///
/// It is shown all events in order. Of a long log it looks at a part of the streams and a part of the ids each time, so that what it
/// remembers has a bound: it is then shown the log once for each part.
package struct EventInspection {
    /// One of the parts.
    package struct Part: Hashable, Sendable {
        /// From 0.
        package var number: Int
        package var count: Int

        package init(_ number: Int = 0, of count: Int = 1) {
            self.number = number
            self.count = count
        }

        func contains(_ value: some Hashable) -> Bool {
            count == 1 || UInt(bitPattern: value.hashValue) % UInt(count) == UInt(number)
        }
    }

    /// Something that is wrong, how often, and where first.
    private struct Fault {
        var count = 0
        var places: [String] = []

        mutating func add(_ place: @autoclosure () -> String) {
            count += 1
            if places.count < 10 { places.append(place()) }
        }
    }

    /// How many events of a part may be remembered, some 550 MB where each is of a stream of its own with a name of
    /// 80 letters, and less where streams are longer.
    package static let eventsOfAPart: Int64 = 2_000_000

    /// In how many parts a log is looked at that reaches a position.
    package static func parts(through position: Int64) -> Int {
        max(1, Int((position + eventsOfAPart - 1) / eventsOfAPart))
    }

    private var part = Part()
    /// The version of the last event of each stream.
    private var versions: [StreamName: Int64] = [:]
    /// Where each id was met first, with the hash of the stream's name: the names themselves would take as much as all the rest.
    private var ids: [UUID: (position: Int64, stream: Int)] = [:]
    private var gaps = Fault()
    private var repetitions = Fault()
    private var reuses = Fault()

    package init() {}

    /// Begins with the log's first event again, and looks at another part of it. What was found stays.
    package mutating func begin(_ part: Part) {
        self.part = part
        versions.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
    }

    /// Looks at the next event of the log.
    package mutating func see(_ event: RecordedEvent) {
        if part.contains(event.stream) {
            let expected = (versions[event.stream] ?? -1) + 1
            if event.version != expected {
                gaps.add(
                    "\(event.stream): version \(event.version) in place of \(expected), at position \(event.position)")
            }
            versions[event.stream] = event.version
        }
        guard part.contains(event.id) else { return }
        guard let first = ids[event.id] else {
            ids[event.id] = (event.position, event.stream.hashValue)
            return
        }
        let place = "\(event.id.uuidString.lowercased()): positions \(first.position) and \(event.position)"
        if first.stream == event.stream.hashValue { repetitions.add(place) } else { reuses.add(place) }
    }

    /// What was found.
    ///
    /// - Parameter knowsIDs: whether the log says that it finds ids in any stream.
    package func findings(knowsIDs: Bool) -> [HealthFinding] {
        [
            finding(
                gaps, .danger,
                one:
                    "1 event has a version that does not follow the one before in its stream: events are missing, or somebody has written past the log.",
                many:
                    "events have versions that do not follow the ones before in their streams: events are missing, or somebody has written past the log.",
                "restore the log from a backup or a mirror, or find out who writes to it by other means"),
            finding(
                repetitions, .danger,
                one: "1 event is stored again in its stream, with the id of an earlier one: views count it twice.",
                many: "events are stored again in their streams, with the ids of earlier ones: views count them twice.",
                "find out who writes to the log by other means; events that take the effect back mend the views"),
            finding(
                reuses, knowsIDs ? .danger : .warning,
                one: "1 event has the id of an event of another stream: somebody has appended it to two streams.",
                many: "events have the ids of events of other streams: somebody has appended them to two streams.",
                knowsIDs
                    ? "find out who writes to the log by other means"
                    : """
                    append with an index of ids (--id-index, or HINDSIGHT_ID_INDEX=1 for all programs), which refuses such ids, or derive ids \
                    from what an event is about
                    """),
        ].compactMap { $0 }
    }

    private func finding(
        _ fault: Fault, _ severity: HealthFinding.Severity, one: String, many: String, _ remedy: String
    ) -> HealthFinding? {
        guard fault.count > 0 else { return nil }
        var finding = HealthFinding(severity, fault.count == 1 ? one : "\(fault.count) \(many)", remedy: remedy)
        finding.evidence = fault.places.map { .init(name: "there", text: $0) }
        return finding
    }
}
