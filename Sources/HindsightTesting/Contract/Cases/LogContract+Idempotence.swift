import HindsightLog
import HindsightValues

extension LogContract {
    static let idempotence: [LogContractCase] = [
        LogContractCase("E1 idempotence: the same append again gets the first result, whatever it expects") { test in
            let log = test.log
            let events = test.events(3)
            let first = try await log.append(events, to: "a-1", expected: .noStream)
            try await log.append(test.event(), to: "a-1")
            for expected in [ExpectedVersion.noStream, .any, .exists, .exact(3), .exact(99)] {
                let again = try await log.append(events, to: "a-1", expected: expected)
                try expect(again.isDuplicate, "expecting \(expected), it is a duplicate")
                try expect(again.position, is: first.position, "position, expecting \(expected)")
                try expect(again.version, is: first.version, "version, expecting \(expected)")
            }
            try expect(try await test.all().count, is: 4, "events")
        },
        LogContractCase("E3 idempotence: of 1, 2, 1, 1, 2, 2 two events are stored") { test in
            let (one, two) = (test.event(1), test.event(2))
            for event in [one, two, one, one, two, two] { try await test.log.append(event, to: "a-1") }
            try expect(try await test.all().map(\.id), is: [one.id, two.id], "ids")
        },
        LogContractCase("idempotence: the same append to several streams, and in order") { test in
            let log = test.log
            let appends = [
                StreamAppend("b-1", test.events(2)), StreamAppend("a-1", test.events(1), expected: .noStream),
            ]
            let first = try await log.append(appends)
            let again = try await log.append(appends)
            try expect(again.map(\.position), is: first.map(\.position), "positions")
            try expect(again.allSatisfy(\.isDuplicate), "all are duplicates")
            let ordered = [StreamEvent("c-1", test.event(1)), StreamEvent("d-1", test.event(2))]
            let position = try await log.append(inOrder: ordered)
            try expect(try await log.append(inOrder: ordered), is: position, "the position of the last event")
            try expect(try await test.all().count, is: 5, "events")
        },
        LogContractCase("idempotence: an import says whether it was stored before", abilities: .verbatimImport) {
            test in
            var events = [StreamEvent("b-1", test.event(1)), StreamEvent("a-1", test.event(2))]
            events[1].event.recordedAt = Timestamp(microsecondsSince1970: 1_234_567_890_999_999)
            let first = try await test.log.append(verbatim: events)
            try expect(!first.isDuplicate, "they are new")
            // However much was stored since.
            for number in 0..<3 {
                try await test.log.append(test.events(2), to: StreamName("c-\(number)"), expected: .any)
            }
            var again = first
            again.isDuplicate = true
            try expect(
                try await test.log.append(verbatim: events), is: again, "the same place, and that they are known")
            let stored = try await test.all().prefix(2)
            try expect(stored.map(\.id), is: events.map(\.event.id), "order")
            try expect(stored.last?.recordedAt, is: events[1].event.recordedAt, "the time at which it was recorded")
            try expect(stored.last?.position, is: first.position, "the position of the last event")
        },
        LogContractCase("idempotence: an append of which a part is known is refused, and its ids are named") { test in
            let log = test.log
            let known = test.event(1)
            try await log.append(known, to: "a-1")
            let error = try await expect(.knownEvents, "known and new") {
                try await log.append([known, test.event(2)], to: "a-1", expected: .any)
            }
            try expect(error.eventIDs, is: [known.id], "the ids that are known")
            try await expect(.knownEvents, "new and known") {
                try await log.append([test.event(2), known], to: "a-1", expected: .any)
            }
            try expect(try await test.all().count, is: 1, "events")
        },
        LogContractCase("idempotence: a known id with another content is refused") { test in
            let log = test.log
            let known = test.event(1)
            try await log.append(known, to: "a-1")
            var other = known
            other.data = Array(#"{"n":2}"#.utf8)
            try await expect(.knownEvents, "other data") { try await log.append(other, to: "a-1") }
            other = known
            other.type = "Other"
            try await expect(.knownEvents, "another type") { try await log.append(other, to: "a-1") }
            let (first, second) = (test.event(1), test.event(2))
            try await log.append([first, second], to: "b-1", expected: .any)
            try await expect(.knownEvents, "another order") {
                try await log.append([second, first], to: "b-1", expected: .any)
            }
        },
        LogContractCase("idempotence: a known id in another stream is refused", abilities: .eventsByID) { test in
            let known = test.event(1)
            try await test.log.append(known, to: "a-1")
            try await expect(.knownEvents, "another stream") { try await test.log.append(known, to: "b-1") }
            try expect(try await test.all().count, is: 1, "events")
        },
        LogContractCase("E1 idempotence: the same append made by many at once is stored once") { test in
            let events = test.events(2)
            let results = try await withThrowingTaskGroup(of: AppendResult.self) { tasks in
                for number in 0..<12 {
                    let log = number.isMultiple(of: 2) ? test.log : test.peer
                    tasks.addTask { try await log.append(events, to: "a-1", expected: .noStream) }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            try expect(Set(results.map(\.position)).count, is: 1, "positions")
            try expect(results.filter { !$0.isDuplicate }.count, is: 1, "appends that were the first")
            try expect(try await test.all().count, is: 2, "events")
        },
    ]
}
