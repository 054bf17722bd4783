#if NATS
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import HindsightTestSupport
    import Synchronization
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Eight writers, which are cut off in the middle of whatever they do, and servers that are killed, shut down, or cut off from each
    /// other, while a projection follows. `HINDSIGHT_STRESS_SECONDS` makes it longer.
    @Suite("5 A log on JetStream under stress", .serialized, .timeLimit(.minutes(15)))
    struct StressTests {
        private static let duration: Duration = {
            let text = ProcessInfo.processInfo.environment["HINDSIGHT_STRESS_SECONDS"]
            return .seconds(text.flatMap { Int($0) } ?? 10)
        }()

        /// What writers were told.
        private final class Ledger: Sendable {
            struct Entry {
                var id: UUID
                var stream: StreamName
                var version: Int64
            }

            private let entries = Mutex<[Entry]>([])

            var all: [Entry] { entries.withLock { $0 } }

            func note(_ appends: [StreamAppend], _ results: [AppendResult]) {
                entries.withLock { entries in
                    for (append, result) in zip(appends, results) {
                        let first = result.version - Int64(append.events.count) + 1
                        for (index, event) in append.events.enumerated() {
                            entries.append(
                                Entry(id: event.id, stream: append.stream, version: first + Int64(index)))
                        }
                    }
                }
            }
        }

        /// Writes until it is cancelled: single events, batches, batches of two streams, with and without a version.
        private static func write(to urls: [String], _ log: JetStreamEventLog, streams: Int, _ ledger: Ledger)
            async throws
        {
            var configuration = NATSConfiguration()
            configuration.servers = urls.shuffled()
            configuration.reconnectBackoff.longest = .milliseconds(500)
            let client = try NATSClient(configuration, logger: LogFixture.logger)
            async let running: Void = client.run()
            // At once: what is under way is of unknown fate, as with a process that was killed.
            try await withTaskCancellationHandler {
                defer { client.close() }
                let own = JetStreamEventLog(
                    client, stream: log.streamName, configuration: log.configuration, logger: LogFixture.logger)
                var versions: [StreamName: Int64] = [:]
                while !Task.isCancelled {
                    let batch = UUID().uuidString
                    let names = (0..<streams).shuffled().prefix(Int.random(in: 1...2)).map {
                        StreamName(category: "account", id: "\($0)")
                    }
                    let counts = names.map { _ in Int.random(in: 1...3) }
                    let total = counts.reduce(0, +)
                    let appends = try zip(names, counts).map { name, count in
                        let events = try (0..<count).map { _ in
                            try EngineTests.Fixture.registry.encode(
                                EngineTests.Paid(amount: .random(in: 1...100)), correlationID: batch,
                                causationID: "\(total)")
                        }
                        let isExact = Int.random(in: 0..<3) == 0
                        return StreamAppend(
                            name, events, expected: isExact ? versions[name].map { .exact($0) } ?? .any : .any)
                    }
                    // What is of unknown fate is often sent again.
                    var attempts = Int.random(in: 1...3)
                    while attempts > 0, !Task.isCancelled {
                        attempts -= 1
                        do {
                            let results = try await own.append(appends)
                            ledger.note(appends, results)
                            for (name, result) in zip(names, results) { versions[name] = result.version }
                            attempts = 0
                        } catch let error as EventLogError where error.code == .conflict {
                            if let name = error.stream { versions[name] = error.actualVersion }
                            attempts = 0
                        } catch let error as EventLogError where error.isRetriable {
                            continue
                        } catch is CancellationError {
                            break
                        }
                    }
                }
            } onCancel: {
                client.close()
            }
            try? await running
        }

        /// Runs writers and a projection while `disturb` disturbs them, and checks what is there afterwards.
        private static func stress(
            _ urls: [String], streams: Int, _ disturb: @escaping @Sendable (String) async throws -> Void
        ) async throws {
            try await LogFixture.withClient(urls) { client in
                try await LogFixture.withLog(client) { logFixture in
                    try await EngineTests.withFixture(logFixture.log) { fixture in
                        let ledger = Ledger()
                        try await fixture.running {
                            try await withThrowingTaskGroup(of: Void.self) { tasks in
                                let end = ContinuousClock.now + duration
                                for _ in 0..<8 {
                                    tasks.addTask {
                                        while ContinuousClock.now < end {
                                            // One that is killed is followed by another one.
                                            let writing = Task {
                                                try await write(to: urls, logFixture.log, streams: streams, ledger)
                                            }
                                            try? await Task.sleep(
                                                until: min(end, .now + .milliseconds(.random(in: 1_000...12_000))),
                                                clock: .continuous)
                                            writing.cancel()
                                            try await writing.value
                                        }
                                    }
                                }
                                tasks.addTask {
                                    while ContinuousClock.now < end - .seconds(2) {
                                        try await Task.sleep(for: .milliseconds(.random(in: 500...2_500)))
                                        try await disturb(logFixture.log.streamName)
                                    }
                                }
                                try await tasks.waitForAll()
                            }
                            // What writers had sent when they were cut off may be stored a little later.
                            try await settled {
                                var head = Offset.beginning
                                while try await fixture.log.frontier() != head {
                                    head = try await fixture.log.frontier()
                                    try await Task.sleep(for: .seconds(2))
                                }
                            }
                            try await settled { try await fixture.untilApplied() }
                        }
                        try await check(fixture, ledger)
                    }
                }
            }
        }

        /// Tries again while the servers come to themselves.
        private static func settled<Value>(_ body: () async throws -> Value) async throws -> Value {
            let deadline = ContinuousClock.now + .seconds(90)
            while true {
                do {
                    return try await body()
                } catch let error as EventLogError where error.isRetriable && ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }

        private static func check(_ fixture: EngineTests.Fixture, _ ledger: Ledger) async throws {
            let applied = try await ProjectionAdministration(fixture.context()).list().map(\.offset)
            let all = try await settled {
                let head = try await fixture.log.frontier()
                let events = Mutex<[RecordedEvent]>([])
                try await fixture.log.forEachEvent(after: .beginning, through: head) { event in
                    events.withLock { $0.append(event) }
                }
                return events.withLock { $0 }
            }
            #expect(all.map(\.position) == Array(1...Int64(all.count)))
            #expect(applied == [Int64(all.count)])
            let byID = Dictionary(grouping: all, by: \.id)
            #expect(byID.count == all.count, "an id is there twice")
            // What was acknowledged is there, once, where it was said to be.
            let acknowledged = ledger.all
            #expect(acknowledged.count > 100)
            for entry in acknowledged {
                let event = byID[entry.id]?.first
                #expect(event?.stream == entry.stream && event?.version == entry.version)
            }
            for (_, events) in Dictionary(grouping: all, by: \.stream) {
                #expect(events.map(\.version) == Array(0..<Int64(events.count)))
            }
            // No append is there by half.
            for (_, events) in Dictionary(grouping: all, by: \.correlationID) {
                #expect(events.first?.causationID == "\(events.count)")
                #expect(events.last?.position == events.first.map { $0.position + Int64(events.count) - 1 })
            }
            var sums: [String: EngineTests.Balance] = [:]
            for event in all {
                let id = event.stream.id
                var balance = sums[id] ?? EngineTests.Balance(id: id)
                balance.entries += 1
                balance.amount += try JSONDecoder().decode(EngineTests.Paid.self, from: Data(event.data)).amount
                sums[id] = balance
            }
            try await fixture.expect(sums)
        }

        @Test("on one server, which is killed and shut down again and again", arguments: [20, 2])
        func onOneServer(streams: Int) async throws {
            try await withNATSServer(.jetStream) { server in
                try await Self.stress([server.url], streams: streams) { _ in
                    try await server.restart(killing: Bool.random()) { _ in }
                }
            }
        }

        @Test(
            "on three servers: leaders and others are killed and shut down, or cut off from the rest",
            arguments: [20, 2])
        func onACluster(streams: Int) async throws {
            try await withNATSCluster(isPartable: true) { cluster in
                try await Self.stress(cluster.urls, streams: streams) { stream in
                    guard let leader = try await cluster.leader(ofStream: stream) else { return }
                    let server = Int.random(in: 0..<4) > 0 ? leader : cluster.servers.randomElement() ?? leader
                    switch Int.random(in: 0..<3) {
                    case 0:
                        cluster.cutOff(server, silently: Bool.random())
                        try await Task.sleep(for: .milliseconds(.random(in: 1_000...6_000)))
                        cluster.mend()
                    case let kind:
                        if kind == 1 { await server.kill() } else { await server.terminate() }
                        try await Task.sleep(for: .milliseconds(.random(in: 100...4_000)))
                        try await server.start()
                    }
                    try await cluster.waitUntilCurrent(stream: stream)
                }
            }
        }
    }
#endif
