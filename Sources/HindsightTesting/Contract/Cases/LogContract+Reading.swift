import HindsightLog

extension LogContract {
    static let filters: [EventFilter] = [
        .all, .types(["Even"]), .types(["Even", "Odd"]), .types(["Rare", "None"]), .types([]), .category("a"),
        .category("none"),
    ]

    /// 60 events in three categories and three types, appended three at a time, and those that a reader wants.
    static func fill(_ test: LogUnderTest) async throws -> [RecordedEvent] {
        for number in 0..<20 {
            let types = [number.isMultiple(of: 2) ? "Even" : "Odd", "Even", number == 7 ? "Rare" : "Odd"]
            try await test.log.append(
                types.map { test.event(number, type: $0) },
                to: StreamName("\(["a", "b", "ab"][number % 3])-\(number % 5)"),
                expected: .any)
        }
        return try await test.all()
    }

    static let reading: [LogContractCase] = [
        LogContractCase("P7 read: the whole history in order, with every filter and every page size") { test in
            let all = try await fill(test)
            try expect(all.count, is: 60, "events")
            for filter in filters {
                for limit in [1, 7, 59, 60, 1_000] {
                    let found = try await test.all(filter, limit: limit)
                    try expect(
                        found.map(\.id), is: all.filter { filter.wants($0) }.map(\.id), "\(filter) by pages of \(limit)"
                    )
                    try expect(found, is: all.filter { filter.wants($0) }, "the events of \(filter)")
                }
            }
        },
        LogContractCase("A read: a batch reaches beyond events that nobody wants, also at the end") { test in
            try await test.log.append(test.event(type: "Rare"), to: "a-1")
            let last = try await test.log.append(test.events(30), to: "b-1", expected: .any)
            for filter in [EventFilter.types(["Rare"]), .types(["Rare", "None"]), .category("a")] {
                let batch = try await test.log.read(after: .beginning, filter: filter, limit: 10)
                try expect(batch.events.count, is: 1, "wanted events")
                try expect(batch.through.position, is: last.position, "how far the batch reaches, \(filter)")
                try expect(batch.isAtFrontier, "it is at the frontier")
                try await test.log.verify(batch.through)
            }
        },
        LogContractCase("read: a frontier that was found before is not passed") { test in
            let all = try await fill(test)
            let goal = all[40].offset
            for filter in filters {
                for limit in [3, 1_000] {
                    var (offset, found): (Offset, [RecordedEvent]) = (.beginning, [])
                    while offset.position < goal.position {
                        let batch = try await test.log.read(after: offset, through: goal, filter: filter, limit: limit)
                        try test.check(batch, after: offset, limit: limit)
                        try expect(batch.frontier, is: goal, "the batch's frontier")
                        try expect(batch.through.position > offset.position, "the reader gets on")
                        found += batch.events
                        offset = batch.through
                    }
                    try expect(offset, is: goal, "where it ends")
                    try expect(found, is: all[...40].filter { filter.wants($0) }, "events, \(filter)")
                }
            }
        },
        LogContractCase("read: all events between two places are handed out one after the other") { test in
            let all = try await fill(test)
            let (first, last) = (all[9], all[49])
            let (events, more) = AsyncStream.makeStream(of: RecordedEvent.self)
            try await test.log.forEachEvent(
                after: first.offset, through: try await test.log.offset(before: last.position + 1)
            ) { more.yield($0) }
            more.finish()
            var found: [RecordedEvent] = []
            for await event in events { found.append(event) }
            try expect(found, is: Array(all[10...49]), "events")
            let frontier = try await test.log.frontier()
            try await test.log.forEachEvent(after: frontier, through: frontier) { _ in
                throw LogContractFailure("there is nothing behind the frontier")
            }
            do {
                try await test.log.forEachEvent(after: .beginning, through: frontier) { _ in throw CancellationError() }
                throw LogContractFailure("an error ends the reading")
            } catch is CancellationError {}
        },
        LogContractCase("read: an empty log, and one of which all is read") { test in
            let empty = try await test.log.read(after: .beginning, limit: 10)
            try expect(empty.events.isEmpty && empty.through == .beginning && empty.isAtFrontier, "an empty log")
            try expect(try await test.log.frontier(), is: .beginning, "its frontier")
            try await test.log.append(test.events(2), to: "a-1", expected: .any)
            let frontier = try await test.log.frontier()
            let rest = try await test.log.read(after: frontier, limit: 10)
            try expect(rest.events.isEmpty && rest.through == frontier && rest.isAtFrontier && !rest.isHeld, "the end")
        },
        LogContractCase("read: a limit of nothing gives nothing and moves nowhere") { test in
            let all = try await fill(test)
            let batch = try await test.log.read(after: all[3].offset, limit: 0)
            try expect(batch.events.isEmpty && batch.through == all[3].offset, "nothing is read")
        },
        LogContractCase("read: a batch is cut by bytes, and a larger event comes alone") { test in
            for number in 0..<10 {
                try await test.log.append(
                    [test.event(number, padding: number == 4 ? 50_000 : 4_000), test.event(number)], to: "a-1",
                    expected: .any)
            }
            let goal = try await test.log.frontier()
            for known in [nil, goal] {
                for limit in [3, 1_000] {
                    var (offset, found): (Offset, [RecordedEvent]) = (.beginning, [])
                    while offset.position < goal.position {
                        let batch = try await test.log.read(
                            after: offset, through: known, filter: .all, limit: limit, maximumBytes: 10_000)
                        let bytes = batch.events.reduce(0) { $0 + $1.byteCount }
                        try expect(bytes <= 10_000 || batch.events.count == 1, "\(bytes) bytes in one batch")
                        try expect(batch.through.position > offset.position, "the reader gets on")
                        try expect(!batch.isAtFrontier || batch.through == goal, "a cut batch is not the end")
                        found += batch.events
                        offset = batch.through
                    }
                    try expect(found.count, is: 20, "events")
                }
            }
        },
        LogContractCase("P1 read: a reader is handed new events in order as they come, each once") { test in
            let reader = try await test.log.reader(after: .beginning, filter: .types(["Even"]))
            var found: [RecordedEvent] = []
            for number in 0..<10 {
                let changes = test.log.changes()
                let seen = changes.generation
                try await test.log.append(
                    [test.event(number, type: "Even"), test.event(number, type: "Odd")], to: "a-1", expected: .any)
                await changes.wait(after: seen)
                found += try await reader.next(limit: 10).events
            }
            try expect(try await reader.next(limit: 10).events.isEmpty, "there is no more")
            await reader.close()
            try expect(found, is: try await test.all(.types(["Even"])), "events")
        },
        LogContractCase("P1 reader: it has a place of its own, keeps to its limits, and stops where it is told to") {
            test in
            let all = try await fill(test)
            let first = try await test.log.reader(after: all[9].offset, filter: .all)
            let second = try await test.log.reader(after: .beginning, filter: .category("a"))
            var found: [RecordedEvent] = []
            for limit in 1...4 {
                let batch = try await first.next(limit: limit, through: all[14].offset)
                found += batch.events
                _ = try await second.next(limit: 1)
            }
            try expect(found, is: Array(all[10...14]), "up to where it was told")
            let batch = try await first.next(limit: 2, maximumBytes: 1, through: nil)
            try expect(batch.events, is: [all[15]], "one event, however large")
            let rest = try await second.next(limit: 1_000)
            try expect(
                rest.events, is: Array(all.filter { $0.stream.category == "a" }.dropFirst(4)), "the second reader's")
            await first.close()
            await second.close()
        },
    ]

