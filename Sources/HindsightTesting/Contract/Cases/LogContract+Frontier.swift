import HindsightLog

extension LogContract {
    static let frontier: [LogContractCase] = [
        LogContractCase("A frontier: it is the highest visible event, with its anchor") { test in
            try await test.log.append(test.events(5), to: "a-1", expected: .any)
            let all = try await test.all()
            try expect(try await test.log.frontier(), is: all[4].offset, "the frontier")
            try expect(try await test.peer.frontier(), is: all[4].offset, "the frontier that another process sees")
        },
        LogContractCase("A frontier: an append that holds n hides n + 1 until it is committed", hooks: [.openAppend]) {
            test in
            let first = try await test.log.append(test.event(), to: "a-1")
            let slow = try await test.open("slow-1")
            let second = try await test.log.append(test.event(), to: "a-1")
            try expect(slow.position < second.position, "the open append has the lower position")
            let held = try await test.log.read(after: .beginning, limit: 10)
            try expect(held.events.map(\.position), is: [first.position], "what is visible meanwhile")
            try expect(held.isHeld && held.isAtFrontier, "the batch says that it is held")
            try expect(try await test.log.frontier().position, is: first.position, "the frontier meanwhile")
            try expect(try await test.log.readBackward(limit: 10).count, is: 1, "backward meanwhile")
            try await slow.commit()
            let rest = try await test.log.read(after: held.through, limit: 10)
            try expect(rest.events.map(\.position), is: [slow.position, second.position], "what is visible afterwards")
            try expect(!rest.isHeld, "nothing is held any more")
        },
        LogContractCase("A frontier: the younger of two open appends commits first", hooks: [.openAppend]) { test in
            let (older, younger) = (try await test.open("a-1", 3), try await test.open("b-1", 2))
            try await younger.commit()
            try expect(try await test.all().isEmpty, "nothing is exposed until the older has ended")
            try await older.commit()
            try expect(try await test.all().map(\.stream), is: ["a-1", "a-1", "a-1", "b-1", "b-1"], "in order")
        },
        LogContractCase(
            "A frontier: three open appends end in every order, committed or rolled back", hooks: [.openAppend]
        ) {
            test in
            var (offset, seen): (Offset, Int) = (.beginning, 0)
            let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
            for (round, order) in orders.enumerated() {
                for commits in 0..<8 {
                    var open: [any OpenLogAppend] = []
                    for index in 0..<3 {
                        open.append(try await test.open(StreamName("s-\(round)-\(commits)-\(index)"), index + 1))
                    }
                    for index in order {
                        if commits >> index & 1 == 1 {
                            try await open[index].commit()
                        } else {
                            try await open[index].rollBack()
                        }
                        let batch = try await test.log.read(after: offset, limit: 100)
                        try test.check(batch, after: offset, limit: 100)
                        (offset, seen) = (batch.through, seen + batch.events.count)
                    }
                }
            }
            // Each append is committed in half of the rounds.
            try expect(seen, is: 6 * 4 * (1 + 2 + 3), "events that a reader saw who looked after each end")
            try expect(try await test.all().count, is: seen, "events")
        },
        LogContractCase("A holes: a rolled back append leaves one, which is passed at once", hooks: [.openAppend]) {
            test in
            let first = try await test.log.append(test.event(), to: "a-1")
            try await test.open("b-1").rollBack()
            let last = try await test.log.append(test.event(), to: "a-1")
            let batch = try await test.log.read(after: .beginning, limit: 10)
            try expect(batch.events.map(\.position), is: [first.position, last.position], "positions")
            try expect(batch.isAtFrontier && !batch.isHeld, "the hole holds nobody")
        },
        LogContractCase("A holes: at the very start of the log, and where a reader starts", hooks: [.openAppend]) {
            test in
            let hole = try await test.open("a-1", 3)
            try await hole.rollBack()
            try expect(try await test.log.frontier(), is: .beginning, "the frontier of a log of holes")
            try await test.log.append(test.event(), to: "a-1")
            try expect(try await test.all().count, is: 1, "events behind a hole at the start")
            try expect(try await test.log.offset(before: hole.position), is: .beginning, "before the hole")
            let second = try await test.open("b-1", 3)
            try await second.rollBack()
            try await test.log.append(test.event(), to: "a-1")
            let start = try await test.log.offset(before: second.position)
            let batch = try await test.log.read(after: start, limit: 10)
            try expect(batch.events.count, is: 1, "events after a start on a hole")
        },
        LogContractCase("A holes: fifty among 489 positions are passed in one look", hooks: [.openAppend]) { test in
            var appended = 0
            for number in 0..<50 {
                try await test.open(StreamName("hole-\(number)")).rollBack()
                let count = number < 39 ? 9 : 8
                try await test.log.append(test.events(count), to: "a-1", expected: .any)
                appended += count
            }
            let batch = try await test.log.read(after: .beginning, limit: 1_000)
            try expect(batch.events.count, is: appended, "events")
            try expect(batch.isAtFrontier && !batch.isHeld, "nothing is waited for")
        },
        LogContractCase("A frontier: one slow append, sixty others behind it: nothing is skipped", hooks: [.openAppend])
        { test in
            let slow = try await test.open("slow-1")
            var (offset, seen): (Offset, [RecordedEvent]) = (.beginning, [])
            for number in 0..<60 {
                try await test.log.append(test.event(number), to: StreamName("a-\(number % 7)"))
                let batch = try await test.log.read(after: offset, filter: .types(["Counted"]), limit: 3)
                (offset, seen) = (batch.through, seen + batch.events)
            }
            try expect(seen.isEmpty, "nothing is visible behind the slow append")
            try await slow.commit()
            repeat {
                let batch = try await test.log.read(after: offset, filter: .types(["Counted"]), limit: 3)
                (offset, seen) = (batch.through, seen + batch.events)
                if batch.isAtFrontier { break }
            } while true
            try expect(seen.count, is: 61, "events")
            try expect(seen.first?.position, is: slow.position, "the slow one comes first")
        },
        LogContractCase("A frontier: it is never above the highest committed event", hooks: [.openAppend]) { test in
            let committed = try await test.log.append(test.event(), to: "a-1")
            let rolledBack = try await test.open("b-1", 5)
            let open = try await test.open("c-1", 5)
            try await rolledBack.rollBack()
            let frontier = try await test.log.frontier()
            try expect(frontier.position, is: committed.position, "the frontier")
            try await test.log.verify(frontier)
            try await open.rollBack()
            try expect(try await test.log.frontier().position, is: committed.position, "the frontier at the end")
        },
        LogContractCase("A ranges: positions without an event are read past", hooks: [.openAppend]) { test in
            try await test.open("b-1", 20).rollBack()
            let last = try await test.log.append(test.events(3), to: "a-1", expected: .any)
            let buffer = RawEventBuffer()
            try await test.log.read(
                after: 5, through: last.position, filter: .all, fields: .all, maximumBytes: 1 << 20, into: buffer)
            try expect(buffer.events.count == 3 && buffer.through == last.position, "a range that starts in a hole")
            try await test.log.read(
                after: 2, through: 9, filter: .all, fields: .all, maximumBytes: 1 << 20, into: buffer)
            try expect(buffer.events.isEmpty && buffer.through == 9, "a range that is a hole")
        },
    ]
}
