import HindsightLog
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension LogContract {
    static let appending: [LogContractCase] = [
        LogContractCase("append: versions count from 0, and positions grow with them") { test in
            let first = try await test.log.append(test.events(3), to: "a-1", expected: .any)
            try expect(first.version, is: 2, "the first append's version")
            try expect(!first.isDuplicate, "a new append is no duplicate")
            let second = try await test.log.append(test.event(), to: "a-1")
            try expect(second.version, is: 3, "the second append's version")
            try expect(second.position > first.position, "positions grow")
            let stream: [RecordedEvent] = try await test.log.readStream("a-1")
            try expect(stream.map(\.version), is: [0, 1, 2, 3], "versions")
            try expect(stream.map(\.position), is: stream.map(\.position).sorted(), "positions")
            try expect(stream.last?.position, is: second.position, "the last position")
        },
        LogContractCase("append: any, no stream, exists and an exact version are held to") { test in
            let log = test.log
            try await expect(.conflict, "exists, without a stream") {
                try await log.append(test.events(1), to: "a-1", expected: .exists)
            }
            try await expect(.conflict, "exact, without a stream") {
                try await log.append(test.events(1), to: "a-1", expected: .exact(0))
            }
            _ = try await log.append(test.events(1), to: "a-1", expected: .noStream)
            _ = try await log.append(test.events(1), to: "a-1", expected: .exists)
            _ = try await log.append(test.events(1), to: "a-1", expected: .exact(1))
            _ = try await log.append(test.events(1), to: "a-1", expected: .any)
            let conflict = try await expect(.conflict, "exact") {
                try await log.append(test.events(1), to: "a-1", expected: .exact(1))
            }
            try expect(conflict.stream, is: "a-1", "the conflict's stream")
            try expect(conflict.expected, is: .exact(1), "what the conflict expected")
            try expect(conflict.actualVersion, is: 3, "what the conflict found")
            let none = try await expect(.conflict, "no stream") {
                try await log.append(test.events(1), to: "a-1", expected: .noStream)
            }
            try expect(none.actualVersion, is: 3, "what the second conflict found")
            try expect(try await log.readStream("a-1").count, is: 4, "events after conflicts")
        },
        LogContractCase("append: to several streams all or none, with results in the caller's order") { test in
            let log = test.log
            try await log.append(test.event(), to: "b-1")
            let results = try await log.append([
                StreamAppend("c-1", test.events(2)), StreamAppend("a-1", test.events(1), expected: .noStream),
                StreamAppend("b-1", test.events(3), expected: .exact(0)),
            ])
            try expect(results.map(\.version), is: [1, 0, 3], "versions in the caller's order")
            try await expect(.conflict, "one of two streams") {
                try await log.append([
                    StreamAppend("a-1", test.events(1)), StreamAppend("b-1", test.events(1), expected: .exact(0)),
                ])
            }
            try expect(try await test.all().count, is: 7, "events after a conflict in one of two streams")
        },
        LogContractCase("append: events of several streams keep the order given") { test in
            let streams: [StreamName] = ["b-1", "a-1", "b-1", "c-1", "a-1"]
            let events = streams.enumerated().map { StreamEvent($0.element, test.event($0.offset)) }
            let last = try await test.log.append(inOrder: events)
            let stored = try await test.all()
            try expect(stored.map(\.id), is: events.map(\.event.id), "order")
            try expect(stored.map(\.version), is: [0, 0, 1, 0, 1], "versions")
            try expect(stored.last?.position, is: last, "the last position")
        },
        LogContractCase("append: what was given comes back as it was") { test in
            var event = NewEvent(
                type: "Töpe", schemaVersion: 3, data: Array(#"{ "b" : 1.50, "a":"ß€\u0001", "b" : 2 }"#.utf8),
                occurredAt: Timestamp(microsecondsSince1970: 1_234_567_890_123_456), correlationID: "request 7",
                causationID: "", metadata: Array(#"{"user":"x"}"#.utf8))
            event.recordedAt = Timestamp(microsecondsSince1970: 1_234_567_890_999_999)
            try await test.log.append(event, to: "straße-1-2")
            let stored = try await test.all()
            try expect(stored.count, is: 1, "events")
            let found = stored[0]
            try expect(found.id, is: event.id, "id")
            try expect(found.stream, is: "straße-1-2", "stream")
            try expect(found.type, is: event.type, "type")
            try expect(found.schemaVersion, is: 3, "schema version")
            try expect(found.data, is: event.data, "data")
            try expect(found.metadata, is: event.metadata, "metadata")
            try expect(found.occurredAt, is: event.occurredAt, "occurred at")
            try expect(found.recordedAt, is: event.recordedAt, "recorded at")
            try expect(found.correlationID, is: "request 7", "correlation id")
            try expect(found.causationID, is: "", "causation id")
        },
        LogContractCase("append: what is malformed or beyond the log's limits is refused, and nothing stored") { test in
            let (log, limits) = (test.log, test.log.limits)
            let long = StreamName(String(repeating: "s", count: limits.streamNameBytes + 1))
            let id = test.event()
            let bad: [(String, [StreamAppend])] = [
                ("no streams", []), ("no events", [StreamAppend("a-1", [])]),
                ("an empty stream name", [StreamAppend("", test.events(1))]),
                ("too long a stream name", [StreamAppend(long, test.events(1))]),
                ("an empty type", [StreamAppend("a-1", [test.event(type: "")])]),
                (
                    "too long a type",
                    [StreamAppend("a-1", [test.event(type: String(repeating: "t", count: limits.typeNameBytes + 1))])]
                ),
                ("too much data", [StreamAppend("a-1", [test.event(padding: limits.eventBytes)])]),
                ("a time before the year 1", [StreamAppend("a-1", [test.event(at: .min)])]),
                ("a time after the year 9999", [StreamAppend("a-1", [test.event(at: .max)])]),
                ("a stream twice", [StreamAppend("a-1", test.events(1)), StreamAppend("a-1", test.events(1))]),
                ("a negative version", [StreamAppend("a-1", test.events(1), expected: .exact(-1))]),
                ("an id twice", [StreamAppend("a-1", [id, id])]),
                ("an id twice, in two streams", [StreamAppend("a-1", [id]), StreamAppend("b-1", [id])]),
            ]
            for (what, appends) in bad {
                try await expect(.invalidAppend, what) { try await log.append(appends) }
            }
            try expect(try await test.all().isEmpty, "nothing is stored")
        },
        LogContractCase("append: of many writers with one expected version one wins") { test in
            try await test.log.append(test.event(), to: "a-1")
            let wins = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for number in 0..<20 {
                    tasks.addTask {
                        do {
                            _ = try await test.log.append([test.event(number)], to: "a-1", expected: .exact(0))
                            return true
                        } catch let error as EventLogError where error.code == .conflict {
                            return false
                        }
                    }
                }
                return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try expect(wins, is: 1, "winners")
            try expect(try await test.log.readStream("a-1").map(\.version), is: [0, 1], "versions")
        },
        LogContractCase("A append: appends side by side leave no gap in a stream and no order reversed") { test in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for writer in 0..<8 {
                    tasks.addTask {
                        for number in 0..<10 {
                            try await test.log.append(
                                test.events(3), to: StreamName("s-\((writer + number) % 4)"), expected: .any)
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            let all = try await test.all(limit: 7)
            try expect(all.count, is: 240, "events")
            for (stream, events) in Dictionary(grouping: all, by: \.stream) {
                try expect(events.map(\.version), is: Array(0..<Int64(events.count)), "versions of \(stream)")
            }
        },
    ]
}
