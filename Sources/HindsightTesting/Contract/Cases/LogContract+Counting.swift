import HindsightLog

extension LogContract {
    static let counting: [LogContractCase] = [
        LogContractCase("size: the events and the streams that there are", abilities: .size) { test in
            try expect(try await test.log.size(), is: LogSize(events: 0, streams: 0), "an empty log")
            let all = try await fill(test)
            let streams = Set(all.map(\.stream)).count
            try expect(
                try await test.log.size(), is: LogSize(events: Int64(all.count), streams: Int64(streams)),
                "a filled log")
        },
        LogContractCase("lag: counted up to a limit, and then more than that") { test in
            let all = try await fill(test)
            let head = all[59].position
            for filter in filters {
                for start in [0, 20, 59] {
                    let left = Int64(all[(start + 1)...].filter { filter.wants($0) }.count)
                    let exact = try await test.log.lag(after: all[start].position, through: head, filter: filter)
                    // A log that cannot count gives an upper bound.
                    try expect(
                        exact.events == left || !exact.isExact && exact.events >= left,
                        "\(filter) after \(start): \(exact)")
                    try expect(left > 0 || exact.seconds == 0 || !exact.isExact, "the age of nothing: \(exact.seconds)")
                    guard exact.isExact, left > 1 else { continue }
                    let some = try await test.log.lag(
                        after: all[start].position, through: head, filter: filter, limit: left - 1)
                    try expect(some.events == left - 1 && !some.isExact, "\(filter) up to \(left - 1): \(some)")
                }
            }
            try expect(try await test.log.lag(after: head, through: head, filter: .all), is: .none, "no lag")
        },
        LogContractCase("proof: it is what a reader counts that has seen the range") { test in
            let all = try await fill(test)
            let (low, high) = (all[10].position, all[50].position)
            switch try await test.log.proof(after: low, through: high, types: ["Even", "Rare", "None"]) {
            case .dense:
                try expect(all[11...50].count, is: Int(high - low), "an event at each position")
            case .counted(let sums):
                var expected: [String: LogChecksum] = [:]
                for event in all[11...50] where ["Even", "Rare"].contains(event.type) {
                    expected[event.type, default: LogChecksum()].add(event.position)
                }
                try expect(sums, is: expected, "sums")
            }
        },
        LogContractCase("proof: it tells a range from one of which an event was missed") { test in
            let all = try await fill(test)
            let types = ["Even", "Odd", "Rare"]
            let end = all[59].position
            guard case .counted(let whole) = try await test.log.proof(after: 0, through: end, types: types) else {
                return
            }
            let part = try await test.log.proof(after: all[0].position, through: end, types: types)
            try expect(part != .counted(whole), "a range without its first event has another proof")
            guard case .counted(var sums) = part else { throw LogContractFailure("the proof is of another kind") }
            sums[all[0].type, default: LogChecksum()].add(all[0].position)
            try expect(sums, is: whole, "the event that was missed makes up the difference")
        },
    ]

    static let refusing: [LogContractCase] = [
        LogContractCase("unsupported: a log that does not find events by their ids says so", absences: .eventsByID) {
            test in
            let stored = test.event()
            try await test.log.append(stored, to: "a-1")
            let error = try await expect(.unsupported, "events by their ids") {
                try await test.log.events(withIDs: [stored.id])
            }
            try expect(error.description.contains("eventsByID"), "the error names the ability: \(error)")
            try expect(!error.isRetriable, "trying again does not help")
        },
        LogContractCase("unsupported: a log that imports no events as they are says so", absences: .verbatimImport) {
            test in
            let error = try await expect(.unsupported, "an import") {
                try await test.log.append(verbatim: [StreamEvent("a-1", test.event())])
            }
            try expect(error.description.contains("verbatimImport"), "the error names the ability: \(error)")
            try expect(try await test.all().count, is: 0, "events")
        },
        LogContractCase("unsupported: a log that does not count what it holds says so", absences: .size) { test in
            let error = try await expect(.unsupported, "the size") { try await test.log.size() }
            try expect(error.description.contains("size"), "the error names the ability: \(error)")
        },
        LogContractCase("dense: without holes every position up to the frontier is an event", absences: .holes) {
            test in
            let all = try await fill(test)
            try await expect(.conflict, "an append that fails") {
                try await test.log.append(test.events(3), to: all[0].stream, expected: .noStream)
            }
            try await test.log.append(test.event(), to: "a-1")
            try expect(try await test.all().map(\.position), is: Array(1...61), "positions")
            let proof = try await test.log.proof(after: 3, through: 61, types: ["Even"])
            try expect(proof, is: .dense, "the proof of a dense log")
        },
    ]
}
