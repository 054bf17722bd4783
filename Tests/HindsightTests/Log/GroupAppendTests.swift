import Hindsight
import HindsightPostgres
import Testing

@Suite("Appends that are committed together", .timeLimit(.minutes(2)))
struct GroupAppendTests {
    /// Starts appends on a log whose one connection is taken, so that all but the first wait for a group, and lets it go.
    private func together(
        _ appends: [StreamAppend], _ fixture: LogFixture,
        before: @Sendable ([Task<AppendResult, any Error>]) async throws -> Void = { _ in }
    ) async throws -> [Result<AppendResult, any Error>] {
        try await fixture.withAnotherLog(maximumConnections: 1, { $0.appendGroups = 1 }) { log in
            _ = try await log.identity()
            let holder = try await OpenTransaction.begin(in: log.pool)
            let first: @Sendable () async throws -> AppendResult = {
                try await log.append(LogFixture.event(0), to: "first-1")
            }
            let others = appends.map { append -> @Sendable () async throws -> AppendResult in
                { try await log.append(append.events, to: append.stream, expected: append.expected) }
            }
            let tasks = await Caller().start([first] + others)
            try await before(tasks)
            try await holder.rollBack()
            var results: [Result<AppendResult, any Error>] = []
            for task in tasks.dropFirst() { results.append(await task.result) }
            _ = try await tasks[0].value
            return results
        }
    }

    /// How many transactions stored the events of a category.
    private func transactions(of category: String, _ fixture: LogFixture) async throws -> Int {
        try await fixture.pool.withSession {
            try $0.query(
                "select count(distinct xmin::text) from hindsight.events where stream like \(category + "-%")")[0]
                .decode(0)
        }
    }

    @Test func eachGetsItsOwnResultOrConflict() async throws {
        try await LogFixture.withLog { fixture in
            for number in stride(from: 0, to: 40, by: 3) {
                try await fixture.log.append(LogFixture.event(0), to: StreamName(category: "old", id: number))
            }
            let appends = (0..<40).map { number in
                StreamAppend(
                    StreamName(category: number % 3 == 0 ? "old" : "new", id: number),
                    (0...(number % 4)).map { LogFixture.event($0) }, expected: number % 2 == 0 ? .noStream : .exact(0))
            }
            let results = try await together(appends, fixture)
            for (number, (append, result)) in zip(appends, results).enumerated() {
                let actual: Int64 = number % 3 == 0 ? 0 : -1
                let fits = (number % 2 == 0) == (actual == -1)
                switch result {
                case .success(let result):
                    #expect(fits)
                    let stored = try await fixture.log.readStream(append.stream, from: actual + 1)
                    #expect(stored.map(\.id) == append.events.map(\.id))
                    #expect(stored.last?.version == result.version && stored.last?.position == result.position)
                case .failure(let error):
                    #expect(!fits)
                    let error = try #require(error as? EventLogError)
                    #expect(error.code == .conflict && error.stream == append.stream)
                    #expect(error.expected == append.expected && error.actualVersion == actual)
                }
            }
            #expect(try await transactions(of: "new", fixture) == 1)
        }
    }

    @Test func aMalformedMemberFailsAlone() async throws {
        try await LogFixture.withLog { fixture in
            var appends = (0..<10).map { StreamAppend(StreamName(category: "a", id: $0), [LogFixture.event($0)]) }
            appends[4].events = [NewEvent(type: "Bad", data: Array("{".utf8))]
            let results = try await together(appends, fixture)
            for (number, result) in results.enumerated() {
                switch result {
                case .success(let result): #expect(number != 4 && result.version == 0 && !result.isDuplicate)
                case .failure(let error): #expect(number == 4 && error is PostgresError)
                }
            }
            #expect(try await fixture.storedCount() == 10)
        }
    }

    @Test func duplicatesAndErrorsAboutKnownEventsAreEachCallersOwn() async throws {
        try await LogFixture.withLog { fixture in
            let known = (0..<4).map {
                StreamAppend(StreamName(category: "a", id: $0), [LogFixture.event($0), LogFixture.event(9)])
            }
            var first: [AppendResult] = []
            for append in known { first.append(try await fixture.log.append(append.events, to: append.stream)) }
            var appends = known + [StreamAppend("new-1", [LogFixture.event(1)])]
            appends[1].events[1].type = "Other"
            appends[3].events.append(LogFixture.event(10))
            let results = try await together(appends, fixture)
            for index in [0, 2] {
                let result = try results[index].get()
                #expect(result.isDuplicate && result.position == first[index].position)
            }
            for index in [1, 3] {
                let error = try #require(throws: EventLogError.self) { try results[index].get() }
                #expect(error.code == .knownEvents && error.stream == appends[index].stream)
                #expect(Set(error.eventIDs) == Set(known[index].events.map(\.id)))
            }
            #expect(try results[4].get().version == 0)
        }
    }

