import HindsightLog

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension LogContract {
    static let streams: [LogContractCase] = [
        LogContractCase("streams: forward and backward, from any version, up to any limit") { test in
            try await test.log.append(test.events(10), to: "a-1", expected: .any)
            try await test.log.append(test.events(5), to: "a-2", expected: .any)
            for start in [nil, 0, 4, 9, 10] as [Int64?] {
                for limit in [1, 3, 100] {
                    let forward = try await test.log.readStream("a-1", from: start, limit: limit).map(\.version)
                    try expect(
                        forward, is: Array((0..<10).filter { $0 >= start ?? 0 }.prefix(limit)),
                        "forward from \(String(describing: start))")
                    let backward = try await test.log.readStream("a-1", from: start, backward: true, limit: limit)
                    try expect(
                        backward.map(\.version),
                        is: Array((0..<10).reversed().filter { $0 <= start ?? .max }.prefix(limit)),
                        "backward from \(String(describing: start))")
                    try expect(backward.allSatisfy { $0.stream == "a-1" }, "no other stream's events")
                }
            }
            try expect(try await test.log.readStream("none-1").isEmpty, "a stream that there is not")
        },
        LogContractCase("streams: a page is cut by count and by bytes, and says so", pages),
        LogContractCase("streams: those of an id are all found, in whatever category, or the log says that it cannot") {
            test in
            for stream in ["a-1", "b-1", "b-1-2", "a-12", "1", "c", "-1", "b-"] as [StreamName] {
                try await test.log.append(test.events(2), to: stream, expected: .any)
            }
            for (id, streams) in [("1", ["a-1", "b-1", "-1"]), ("1-2", ["b-1-2"]), ("", ["1", "c", "b-"]), ("3", [])] {
                guard let found = try await test.log.streams(withID: id) else { continue }
                try expect(Set(found.map(\.rawValue)), is: Set(streams), "the streams of id \"\(id)\"")
                try expect(found.count, is: streams.count, "each of them once")
            }
        },
        LogContractCase("streams: the log backward, with every filter, from any position") { test in
            let all = try await fill(test)
            for filter in filters {
                let wanted = all.filter { filter.wants($0) }
                for position in [nil, 0, all[0].position, all[30].position, .max] as [Int64?] {
                    let expected = wanted.filter { $0.position <= position ?? .max }.reversed()
                    for limit in [1, 7, 100] {
                        let found = try await test.log.readBackward(from: position, filter: filter, limit: limit)
                        try expect(
                            found, is: Array(expected.prefix(limit)), "\(filter) from \(String(describing: position))")
                    }
                }
            }
        },
        LogContractCase("streams: events are found by their positions, those that there are, within a limit in bytes") {
            test in
            let all = try await fill(test)
            let some = [all[40], all[3], all[17]]
            let beyond = try await test.log.frontier().position + 1_000
            let found = try await test.log.events(
                at: some.map(\.position) + [0, beyond, all[3].position], maximumBytes: 1 << 20)
            try expect(found.events, is: [all[3], all[17], all[40]], "events")
            try expect(!found.isCut, "all of them")
            let page = try await test.log.events(at: some.map(\.position), maximumBytes: 1)
            try expect(page.events, is: [all[3]], "one event, however large")
            try expect(page.isCut, "it is cut")
            try expect(try await test.log.events(at: [], maximumBytes: 1).events.isEmpty, "no positions")
        },
        LogContractCase(
            "streams: events are found by their ids, in the order of their positions", abilities: .eventsByID
        ) {
            test in
            let all = try await fill(test)
            let some = [all[40], all[3], all[17]]
            let found = try await test.log.events(withIDs: some.map(\.id) + [UUID()])
            try expect(found, is: [all[3], all[17], all[40]], "events")
            try expect(try await test.log.events(withIDs: []).isEmpty, "no ids")
            let page = try await test.log.events(
                withIDs: some.map(\.id), after: all[3].position, maximumBytes: 1)
            try expect(page.events, is: [all[17]], "the next page")
            try expect(page.isCut, "it is cut")
        },
    ]

    private static func pages(_ test: LogUnderTest) async throws {
        for number in 0..<6 { try await test.log.append(test.event(number, padding: 4_000), to: "a-1") }
        for backward in [false, true] {
            let page = try await test.log.readStream(
                "a-1", from: nil, backward: backward, limit: 100, maximumBytes: 10_000)
            try expect(page.events.map(\.version), is: backward ? [5, 4] : [0, 1], "what fits")
            try expect(page.isCut, "cut by bytes")
            let one = try await test.log.readStream("a-1", from: 3, backward: backward, limit: 100, maximumBytes: 1)
            try expect(one.events.map(\.version), is: [3], "one event, however large")
            let few = try await test.log.readStream(
                "a-1", from: nil, backward: backward, limit: 2, maximumBytes: 1 << 20)
            try expect(few.events.count == 2 && few.isCut, "cut by count")
            let whole = try await test.log.readStream(
                "a-1", from: nil, backward: backward, limit: 100, maximumBytes: 1 << 20)
            try expect(whole.events.count == 6 && !whole.isCut, "not cut")
        }
        let last = try await test.log.readBackward(from: nil, filter: .all, limit: 100, maximumBytes: 10_000)
        try expect(last.events.count == 2 && last.isCut, "the log backward, cut by bytes")
    }
}
