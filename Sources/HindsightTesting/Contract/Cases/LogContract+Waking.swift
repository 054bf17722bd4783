import HindsightLog

extension LogContract {
    static let waking: [LogContractCase] = [
        LogContractCase("waking: an append wakes readers of the same object before it returns") { test in
            let changes = test.log.changes()
            let seen = changes.generation
            try await test.log.append(test.event(), to: "a-1")
            try expect(changes.generation > seen, "there was a wake-up")
            await changes.wait(after: seen)
        },
        LogContractCase("waking: a log that nobody runs has its readers look again by themselves") { test in
            let changes = test.log.changes()
            let seen = changes.generation
            try await test.peer.append(test.event(), to: "a-1")
            // Returns at the poll interval at the latest; the case's time limit is the test.
            await changes.wait(after: seen)
            try expect(try await test.all().count, is: 1, "events")
        },
        LogContractCase("waking: while both run, an append wakes readers in other processes") { test in
            try await withRunning(test.log) { log in
                try await withRunning(test.peer) { peer in
                    let changes = peer.changes()
                    for number in 1...5 {
                        let seen = changes.generation
                        let result = try await log.append(test.event(number), to: "a-1")
                        var generation = seen
                        while try await peer.frontier().position < result.position {
                            await changes.wait(after: generation)
                            generation = changes.generation
                        }
                    }
                }
            }
        },
        LogContractCase("waking: an open append wakes readers when it is committed", hooks: [.openAppend]) { test in
            let open = try await test.open("a-1")
            let changes = test.log.changes()
            let seen = changes.generation
            try await open.commit()
            await changes.wait(after: seen)
            try expect(try await test.all().count, is: 1, "events")
        },
        LogContractCase("waking: a wait ends when its time is up, and when its task is cancelled") { test in
            let changes = test.log.changes()
            await changes.wait(after: changes.generation, atMost: .milliseconds(1))
            let waiting = Task { await changes.wait(after: changes.generation) }
            waiting.cancel()
            await waiting.value
            changes.wake()
            await changes.wait(after: changes.generation &- 1)
        },
        LogContractCase("running: it ends when it is cancelled, twice at once and again afterwards") { test in
            for _ in 0..<2 {
                try await withRunning(test.log) { log in
                    try await withRunning(log) { log in try await log.append(test.event(), to: "a-1") }
                    try await log.append(test.event(), to: "a-1")
                }
            }
            try expect(try await test.all().count, is: 4, "events")
        },
        LogContractCase("running: a flush returns, with and without something to tell") { test in
            await test.log.flush()
            try await test.log.append(test.event(), to: "a-1")
            await test.log.flush()
            try await withRunning(test.log) { log in
                try await log.append(test.event(), to: "a-1")
                await log.flush()
            }
        },
    ]
}
