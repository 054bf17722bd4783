#if NATS
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import Subprocess
    import Testing

    #if canImport(System)
        import System
    #else
        import SystemPackage
    #endif

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif

    /// A thousand events for a reader in a process of its own, which ends in order a hundred times and is killed a hundred times: when a
    /// message has come, before its transaction commits, after that, behind its ack, or at any time, also while it starts. Some events
    /// are appended again with their ids. `HINDSIGHT_RESTART_SEED` repeats the plan of a run that failed.
    @Suite("A thousand events, a hundred restarts and a hundred kills", .timeLimit(.minutes(5)))
    struct RestartExperimentTests {
        private static let eventsForEachLife = 5
        private static let seed = ProcessInfo.processInfo.environment["HINDSIGHT_RESTART_SEED"].flatMap { UInt64($0) }

        @Test("E1 E3 P3 P6 P7 S1 S4 D.9 D.10 39: with a place of its own, 1 to N once and in order")
        func withAPlaceOfItsOwn() async throws {
            try await experiment([.subscription]) { fixture, name, total, seed in
                let offset = try await fixture.pool.withSession { session in
                    try session.query(
                        "select position, applied from hindsight.offsets where kind = 'subscription' and name = \(name)"
                    ).map { [try $0.decode(0, as: Int64.self), try $0.decode(1, as: Int64.self)] }
                }
                #expect(offset == [[total, total]], seed)
            }
        }

        @Test("E1 E2 E3 P5 P6 P7 S1 S3 S4 D.9 D.10 D.11 39: durable with one in flight, 1 to N once and in order")
        func withADurableConsumer() async throws {
            try await experiment([.iteration, .handler, .fetch]) { fixture, name, total, seed in
                let info = try await JetStream(fixture.log.client).consumerInfo(name, on: fixture.log.streamName)
                #expect(info.acknowledged.streamSequence == UInt64(total), seed)
                #expect(info.unacknowledged == 0 && info.pending == 0, seed)
                #expect(info.delivered.consumerSequence > UInt64(total), "no message came again; \(seed)")
            }
        }

        private func experiment(
            _ ways: [ReaderTask.Way],
            _ check: (EngineTests.Fixture, String, Int64, Comment) async throws -> Void
        ) async throws {
            let plan = RestartPlan(seed: Self.seed ?? .random(in: 0 ... .max), ways: ways)
            let seed = Comment(rawValue: "the plan of HINDSIGHT_RESTART_SEED=\(plan.seed)")
            let total = Int64((plan.lives.count + 1) * Self.eventsForEachLife)
            try await EngineTests.withFixture { fixture in
                try await prepare(fixture)
                let experiment = Experiment(
                    fixture: fixture, server: try await NATSTestServer.shared().url, name: "reader")
                for (number, life) in plan.lives.enumerated() {
                    let first = number * Self.eventsForEachLife + 1
                    // They come while it starts and reads.
                    async let appending: Void = experiment.append(
                        first..<(first + Self.eventsForEachLife), repeating: number % 3 == 0)
                    let end = try await experiment.live(life, until: first + Self.eventsForEachLife - 1)
                    try await appending
                    try #require(
                        end.status == (life.signal == SIGKILL ? .signaled(SIGKILL) : .exited(0)),
                        "life \(number + 1) of \(seed): \(life)\n\(end.error)")
                }
                try await experiment.append(Int(total) - Self.eventsForEachLife + 1..<Int(total) + 1, repeating: true)
                let end = try await experiment.liveToTheEnd(total, plan.lives[0].way)
                #expect(end.status == .exited(0), "\(end.error)")
                #expect(try await experiment.handled() == (1...total).map { [$0, $0] }, seed)
                #expect(try await experiment.attempts() > total, "no transaction was broken off; \(seed)")
                try await check(fixture, experiment.name, total, seed)
            }
        }

        private func prepare(_ fixture: EngineTests.Fixture) async throws {
            try await fixture.pool.withSession {
                try $0.script(
                    """
                    create table handled (nth serial primary key, position bigint, number bigint);
                    create table place (position bigint);
                    insert into place values (0);
                    """)
            }
            var configuration = ConsumerConfiguration.durable("reader")
            configuration.maximumUnacknowledged = 1
            // A message that a reader had when it was killed comes again after that.
            configuration.acknowledgementWait = .milliseconds(150)
            _ = try await JetStream(fixture.log.client).createConsumer(configuration, on: fixture.log.streamName)
        }

        /// The log, the table, and readers one after the other.
        private struct Experiment: Sendable {
            struct End {
                var status: TerminationStatus
                var error: String
            }

            let fixture: EngineTests.Fixture
            let server: String
            let name: String

            func append(_ numbers: Range<Int>, repeating: Bool) async throws {
                for number in numbers {
                    let event = NewEvent(type: "Counted", data: Array("\(number)".utf8))
                    for _ in 0..<(repeating ? 2 : 1) {
                        let result = try await fixture.log.append(
                            [event], to: StreamName(category: "counter", id: "\(number % 7)"))
                        #expect(result.position == Int64(number))
                    }
                }
            }

            /// The positions and the numbers in the order in which they were handled.
            func handled() async throws -> [[Int64]] {
                try await fixture.pool.withSession { session in
                    try session.query("select position, number from handled order by nth").map {
                        [try $0.decode(0), try $0.decode(1)]
                    }
                }
            }

            /// How often an event was written into the table, with those that were rolled back.
            func attempts() async throws -> Int64 {
                try await fixture.pool.withSession { session in
                    try session.query("select last_value from handled_nth_seq")[0].decode(0)
                }
            }

            /// Starts a reader and has it end.
            ///
            /// - Parameter last: The position of the last event that is there, or will be soon.
            func live(_ life: RestartPlan.Life, until last: Int) async throws -> End {
                guard let moment = life.moment else {
                    return try await run(task(life.way, stops: life.stops), ending: (life.signal, life.delay))
                }
                // What the one before it had in its hands when it was killed may still be committing.
                let left = last - (try await handled().count) - 1
                return try await run(
                    task(
                        life.way, stops: life.stops,
                        interruption: .init(
                            signal: life.signal, moment: moment, message: 1 + (life.message - 1) % max(left, 1))))
            }

            /// Has a reader read what is left.
            func liveToTheEnd(_ total: Int64, _ way: ReaderTask.Way) async throws -> End {
                try await run(task(way, last: total))
            }

            private func task(
                _ way: ReaderTask.Way, stops: Bool = false, interruption: ReaderTask.Interruption? = nil,
                last: Int64? = nil
            ) -> ReaderTask {
                ReaderTask(
                    way: way, server: server, stream: fixture.log.streamName, database: fixture.database.conninfo,
                    name: name, stops: stops, interruption: interruption, last: last)
            }

            private func run(_ task: ReaderTask, ending: (signal: Int32, delay: Duration)? = nil) async throws -> End {
                let result = try await Subprocess.run(
                    .path(BuiltPrograms.folder.appending("reader-app")), arguments: [try task.argument],
                    input: .inputWriter, output: .sequence, error: .string(limit: 1 << 20)
                ) { execution in
                    let hanging = Task {
                        try await Task.sleep(for: .seconds(60))  // a time limit, not a wait
                        try execution.send(signal: .terminalClosed)
                    }
                    defer { hanging.cancel() }
                    if let ending, ending.signal == SIGKILL {
                        try await Task.sleep(for: ending.delay)
                        try execution.send(signal: .kill)
                    }
                    for try await line in execution.standardOutput.strings() {
                        // Before it is ready, SIGTERM would end it without any order.
                        guard let ending, ending.signal == SIGTERM, line == ReaderTask.readyLine else { continue }
                        try await Task.sleep(for: ending.delay)
                        try execution.send(signal: .terminate)
                    }
                    try await execution.standardInputWriter.finish()
                }
                return End(status: result.terminationStatus, error: result.standardError)
            }
        }
    }
#endif
