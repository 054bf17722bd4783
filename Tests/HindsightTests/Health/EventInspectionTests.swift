import Hindsight
import HindsightLog
import HindsightTesting
import HindsightValues
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("What is found by reading all events", .timeLimit(.minutes(1)))
struct EventInspectionTests {
    private func event(_ position: Int64, _ stream: StreamName, _ version: Int64, id: UUID = UUID()) -> RecordedEvent {
        let time = Timestamp(microsecondsSince1970: 0)
        return RecordedEvent(
            position: position, stream: stream, version: version, id: id, type: "Noted", schemaVersion: 1,
            occurredAt: time, recordedAt: time, correlationID: nil, causationID: nil, data: Array("{}".utf8),
            metadata: nil)
    }

    private func findings(_ events: [RecordedEvent], parts: Int = 1, knowsIDs: Bool = false) -> [HealthFinding] {
        var inspection = EventInspection()
        for number in 0..<parts {
            inspection.begin(.init(number, of: parts))
            for event in events { inspection.see(event) }
        }
        return inspection.findings(knowsIDs: knowsIDs)
    }

    @Test("A sound log has no findings", arguments: [1, 3])
    func sound(parts: Int) {
        let events = (0..<100).map { event($0 + 1, StreamName("s-\($0 % 7)"), $0 / 7) }
        #expect(findings(events, parts: parts).isEmpty)
    }

    @Test(
        "Versions that are left out, or come again, are found, however many parts it is read in", arguments: [1, 2, 5])
    func versions(parts: Int) throws {
        let events = [
            event(1, "a", 0), event(2, "b", 1), event(3, "a", 2), event(5, "a", 2), event(6, "c", 0), event(7, "a", 3),
        ]
        let found = findings(events, parts: parts)
        let finding = try #require(found.first)
        #expect(found.count == 1 && finding.severity == .danger && finding.sentence.hasPrefix("3 events have versions"))
        #expect(
            Set(finding.evidence.map(\.text)) == [
                "b: version 1 in place of 0, at position 2", "a: version 2 in place of 1, at position 3",
                "a: version 2 in place of 3, at position 5",
            ])
    }

    @Test(
        "An id that is there twice is a danger in one stream; in two, where the log does not promise otherwise, a warning"
    )
    func ids() throws {
        let (same, other) = (UUID(), UUID())
        let events = [
            event(1, "a", 0, id: same), event(2, "a", 1), event(3, "a", 2, id: same), event(4, "a", 3, id: other),
            event(5, "b", 0, id: other),
        ]
        for parts in [1, 2, 4] {
            let found = findings(events, parts: parts)
            #expect(found.map(\.severity) == [.danger, .warning])
            #expect(found.first?.evidence.map(\.text) == ["\(same.uuidString.lowercased()): positions 1 and 3"])
            #expect(found.last?.evidence.map(\.text) == ["\(other.uuidString.lowercased()): positions 4 and 5"])
            #expect(found.last?.remedy?.contains("HINDSIGHT_ID_INDEX=1") == true)
        }
        #expect(findings(events, knowsIDs: true).map(\.severity) == [.danger, .danger])
    }

    @Test("Of many faults the first ten are named, and all counted")
    func many() throws {
        let found = findings((0..<500).map { event($0 + 1, StreamName("s-\($0)"), 1) })
        let finding = try #require(found.first)
        #expect(finding.sentence.hasPrefix("500 events have versions") && finding.evidence.count == 10)
    }

    @Test("A log is read in as many parts as bound what is remembered")
    func parts() {
        let most = EventInspection.eventsOfAPart
        #expect(EventInspection.parts(through: 0) == 1)
        #expect(EventInspection.parts(through: most) == 1)
        #expect(EventInspection.parts(through: most + 1) == 2)
        #expect(EventInspection.parts(through: most * 50) == 50)
    }

    @Test("A log is read to its frontier, with its progress")
    func whole() async throws {
        let log = InMemoryEventLog()
        for number in 0..<30 {
            try await log.append(
                [NewEvent(type: "Noted", data: Array("{}".utf8))], to: StreamName("s-\(number % 4)"), expected: .any)
        }
        let steps = Mutex<[Int64]>([])
        let report = try await log.inspect { count, fraction in
            steps.withLock { $0.append(count) }
            #expect(fraction > 0 && fraction <= 1)
        }
        #expect(report == HealthReport())
        #expect(steps.withLock { $0.last } == 30)
    }
}