    @Test func theSameEventInTwoStreamsOfAGroupIsStoredOnce() async throws {
        try await LogFixture.withLog { fixture in
            let event = LogFixture.event(1)
            let appends = (0..<6).map {
                StreamAppend(StreamName(category: "a", id: $0), [$0 < 2 ? event : LogFixture.event($0)])
            }
            let results = try await together(appends, fixture)
            let failures = results.prefix(2).compactMap { result -> EventLogError? in
                if case .failure(let error) = result { error as? EventLogError } else { nil }
            }
            #expect(failures.map(\.code) == [.knownEvents] && failures.first?.eventIDs == [event.id])
            for result in results.dropFirst(2) { #expect(try result.get().version == 0) }
            #expect(try await fixture.storedCount() == 6)
        }
    }

    @Test func aCallersAppendsToOneStreamKeepTheirOrder() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            // Some larger than a group may be.
            let batches = (0..<40).map { number in
                (0..<(number % 10 == 9 ? 300 : 1 + number % 3)).map { LogFixture.event(number * 1_000 + $0) }
            }
            var calls: [@Sendable () async throws -> AppendResult] = []
            for (number, events) in batches.enumerated() {
                calls.append { try await log.append(events, to: "a-1") }
                calls.append {
                    try await log.append(LogFixture.event(number), to: StreamName(category: "b", id: number))
                }
            }
            let tasks = await Caller().start(calls)
            for task in tasks { _ = try await task.value }
            #expect(try await log.readStream("a-1").map(\.id) == batches.flatMap { $0 }.map(\.id))
        }
    }

    @Test("a busy stream leaves the group; the others are answered, and their next appends too")
    func busyStream() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let open = try await OpenTransaction.begin(in: fixture.pool)
            try await open.run { _ = try log.append([LogFixture.event(1)], to: "busy-1", in: &$0) }
            var appends = (0..<10).map { StreamAppend(StreamName(category: "a", id: $0), [LogFixture.event($0)]) }
            appends.insert(StreamAppend("busy-1", [LogFixture.event(2)], expected: .exact(0)), at: 5)
            try await fixture.withAnotherLog(maximumConnections: 4, { $0.appendGroups = 1 }) { other in
                _ = try await other.identity()
                let holders = [
                    try await OpenTransaction.begin(in: other.pool), try await OpenTransaction.begin(in: other.pool),
                    try await OpenTransaction.begin(in: other.pool), try await OpenTransaction.begin(in: other.pool),
                ]
                let tasks = await Caller().start(
                    appends.map { append in
                        { try await other.append(append.events, to: append.stream, expected: append.expected) }
                    })
                for holder in holders { try await holder.rollBack() }
                for (number, task) in tasks.enumerated() where number != 5 {
                    #expect(try await task.value.version == 0)
                }
                for (number, append) in appends.enumerated() where number != 5 {
                    #expect(try await other.append(LogFixture.event(100), to: append.stream).version == 1)
                }
                try await open.commit()
                #expect(try await tasks[5].value.version == 1)
                #expect(try await other.append(LogFixture.event(3), to: "busy-1").version == 2)
            }
        }
    }

    @Test("as many busy streams as there are groups hold nobody up")
    func severalBusyStreams() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let open = try await OpenTransaction.begin(in: fixture.pool)
            // More than the pool has connections.
            let busy = (0..<20).map { StreamName(category: "busy", id: $0) }
            try await open.run { session in
                for stream in busy { try log.append([LogFixture.event(1)], to: stream, in: &session) }
            }
            let waiting = await Caller().start(
                busy.map { stream in { try await log.append(LogFixture.event(2), to: stream) } })
            for number in 0..<10 {
                #expect(try await log.append(LogFixture.event(number), to: "free-1").version == Int64(number))
            }
            // A busy stream's own order is kept.
            let later = await Caller().start(
                busy.map { stream in { try await log.append(LogFixture.event(3), to: stream) } })
            try await open.commit()
            for task in waiting { #expect(try await task.value.version == 1) }
            for task in later { #expect(try await task.value.version == 2) }
        }
    }

    @Test func aCallerThatGivesUpWhileItWaitsStoresNothing() async throws {
        try await LogFixture.withLog { fixture in
            let appends = (0..<6).map { StreamAppend(StreamName(category: "a", id: $0), [LogFixture.event($0)]) }
            let results = try await together(appends, fixture) { tasks in
                // The first of them is the one that is not part of the group.
                tasks[3].cancel()
                await #expect(throws: CancellationError.self) { try await tasks[3].value }
            }
            for (number, result) in results.enumerated() {
                if number == 2 {
                    #expect(throws: CancellationError.self) { try result.get() }
                } else {
                    #expect(try result.get().version == 0)
                }
            }
            #expect(try await fixture.storedCount() == 6)
            #expect(try await fixture.log.readStream("a-2").isEmpty)
        }
    }

    @Test func aTaskThatIsCancelledBeforeItsAppendStoresNothing() async throws {
        try await LogFixture.withLog { fixture in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await fixture.log.append(LogFixture.event(1), to: "a-1")
            }
            await #expect(throws: (any Error).self) { try await task.value }
            let stored = try await fixture.storedCount()
            #expect(stored == 0)
            #expect(try await fixture.log.append(LogFixture.event(2), to: "a-1").version == 0)
        }
    }

    @Test func manyCallersAtOnceAllSucceed() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await withThrowingTaskGroup { tasks in
                for caller in 0..<32 {
                    tasks.addTask {
                        let own = StreamName(category: "own", id: caller)
                        for number in 0..<20 {
                            let result = try await log.append(
                                LogFixture.event(number), to: own,
                                expected: number == 0 ? .noStream : .exact(Int64(number - 1)))
                            #expect(result.version == Int64(number))
                            try await log.append(
                                LogFixture.event(number), to: StreamName(category: "shared", id: number))
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(reader.seen.count == 32 * 20 * 2)
            for number in 0..<20 {
                let shared = try await log.readStream(StreamName(category: "shared", id: number))
                #expect(shared.map(\.version) == (0..<32).map { $0 })
            }
        }
    }
}