    static let ranges: [LogContractCase] = [
        LogContractCase("ranges: read side by side they are the whole log, with the fields that are asked for") {
            test in
            let all = try await fill(test)
            let end = try await test.log.frontier().position
            for filter in [EventFilter.all, .types(["Even"]), .types(["Rare"]), .category("a")] {
                let parts = try await withThrowingTaskGroup(of: (Int64, [RecordedEvent], [[UInt8]]).self) { tasks in
                    for low in stride(from: Int64(0), to: end, by: 17) {
                        tasks.addTask {
                            let buffer = RawEventBuffer()
                            try await test.log.read(
                                after: low, through: min(low + 17, end), filter: filter, fields: .all,
                                maximumBytes: 1 << 20, into: buffer)
                            try expect(buffer.through, is: min(low + 17, end), "how far a range was read")
                            return (low, buffer.events, buffer.events.indices.map { [UInt8](buffer.data(of: $0)) })
                        }
                    }
                    return try await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
                }
                let wanted = all.filter { filter.wants($0) }
                try expect(parts.flatMap(\.1).map(\.id), is: wanted.map(\.id), "ids, \(filter)")
                try expect(parts.flatMap(\.1).map(\.stream), is: wanted.map(\.stream), "streams, \(filter)")
                try expect(parts.flatMap(\.2), is: wanted.map(\.data), "data, \(filter)")
            }
        },
        LogContractCase("ranges: cut by bytes they are gone on with, and one that is empty reaches its end") { test in
            for number in 0..<10 { try await test.log.append(test.event(number, padding: 4_000), to: "a-1") }
            let all = try await test.all()
            let end = try await test.log.frontier().position
            let buffer = RawEventBuffer()
            var (position, found): (Int64, [Int64]) = (0, [])
            while position < end {
                try await test.log.read(
                    after: position, through: end, filter: .all, fields: [], maximumBytes: 10_000, into: buffer)
                try expect(buffer.byteCount <= 10_000 || buffer.events.count == 1, "\(buffer.byteCount) bytes")
                try expect(buffer.through > position, "the reader gets on")
                found += buffer.events.map(\.position)
                position = buffer.through
            }
            try expect(found, is: all.map(\.position), "positions")
            try await test.log.read(
                after: 0, through: end, filter: .types(["None"]), fields: [], maximumBytes: 10_000, into: buffer)
            try expect(buffer.events.isEmpty && buffer.through == end, "an empty range reaches its end")
        },
    ]
}
