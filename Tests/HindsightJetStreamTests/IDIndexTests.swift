#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import HindsightTesting
    import ServiceLifecycle
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("An index of ids in PostgreSQL for a log on JetStream", .serialized, .timeLimit(.minutes(5)))
    struct IDIndexTests {
        private func event(_ number: Int, id: UUID? = nil) -> NewEvent {
            NewEvent(type: "Counted", data: Array(#"{"n":\#(number)}"#.utf8), id: id)
        }

        /// Runs `body` with a log that has an index, whose servers forget ids after the window.
        private func withIndex(
            window: Duration = .seconds(12), connections: Int = 4,
            _ body: (LogFixture, PostgresPool) async throws -> Void
        ) async throws {
            try await EngineTests.withDatabase(connections: connections) { _, pool in
                try await LogFixture.withLog({
                    $0.idIndex = IDIndex(pool: pool)
                    $0.duplicateWindow = window
                    guard window < .seconds(60) else { return }
                    $0.appendTimeout = .seconds(2)
                    $0.answerTimeout = .seconds(2)
                }) { fixture in try await body(fixture, pool) }
            }
        }

        /// The same log without the index.
        private func withoutIndex(_ fixture: LogFixture) -> JetStreamEventLog {
            var configuration = fixture.log.configuration
            configuration.idIndex = nil
            return JetStreamEventLog(
                fixture.client, stream: fixture.log.streamName, configuration: configuration, logger: LogFixture.logger)
        }

        private func refusal(
            _ events: [NewEvent], to stream: StreamName, of log: JetStreamEventLog
        ) async throws -> EventLogError? {
            await #expect(throws: EventLogError.self) { try await log.append(events, to: stream, expected: .any) }
        }

        @Test("an id of another stream is refused beyond the window, also in a batch, whoever has stored it")
        func oldIDsOfOtherStreams() async throws {
            try await withIndex { fixture, _ in
                // By a program that knows nothing of the index.
                let known = [event(1), event(2, id: UUID())]
                for (number, event) in known.enumerated() {
                    try await withoutIndex(fixture).append(
                        [event], to: StreamName(category: "a", id: "\(number)"), expected: .any)
                }
                try await LogFixture(client: fixture.client, log: withoutIndex(fixture)).waitUntilIDsAreForgotten()
                let end = try await fixture.log.frontier().position
                for event in known {
                    let error = try await refusal([event], to: "b-1", of: fixture.log)
                    #expect(error?.code == .knownEvents && error?.eventIDs == [event.id])
                }
                let error = try await refusal([event(3), known[1], event(4)], to: "b-1", of: fixture.another())
                #expect(error?.code == .knownEvents && error?.eventIDs == [known[1].id])
                #expect(try await fixture.log.frontier().position == end)
                // In its own stream it is found as ever.
                let again = try await fixture.another().append([known[1]], to: "a-1", expected: .any)
                #expect(again.isDuplicate && again.position == 2)
                #expect(try await fixture.log.append([event(5)], to: "b-1").version == 0)
            }
        }

        @Test("events are found by their ids, those that were just stored as well")
        func byIDs() async throws {
            try await withIndex(window: .seconds(120)) { fixture, _ in
                let events = (0..<5).map { event($0) }
                for event in events { try await fixture.log.append([event], to: "a-1") }
                let found = try await fixture.another().events(withIDs: events.reversed().map(\.id) + [UUID()])
                #expect(found.map(\.id) == events.map(\.id) && found.map(\.position) == [1, 2, 3, 4, 5])
                #expect(!withoutIndex(fixture).abilities.contains(.eventsByID))
            }
        }

        @Test("new ids cost no statement, and others one if the index is young")
        func statements() async throws {
            try await withIndex(window: .seconds(600), connections: 1) { fixture, pool in
                let log = fixture.log
                let nothing = try await transactions(pool) {}
                let ofNewIDs = try await transactions(pool) {
                    for number in 0..<10 { try await log.append([event(number)], to: "a-1") }
                    try await log.append([event(10), event(11)], to: "a-2")
                }
                let ofOtherIDs = try await transactions(pool) {
                    for number in 0..<10 { try await log.append([event(number, id: UUID())], to: "b-1") }
                    try await log.append([event(10, id: UUID()), event(11, id: UUID())], to: "b-2")
                }
                #expect(ofNewIDs == nothing)
                #expect(ofOtherIDs == nothing + 11)
            }
        }

        /// How many transactions a database has had at least from one look to the next, in a few attempts: it counts those of its own
        /// upkeep, too.
        private func transactions(_ pool: PostgresPool, _ body: () async throws -> Void) async throws -> Int64 {
            var least = Int64.max
            for _ in 0..<5 { least = min(least, try await counted(pool, body)) }
            return least
        }

        private func counted(_ pool: PostgresPool, _ body: () async throws -> Void) async throws -> Int64 {
            func count() async throws -> Int64 {
                try await pool.withSession { session in
                    _ = try session.query("select pg_stat_force_next_flush()")
                    return try session.query(
                        "select xact_commit from pg_stat_database where datname = current_database()")[0].decode(0)
                }
            }
            let before = try await count()
            try await body()
            return try await count() - before
        }

        @Test("several processes fill it at once, and each id is there once")
        func fillingAtOnce() async throws {
            try await withIndex(window: .seconds(120)) { fixture, pool in
                let plain = withoutIndex(fixture)
                for number in 0..<25 {
                    try await plain.append((0..<1_000).map { event(number * 1_000 + $0) }, to: "a-1", expected: .any)
                }
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for _ in 0..<4 { tasks.addTask { try await fixture.another().prepare() } }
                    try await tasks.waitForAll()
                }
                let counts = try await pool.withSession { session in
                    let row = try session.query(
                        """
                        select (select count(*) from hindsight.event_ids), (select count(distinct position) from hindsight.event_ids),
                            (select position from hindsight.indexed_logs)
                        """)[0]
                    return [try row.decode(0, as: Int64.self), try row.decode(1), try row.decode(2)]
                }
                #expect(counts == [25_000, 25_000, 25_000])
            }
        }

        @Test("a program that runs the log keeps it filled")
        func keptFilled() async throws {
            try await withIndex { fixture, pool in
                let log = fixture.another()
                let group = ServiceGroup(
                    configuration: .init(services: [.init(service: log)], logger: LogFixture.logger))
                async let end: Void = group.run()
                try await withoutIndex(fixture).append([event(1), event(2)], to: "a-1", expected: .any)
                var indexed: Int64 = 0
                while indexed < 2 {
                    try await Task.sleep(for: .milliseconds(20))
                    indexed = try await pool.withSession { session in
                        try session.query("select count(*) from hindsight.event_ids")[0].decode(0)
                    }
                }
                await group.triggerGracefulShutdown()
                try await end
            }
        }

        @Test("without the database, appends of new ids go on, and others are refused in time")
        func withoutDatabase() async throws {
            try await LogFixture.withLog { fixture in
                let nowhere = PostgresPool(
                    configuration: PostgresConfiguration(
                        "host=127.0.0.1 port=1 user=nobody dbname=nowhere"),
                    maximumConnections: 1, logger: LogFixture.logger)
                var configuration = fixture.log.configuration
                configuration.idIndex = IDIndex(pool: nowhere)
                configuration.appendTimeout = .seconds(1)
                let log = JetStreamEventLog(
                    fixture.client, stream: fixture.log.streamName, configuration: configuration,
                    logger: LogFixture.logger)
                #expect(try await log.append([event(1)], to: "a-1").version == 0)
                let error = try await refusal([event(2, id: UUID())], to: "a-1", of: log)
                #expect(error?.code == .unavailable && error?.description.contains("index") == true)
                #expect(try await log.frontier().position == 1)
                await nowhere.close()
            }
        }

        @Test("the index of a log that was put back is refused, and filled anew once it was emptied")
        func putBack() async throws {
            try await withIndex(window: .seconds(120)) { fixture, pool in
                let events = (0..<6).map { event($0) }
                for event in events { try await fixture.log.append([event], to: "a-1") }
                try await fixture.log.prepare()
                try await fixture.putBack(to: 3)
                for number in 6..<10 { try await fixture.another().append([event(number)], to: "a-1") }
                let error = await #expect(throws: EventLogError.self) {
                    try await fixture.another().events(withIDs: events.map(\.id))
                }
                #expect(error?.code == .unusableLog)
                let identity = try await fixture.log.identity().uuidString.lowercased()
                let remedy = "select \"hindsight\".\"forget_ids\"('\(identity)')"
                #expect(error?.description.contains(remedy) == true, "\(String(describing: error))")
                try await pool.withSession { session in try session.script(remedy) }
                #expect(try await fixture.another().events(withIDs: events.map(\.id)).map(\.position) == [1, 2, 3])
            }
        }

        @Test("an event that the index has and a log that was put back has no more: the error names the remedy")
        func putBackAndShorter() async throws {
            try await withIndex(window: .seconds(120)) { fixture, _ in
                let events = (0..<6).map { event($0, id: UUID()) }
                for event in events { try await fixture.log.append([event], to: "a-1") }
                try await fixture.log.prepare()
                try await fixture.putBack(to: 3)
                // Found in an index that is young, which is not compared with the log otherwise.
                let error = try await refusal([events[5]], to: "b-1", of: fixture.another())
                #expect(error?.code == .unusableLog)
                #expect(error?.description.contains("forget_ids") == true, "\(String(describing: error))")
                #expect(try await fixture.another().frontier().position == 3)
            }
        }

        @Test("an index that says that it is complete at a time to come is filled, and says so no more")
        func clockThatWasPutBack() async throws {
            try await withIndex(window: .seconds(120)) { fixture, pool in
                let plain = withoutIndex(fixture)
                try await plain.append([event(1), event(2)], to: "a-1", expected: .any)
                try await pool.withSession { session in
                    try session.script(
                        "update hindsight.indexed_logs set complete_at = clock_timestamp() + interval '1 hour'")
                }
                try await fixture.another().append([event(3, id: UUID())], to: "b-1")
                let (count, isPast) = try await pool.withSession { session in
                    let row = try session.query(
                        """
                        select (select count(*) from hindsight.event_ids), complete_at <= clock_timestamp()
                        from hindsight.indexed_logs
                        """)[0]
                    return (try row.decode(0, as: Int64.self), try row.decode(1, as: Bool.self))
                }
                #expect(count == 2 && isPast)
            }
        }

        @Test("the time when the index was complete is none to come, and goes back with the clock")
        func completeAt() async throws {
            try await withIndex(window: .seconds(120)) { fixture, pool in
                let log = try await fixture.log.identity()
                /// Has the index say when it was complete; how many seconds ago that is by its own word.
                @Sendable func age(afterFillingAt time: String) async throws -> Double {
                    try await pool.withSession { session in
                        try session.script(
                            "select hindsight.index_ids('\(log.uuidString.lowercased())', 0, '{}', \(time))")
                        return try session.query(
                            """
                            select extract(epoch from clock_timestamp() - complete_at)::float8
                            from hindsight.indexed_logs
                            """)[0].decode(0)
                    }
                }
                let hour = "interval '1 hour'"
                #expect((0..<60).contains(try await age(afterFillingAt: "clock_timestamp() + \(hour)")))
                #expect((3_600..<3_660).contains(try await age(afterFillingAt: "clock_timestamp() - \(hour)")))
                #expect((3_600..<3_660).contains(try await age(afterFillingAt: "null")))
                let error = await #expect(throws: PostgresError.self) { try await age(afterFillingAt: "'-infinity'") }
                #expect(error?.sqlState == "23514")
            }
        }

        @Test("a database that is silent, or has no free connection, holds nobody for longer than an append may take")
        func silentDatabase() async throws {
            try await LogFixture.withLog({ $0.appendTimeout = .seconds(2) }) { fixture in
                try await TCPProxy.with(to: 1) { proxy in
                    proxy.silence()
                    var database = PostgresConfiguration("host=127.0.0.1 port=\(proxy.port) user=nobody dbname=nowhere")
                    database.connectTimeout = .seconds(600)
                    let pool = PostgresPool(
                        configuration: database, maximumConnections: 1, waitTimeout: .seconds(600),
                        logger: LogFixture.logger)
                    try await expectUnavailable(fixture, pool)
                    await pool.close()
                }
            }
            try await EngineTests.withDatabase { database, _ in
                let pool = PostgresPool(
                    configuration: database, maximumConnections: 1, waitTimeout: .seconds(600),
                    logger: LogFixture.logger)
                try await LogFixture.withLog({ $0.appendTimeout = .seconds(2) }) { fixture in
                    try await pool.withConnection { _ in try await expectUnavailable(fixture, pool) }
                }
                await pool.close()
            }
        }

        @Test("somebody's lock on the index holds nobody for longer than an append may take")
        func lockedIndex() async throws {
            try await EngineTests.withDatabase { _, pool in
                try await LogFixture.withLog({ $0.appendTimeout = .seconds(2) }) { fixture in
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        tasks.addTask {
                            // It ends with the error that it was cancelled.
                            _ = try? await pool.withTransaction { session in
                                try session.script("lock table hindsight.indexed_logs; select pg_sleep(600)")
                            }
                        }
                        let locks: SQL = """
                            select exists (select from pg_locks where relation = 'hindsight.indexed_logs'::regclass
                                and mode = 'AccessExclusiveLock' and granted)
                            """
                        var isLocked = false
                        while !isLocked {
                            isLocked = try await pool.withSession { try $0.query(locks)[0].decode(0) }
                        }
                        try await expectUnavailable(fixture, pool)
                        tasks.cancelAll()
                    }
                }
            }
        }

        /// Expects that an append that asks the index and a look for ids end long before the pool would give up, and store nothing.
        private func expectUnavailable(_ fixture: LogFixture, _ pool: PostgresPool) async throws {
            var configuration = fixture.log.configuration
            configuration.idIndex = IDIndex(pool: pool)
            let log = JetStreamEventLog(
                fixture.client, stream: fixture.log.streamName, configuration: configuration, logger: LogFixture.logger)
            let start = ContinuousClock.now
            let error = try await refusal([event(1, id: UUID())], to: "a-1", of: log)
            #expect(error?.code == .unavailable && error?.description.contains("index") == true)
            let lookError = await #expect(throws: EventLogError.self) { try await log.events(withIDs: [UUID()]) }
            #expect(lookError?.code == .unavailable)
            #expect(start.duration(to: .now) < .seconds(120))
            #expect(try await log.frontier().position == 0)
        }

        @Test("a leader that was cut off is not believed that an event is not there")
        func leaderThatWasCutOff() async throws {
            try await EngineTests.withDatabase { _, pool in
                try await withNATSCluster(isPartable: true) { cluster in
                    try await LogFixture.withClient(cluster.urls) { client in
                        let change: (inout JetStreamEventLog.Configuration) -> Void = {
                            $0.idIndex = IDIndex(pool: pool)
                            $0.appendTimeout = .seconds(2)
                        }
                        try await LogFixture.withLog(client, change) { fixture in
                            let stream = fixture.log.streamName
                            let leader = try await cluster.waitForLeader(ofStream: stream)
                            try await cluster.waitUntilCurrent(stream: stream)
                            try await LogFixture.withClient([leader.url]) { client in
                                let old = JetStreamEventLog(
                                    client, stream: stream, configuration: fixture.log.configuration,
                                    logger: LogFixture.logger)
                                #expect(try await old.events(withIDs: [UUID()]).isEmpty)
                                cluster.cutOff(leader)
                                try await waitUntilNobodyIsHeard(client, stream)
                                let error = await #expect(throws: EventLogError.self) {
                                    try await old.events(withIDs: [UUID()])
                                }
                                #expect(error?.code == .unavailable)
                                cluster.mend()
                            }
                        }
                    }
                }
            }
        }

        /// Waits until the leader that a client is connected to says that it has heard of nobody lately, or does not answer any more.
        private func waitUntilNobodyIsHeard(_ client: NATSClient, _ stream: String) async throws {
            while true {
                do throws(JetStreamError) {
                    let replicas = try await JetStream(client, timeout: .seconds(1), patience: .zero)
                        .streamInfo(stream).cluster?.replicas
                    if replicas?.allSatisfy({ $0.isOffline || $0.lastHeard > .seconds(5) }) ?? true { return }
                } catch {
                    guard error.isRetriable else { throw error }
                    return
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        @Test("a role needs grant_ids, and nothing more of the schema")
        func rights() async throws {
            try await withIndex(window: .seconds(120)) { fixture, pool in
                let role = "appender_\(UInt64.random(in: 0 ... .max))"
                try await pool.withSession { session in try session.script("create role \(role) login") }
                let asRole = PostgresPool(
                    configuration: PostgresConfiguration(pool.configuration.conninfo + " user='\(role)'"),
                    maximumConnections: 2, logger: LogFixture.logger)
                var configuration = fixture.log.configuration
                configuration.idIndex = IDIndex(pool: asRole)
                let log = JetStreamEventLog(
                    fixture.client, stream: fixture.log.streamName, configuration: configuration,
                    logger: LogFixture.logger)
                let error = await #expect(throws: EventLogError.self) { try await log.prepare() }
                #expect(error?.code == .notPermitted && error?.description.contains("grant_ids") == true)
                try await pool.withSession { session in
                    try session.script(
                        "set search_path = hindsight; select grant_ids('\(role)'::regrole); reset search_path")
                }
                try await log.prepare()
                try await log.append([event(1, id: UUID())], to: "a-1")
                #expect(try await log.append([event(2, id: UUID())], to: "a-1").version == 1)
                let stored = try await log.read(after: .beginning, limit: 10).events.map(\.id)
                #expect(try await log.events(withIDs: stored).map(\.position) == [1, 2])
                for change in [
                    "insert into hindsight.indexed_logs (log) values (gen_random_uuid())",
                    "update hindsight.indexed_logs set complete_at = 'infinity'", "delete from hindsight.indexed_logs",
                    "truncate hindsight.indexed_logs",
                    "insert into hindsight.event_ids values (gen_random_uuid(), gen_random_uuid(), 1)",
                    "update hindsight.event_ids set position = 1", "delete from hindsight.event_ids",
                    "truncate hindsight.event_ids", "select hindsight.forget_ids(gen_random_uuid())",
                    "select hindsight.grant_ids(current_user::regrole)",
                ] {
                    let refused = await #expect(throws: PostgresError.self, "\(change)") {
                        try await asRole.withSession { session in try session.script(change) }
                    }
                    #expect(refused?.sqlState == "42501", "\(change)")
                }
                await asRole.close()
                try await pool.withSession { session in
                    try session.script("drop owned by \(role); drop role \(role)")
                }
            }
        }

        @Test("a window that an append can outlast is refused")
        func shortWindow() async throws {
            let error = await #expect(throws: EventLogError.self) {
                // Half of it is as long as an append and one answer.
                try await withIndex(window: .seconds(8)) { _, _ in }
            }
            #expect(error?.code == .unusableLog && error?.description.contains("duplicate window") == true)
        }

        @Test("the log keeps the contract with it")
        func contract() async throws {
            try await EngineTests.withDatabase { _, pool in
                let report = await LogContract.check { body in
                    try await LogFixture.withLog({ $0.idIndex = IDIndex(pool: pool) }) { fixture in
                        try await body(
                            LogUnderTest(
                                log: fixture.log, peer: fixture.another(),
                                rewind: { position in try await fixture.putBack(to: position) }))
                    }
                }
                for problem in report.problems(excusing: ContractTests.excuses) { Issue.record("\(problem)") }
                #expect(report.passed.contains("idempotence: a known id in another stream is refused"))
            }
        }
    }
#endif
