import Hindsight
import HindsightMigrations
import HindsightPostgres
import HindsightSchema
import Testing

@Suite("Limits of an append", .timeLimit(.minutes(2)))
struct AppendLimitTests {
    private static var limits: EventLogLimits {
        var limits = EventLogLimits()
        limits.streamNameBytes = 8
        limits.typeNameBytes = 7
        limits.eventBytes = 20
        limits.metadataBytes = 10
        limits.batchEvents = 4
        limits.batchBytes = 50
        limits.batchStreams = 3
        return limits
    }

    private static func event(
        type: String = "T", schemaVersion: Int = 1, data: String = "1", metadata: String? = nil
    ) -> NewEvent {
        NewEvent(
            type: type, schemaVersion: schemaVersion, data: Array(data.utf8), metadata: metadata.map { Array($0.utf8) })
    }

    private static let refused: [(appends: [StreamAppend], words: String)] = {
        let one = event()
        let big = "\"12345678901234567\""  // 19 bytes
        return [
            ([], "1 to 3 streams, this one to 0"),
            (["a", "b", "c", "d"].map { StreamAppend(StreamName($0), [event()]) }, "1 to 3 streams, this one to 4"),
            ([StreamAppend("", [one])], "1 to 8 bytes, this one 0"),
            ([StreamAppend("\u{1f600}\u{1f600}x", [one])], "1 to 8 bytes, this one 9"),
            ([StreamAppend("a\0b", [one])], "zero byte"),
            ([StreamAppend("a", [])], "has no events"),
            ([StreamAppend("a", [one], expected: .exact(-1))], "expected version -1"),
            (
                [StreamAppend("a", [event()]), StreamAppend("b", [event()]), StreamAppend("a", [event()])],
                "\"a\" occurs twice"
            ),
            ([StreamAppend("a", [one, one])], "occurs twice"),
            ([StreamAppend("a", [one]), StreamAppend("b", [one])], "occurs twice"),
            ([StreamAppend("a", [event(type: "")])], "1 to 7 bytes"),
            ([StreamAppend("a", [event(type: "\u{1f600}\u{1f600}")])], "this one 8 bytes"),
            ([StreamAppend("a", [event(type: "T\0")])], "zero byte"),
            ([StreamAppend("a", [event(schemaVersion: 0)])], "schema version 0"),
            ([StreamAppend("a", [event(schemaVersion: 1 << 31)])], "schema version 2147483648"),
            ([StreamAppend("a", [event(data: "\"1234567890123456789\"")])], "at most 20 bytes, that of a T has 21"),
            ([StreamAppend("a", [event(metadata: "\"123456789\"")])], "metadata has at most 10 bytes"),
            ([StreamAppend("a", (0..<5).map { _ in event() })], "at most 4 events, this one 5"),
            (
                [StreamAppend("a", (0..<3).map { _ in event() }), StreamAppend("b", (0..<2).map { _ in event() })],
                "at most 4 events"
            ),
            (
                [StreamAppend("a", (0..<3).map { _ in event(data: big) })],
                "at most 50 bytes of data and metadata, this one 57"
            ),
        ]
    }()

    /// A log whose server does not exist: what is refused by a limit is refused without asking for a connection.
    private static func withUnreachableLog(_ body: (PostgresEventLog) async throws -> Void) async throws {
        let pool = PostgresPool(
            configuration: PostgresConfiguration("host=/nonexistent"), waitTimeout: .milliseconds(1),
            logger: LogFixture.logger)
        var configuration = PostgresEventLog.Configuration()
        configuration.limits = limits
        try await body(PostgresEventLog(pool: pool, configuration: configuration, logger: LogFixture.logger))
        await pool.close()
    }

    @Test("what exceeds a limit is refused with a reason before anything is sent", arguments: refused.indices)
    func refusedBeforeSending(_ index: Int) async throws {
        let (appends, words) = Self.refused[index]
        try await Self.withUnreachableLog { log in
            func check(_ append: () async throws -> Void) async throws {
                let error = try await #require(throws: EventLogError.self) { try await append() }
                #expect(error.code == .invalidAppend)
                #expect(error.message.contains(words), "\(error.message)")
            }
            try await check { try await log.append(appends) }
            if appends.count == 1 {
                try await check {
                    try await log.append(appends[0].events, to: appends[0].stream, expected: appends[0].expected)
                }
            }
        }
    }

    @Test func whatIsWithinTheLimitsIsSent() async throws {
        try await Self.withUnreachableLog { log in
            let name = StreamName("\u{1f600}\u{1f600}")
            let event = Self.event(
                type: "\u{1f600}123", schemaVersion: Int(Int32.max), data: "\"123456789012345678\"",
                metadata: "\"12345678\"")
            await #expect(throws: PostgresError.self) {
                try await log.append([
                    StreamAppend(name, [event, Self.event(), Self.event()]), StreamAppend("b", [Self.event()]),
                ])
            }
        }
    }

    @Test func anImportIsCheckedToo() async throws {
        try await Self.withUnreachableLog { log in
            let imports: [[StreamEvent]] = [
                [], (0..<5).map { _ in StreamEvent("a", Self.event()) },
                ["a", "b", "c", "d"].map { StreamEvent(StreamName($0), Self.event()) },
            ]
            for events in imports {
                let error = try await #require(throws: EventLogError.self) { try await log.append(inOrder: events) }
                #expect(error.code == .invalidAppend)
            }
        }
    }

    @Test func theLongestNamesAreStored() async throws {
        try await LogFixture.withLog { fixture in
            let stream = StreamName(String(repeating: "\u{1f600}", count: 128))
            let type = String(repeating: "\u{20ac}", count: 85) + "x"
            let events = (0..<3).map { NewEvent(type: type, data: LogFixture.event($0).data) }
            try await fixture.log.append(events[0], to: stream)
            try await fixture.log.append(Array(events[1...]), to: StreamName(stream.rawValue.dropLast() + "abcd"))
            #expect(try await fixture.log.readStream(stream).map(\.type) == [type])
            #expect(try await fixture.log.read(after: .beginning, filter: .types([type]), limit: 10).events.count == 3)
        }
    }

    @Test func theTablesOwnBoundsHoldWhenALogIsToldOthers() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.limits.streamNameBytes = 10_000
        configuration.limits.typeNameBytes = 10_000
        try await LogFixture.withLog(configuration: configuration) { fixture in
            let long = String(repeating: "a", count: 513)
            let type = NewEvent(type: String(repeating: "a", count: 257), data: [0x31])
            for error in [
                try await #require(throws: EventLogError.self) {
                    try await fixture.log.append(LogFixture.event(1), to: StreamName(long))
                },
                try await #require(throws: EventLogError.self) { try await fixture.log.append(type, to: "a-1") },
            ] {
                #expect(error.code == .invalidAppend && error.message.contains("bytes, this one"))
                #expect(error.underlying?.sqlState == "23514")
            }
            #expect(try await fixture.storedCount() == 0)
        }
    }

    /// A log that sends whatever it is given.
    private static func withoutLimits(_ body: (LogFixture) async throws -> Void) async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.limits.eventBytes = .max
        configuration.limits.metadataBytes = .max
        configuration.limits.correlationBytes = .max
        configuration.limits.batchEvents = .max
        configuration.limits.batchBytes = .max
        configuration.limits.batchStreams = .max
        try await LogFixture.withLog(configuration: configuration) { try await body($0) }
    }

    /// What a log without limits of its own must be refused by the database, each as a single event, and as one of two in a call.
    private static let tooLarge: [(event: NewEvent, words: String)] = [
        (
            NewEvent(type: "T", data: quoted(16 << 20)),
            "an event's data has at most 16777216 bytes, that of a T has 16777218"
        ),
        (
            NewEvent(type: "T", data: [0x31], metadata: quoted(64 << 10)),
            "an event's metadata has at most 65536 bytes, that of a T has 65538"
        ),
        (
            NewEvent(type: "T", data: [0x31], correlationID: String(repeating: "c", count: 1_025)),
            "a correlation or causation id has at most 1024 bytes, one of a T has 1025"
        ),
        (
            NewEvent(type: "T", data: [0x31], causationID: String(repeating: "\u{20ac}", count: 342)),
            "a correlation or causation id has at most 1024 bytes, one of a T has 1026"
        ),
    ]

    private static func quoted(_ count: Int) -> [UInt8] { [0x22] + [UInt8](repeating: 0x61, count: count) + [0x22] }

    @Test("What the database refuses is the same error as what the program refuses", arguments: 0..<4)
    func theDatabaseHasTheLimits(_ index: Int) async throws {
        try await Self.withoutLimits { fixture in
            let (event, words) = Self.tooLarge[index]
            for append in [[event], [LogFixture.event(1), event]] {
                let error = try await #require(throws: EventLogError.self) {
                    try await fixture.log.append(append, to: "a-1")
                }
                #expect(error.code == .invalidAppend && error.stream == "a-1" && !error.isRetriable)
                #expect(
                    error.message.hasPrefix(words + ": the database refuses that, whoever appends. set_append_limit()"))
            }
            #expect(try await fixture.storedCount() == 0)
        }
    }

    private func set(_ name: String, _ limit: Int64?, _ fixture: LogFixture) async throws {
        try await fixture.pool.withSession {
            _ = try $0.query("select hindsight.set_append_limit(\(name), \(limit))")
        }
    }

    @Test func theLimitsOfTheDatabaseAreThoseOfTheProgram() async throws {
        let limits = EventLogLimits()
        try await LogFixture.withLog { fixture in
            for (name, limit) in [
                ("event_bytes", limits.eventBytes), ("metadata_bytes", limits.metadataBytes),
                ("correlation_bytes", limits.correlationBytes), ("batch_events", limits.batchEvents),
                ("batch_bytes", limits.batchBytes), ("batch_streams", limits.batchStreams),
            ] {
                let stored: Int = try await fixture.pool.withSession {
                    try $0.query("select hindsight.append_limit(\(name))")[0].decode(0)
                }
                #expect(stored == limit, "\(name)")
            }
        }
    }

    @Test func theDatabaseHasTheLimitsOfAWholeAppend() async throws {
        try await Self.withoutLimits { fixture in
            let events = (0...20_000).map { _ in NewEvent(type: "T", data: [0x31]) }
            let many = try await #require(throws: EventLogError.self) {
                try await fixture.log.append(events, to: "a-1")
            }
            #expect(
                many.code == .invalidAppend
                    && many.message.hasPrefix("an append has at most 20000 events, this one 20001: "))
            let wide = try await #require(throws: EventLogError.self) {
                try await fixture.log.append(
                    (0...1_000).map { StreamAppend(StreamName(category: "a", id: $0), [events[$0]]) })
            }
            #expect(wide.message.hasPrefix("an append goes to 1 to 1000 streams, this one to 1001: "))
            try await set("batch_bytes", 1_000, fixture)
            let large = (0..<9).map { _ in NewEvent(type: "T", data: Self.quoted(118)) }
            let whole = try await #require(throws: EventLogError.self) {
                try await fixture.log.append(large, to: "a-1")
            }
            #expect(
                whole.message.hasPrefix("an append has at most 1000 bytes of data and metadata, this one 1080: "))
            // The array is larger than what is in it.
            try await fixture.log.append(Array(large[..<8]), to: "c-1")
            try await set("batch_bytes", 128 << 20, fixture)
            #expect(try await fixture.storedCount() == 8)
            // What is just within them.
            try await fixture.log.append(Array(events[..<20_000]), to: "a-1")
            try await fixture.log.append(
                NewEvent(type: "T", data: Self.quoted((16 << 20) - 2), metadata: Self.quoted((64 << 10) - 2)),
                to: "b-1")
            #expect(try await fixture.storedCount() == 20_009)
        }
    }

    @Test func aGroupIsNoLargerThanOneAppendMayBe() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.groupEvents = 5_000
        configuration.appendGroups = 1
        try await LogFixture.withLog(configuration: configuration) { fixture in
            try await withThrowingTaskGroup { tasks in
                for number in 0..<1_500 {
                    tasks.addTask {
                        _ = try await fixture.log.append(
                            LogFixture.event(number), to: StreamName(category: "a", id: number))
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await fixture.storedCount() == 1_500)
        }
    }

    @Test func theOwnerSetsTheLimitsOfTheDatabase() async throws {
        try await Self.withoutLimits { fixture in
            let event = NewEvent(type: "T", data: Self.quoted(100))
            // The sessions have a plan of the call with the former limit.
            try await fixture.log.append(event, to: "a-1")
            try await set("event_bytes", 50, fixture)
            try await set("batch_events", 2, fixture)
            let error = try await #require(throws: EventLogError.self) {
                try await fixture.log.append(NewEvent(type: "T", data: Self.quoted(100)), to: "a-1")
            }
            #expect(error.message.hasPrefix("an event's data has at most 50 bytes, that of a T has 102: "))
            #expect((error.underlying as? PostgresError)?.hint?.contains("set_append_limit()") ?? false)
            try await set("event_bytes", 110, fixture)
            try await fixture.log.append(NewEvent(type: "T", data: Self.quoted(105)), to: "a-1")
            // The other limit is as it was set.
            await #expect(throws: EventLogError.self) {
                try await fixture.log.append((0..<3).map { _ in NewEvent(type: "T", data: [0x31]) }, to: "a-1")
            }
            for (name, limit) in [("bytes", 5), ("event_bytes", 0), ("event_bytes", nil)] as [(String, Int64?)] {
                let error = try await #require(throws: PostgresError.self) { try await set(name, limit, fixture) }
                #expect(error.sqlState == "22023")
            }
        }
    }

    @Test("What was stored when a limit was higher is known when it is appended again, alone and in a batch")
    func knownBeyondTheLimits() async throws {
        try await Self.withoutLimits { fixture in
            let log = fixture.log
            let one = NewEvent(type: "T", data: Self.quoted(100), metadata: Self.quoted(100))
            let batch = (0..<3).map { _ in NewEvent(type: "T", data: Self.quoted(100)) }
            let wide = (0..<3).map {
                StreamAppend(StreamName(category: "c", id: $0), [NewEvent(type: "T", data: [0x31])])
            }
            try await log.append(one, to: "a-1")
            try await log.append(batch, to: "b-1")
            try await log.append(wide)
            for (name, limit) in [
                ("event_bytes", 50), ("metadata_bytes", 50), ("batch_events", 2), ("batch_bytes", 90),
                ("batch_streams", 2),
            ] { try await set(name, Int64(limit), fixture) }
            // As a single event, and by the functions for several.
            for expected in [ExpectedVersion.any, .noStream] {
                let again = try await log.append([one], to: "a-1", expected: expected)
                #expect(again.isDuplicate && again.version == 0)
                let batchAgain = try await log.append(batch, to: "b-1", expected: expected)
                #expect(batchAgain.isDuplicate && batchAgain.version == 2)
            }
            #expect(try await log.append([StreamAppend("a-1", [one])])[0].isDuplicate)
            #expect(try await log.append(wide).allSatisfy(\.isDuplicate))
            // With other content, it is the id that is wrong and not the size.
            let other = NewEvent(type: "U", data: Self.quoted(100), id: one.id)
            let known = try await #require(throws: EventLogError.self) { try await log.append(other, to: "a-1") }
            #expect(known.code == .knownEvents && known.eventIDs == [one.id])
            // What is new is refused as before, also beside what is known.
            let new = NewEvent(type: "T", data: Self.quoted(100))
            for events in [[new], [one, new], batch + [new]] {
                let error = try await #require(throws: EventLogError.self) {
                    try await log.append(events, to: "a-1")
                }
                #expect(error.code == .invalidAppend)
            }
            #expect(try await fixture.storedCount() == 7)
        }
    }

    /// The limit of an event's data that the database has.
    private func eventLimit(_ pool: PostgresPool) async throws -> Int {
        try await pool.withSession { try $0.query("select hindsight.append_limit('event_bytes')")[0].decode(0) }
    }

    /// A log that allows so much data in an event.
    private func log(_ pool: PostgresPool, eventBytes: Int) -> PostgresEventLog {
        var configuration = PostgresEventLog.Configuration()
        configuration.limits.eventBytes = eventBytes
        return PostgresEventLog(pool: pool, configuration: configuration, logger: LogFixture.logger)
    }

    @Test("The program that migrates raises the limits to its own, and lowers none", arguments: [0, 26, 27, 28])
    func raisedByTheProgram(migrated count: Int) async throws {
        try await MigrationDatabase.open { pool in
            let some = Array(Migration.all.prefix(count))
            try await Migrator(
                pool: pool, schema: "hindsight", parts: [.log], migrations: some, logger: LogFixture.logger
            ).migrate()
            var configuration = PostgresEventLog.Configuration()
            configuration.limits.eventBytes = 32 << 20
            configuration.limits.batchEvents = .max
            configuration.limits.metadataBytes = 10
            let large = PostgresEventLog(pool: pool, configuration: configuration, logger: LogFixture.logger)
            try await large.prepare()
            #expect(try await eventLimit(pool) == 32 << 20)
            try await large.append(NewEvent(type: "T", data: Self.quoted(20 << 20)), to: "a-1")
            for (name, limit) in [
                ("batch_events", 1_000_000_000), ("metadata_bytes", 64 << 10), ("batch_bytes", 128 << 20),
            ] {
                let stored: Int = try await pool.withSession {
                    try $0.query("select hindsight.append_limit(\(name))")[0].decode(0)
                }
                #expect(stored == limit, "\(name)")
            }
            // Another app on the log, with less, and one with more.
            try await log(pool, eventBytes: 16 << 20).prepare()
            #expect(try await eventLimit(pool) == 32 << 20)
            try await log(pool, eventBytes: 40 << 20).prepare()
            #expect(try await eventLimit(pool) == 40 << 20)
            // Somebody wants less to be stored than any program does by itself.
            try await pool.withSession { _ = try $0.query("select hindsight.set_append_limit('event_bytes', 1000)") }
            try await large.prepare()
            #expect(try await eventLimit(pool) == 1_000)
        }
    }

    @Test("A role that may not set a limit is told which is lower, but not of one that somebody has lowered")
    func raisedByNobody() async throws {
        try await LogFixture.withLog { fixture in
            let role = "appender_\(UInt64.random(in: 0 ... .max))"
            try await fixture.pool.withSession { session in
                try session.script("create role \(role) login")
                try session.script(
                    "set search_path = hindsight; select grant_append('\(role)'::regrole), grant_read('\(role)'::regrole)"
                )
            }
            try await set("metadata_bytes", 1_000, fixture)
            let names = Recorder<String>()
            try await MigrationDatabase.open(fixture.database.conninfo + " user='\(role)'") { pool in
                var configuration = PostgresEventLog.Configuration()
                configuration.limits.eventBytes = 32 << 20
                let log = PostgresEventLog(
                    pool: pool, configuration: configuration, logger: LimitRecorder.logger(into: names))
                try await log.prepare()
                try await log.append(LogFixture.event(1), to: "a-1")
            }
            #expect(names.all == ["event_bytes"])
            #expect(try await eventLimit(fixture.pool) == 16 << 20)
            try await fixture.pool.withSession { try $0.script("drop owned by \(role); drop role \(role)") }
        }
    }

    @Test("A program starts while somebody else sets a limit, and is told what it could not raise")
    func raisedByNobodyMeanwhile() async throws {
        try await LogFixture.withLog { fixture in
            let other = try await OpenTransaction.begin(in: fixture.pool)
            try await other.run { _ = try $0.query("select hindsight.set_append_limit('batch_events', 30000)") }
            let names = Recorder<String>()
            var configuration = PostgresEventLog.Configuration()
            configuration.limits.eventBytes = 32 << 20
            let log = PostgresEventLog(
                pool: fixture.pool, configuration: configuration, logger: LimitRecorder.logger(into: names))
            try await log.prepare()
            #expect(names.all == ["event_bytes"])
            #expect(try await eventLimit(fixture.pool) == 16 << 20)
            try await other.commit()
            try await log.prepare()
            #expect(names.all == ["event_bytes"])
            #expect(try await eventLimit(fixture.pool) == 32 << 20)
        }
    }

    @Test func whoHasNothingToRaiseTakesNoLock() async throws {
        try await LogFixture.withLog { fixture in
            try await set("event_bytes", 1_000, fixture)
            let locks: Int = try await fixture.pool.withTransaction(.readCommitted) { session in
                _ = try session.query(
                    "select hindsight.raise_append_limits('{event_bytes,batch_events}', '{2000,20000}', '{1500,20000}')"
                )
                return try session.query(
                    "select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'")[0].decode(0)
            }
            #expect(locks == 0)
        }
    }

    @Test func whoHasWaitedToSetALimitKeepsWhatTheOtherHasSet() async throws {
        try await LogFixture.withLog { fixture in
            let first = try await OpenTransaction.begin(in: fixture.pool)
            let second = try await OpenTransaction.begin(in: fixture.pool)
            // The session knows the limit as it was, and all functions that it needs to set one: it need not look into the catalog.
            try await second.run {
                try $0.script(
                    """
                    savepoint s; select hindsight.set_append_limit('event_bytes', 49); rollback to s;
                    select string_agg(
                            format(' when %L then %s', n, case n when 'x' then 5::bigint else hindsight.append_limit(n) end), ''),
                        pg_advisory_xact_lock(99), hashtextextended('x', hindsight.log_class()), array_position('{a}'::text[], 'a')
                    from unnest('{batch_events}'::text[]) n
                    """)
            }
            try await first.run { _ = try $0.query("select hindsight.set_append_limit('batch_events', 30000)") }
            async let set: Void = second.run {
                _ = try $0.query("select hindsight.set_append_limit('event_bytes', 50)")
            }
            try await fixture.untilWaitsForLock(second.processID)
            try await first.commit()
            try await set
            try await second.commit()
            #expect(try await eventLimit(fixture.pool) == 50)
            let events: Int = try await fixture.pool.withSession {
                try $0.query("select hindsight.append_limit('batch_events')")[0].decode(0)
            }
            #expect(events == 30_000)
        }
    }

    @Test(
        "A role that may only append does not get round the limits of a whole append by what it says of ids and streams"
    )
    func limitsOfAnyCall() async throws {
        try await LogFixture.withLog { fixture in
            let known = try await fixture.log.append(LogFixture.event(1), to: "a-1")
            let id: String = try await fixture.pool.withSession {
                try $0.query("select id::text from hindsight.events where position = \(known.position)")[0].decode(0)
            }
            try await set("batch_events", 2, fixture)
            try await set("batch_streams", 2, fixture)
            try await fixture.withRole { role, conninfo in
                try await fixture.pool.withSession {
                    try $0.script(
                        "set search_path = hindsight; select grant_append('\(PostgresIdentifier(role).quoted)'::regrole)"
                    )
                }
                try await MigrationDatabase.open(conninfo) { pool in
                    /// An append of so many events to the first of the streams.
                    func append(_ count: Int, ids: String, streams: String) async throws {
                        let error = try await #require(throws: PostgresError.self, "\(count), \(ids), \(streams)") {
                            try await pool.withSession {
                                try $0.script(
                                    """
                                    select hindsight.append(
                                        s.names, array_fill(null::bigint, array[cardinality(s.names)]), true,
                                        array_fill(1, array[n.n]), array(select generate_series(0, n.n - 1)), \(ids),
                                        array_fill('T'::text, array[n.n]), array_fill(1, array[n.n]),
                                        array_fill(now(), array[n.n]), array_fill(now(), array[n.n]),
                                        array_fill(null::text, array[n.n]), array_fill(null::text, array[n.n]),
                                        array_fill('1'::json, array[n.n]), array_fill(null::json, array[n.n]))
                                    from (values (\(count))) n (n), (values ('\(streams)'::text[])) s (names)
                                    """)
                            }
                        }
                        #expect(error.constraint == "append_limits", "\(count), \(ids), \(streams): \(error)")
                    }
                    for ids in ["'{}'", "null", "'{\(id)}'", "'{null,null,null}'"] {
                        try await append(3, ids: ids, streams: "{a-1}")
                    }
                    try await append(0, ids: "'{}'", streams: "{a-1,b-1,c-1}")
                    try await append(1, ids: "'{\(id)}'", streams: "{a-1,b-1,c-1}")
                }
            }
            #expect(try await fixture.storedCount() == 1)
        }
    }

    @Test("Who appends too much does not make others append one by one, and is told by which limit")
    func othersOfTheGroup() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.appendGroups = 1
        configuration.groupEvents = 50
        try await LogFixture.withLog(configuration: configuration) { fixture in
            try await set("event_bytes", 1_000, fixture)
            /// Appends 600 events at the same time, every 20th of which is too large: who was refused, and why.
            func appendAll(_ round: String) async throws -> [String] {
                try await withThrowingTaskGroup(of: String?.self) { tasks in
                    for number in 0..<600 {
                        let event =
                            number % 20 == 7 ? NewEvent(type: "T", data: Self.quoted(1_000)) : LogFixture.event(number)
                        tasks.addTask {
                            do throws(any Error) {
                                try await fixture.log.append(event, to: StreamName(category: round, id: number))
                                return nil
                            } catch let error as EventLogError where error.code == .invalidAppend {
                                return error.message
                            }
                        }
                    }
                    return try await tasks.reduce(into: []) { if let message = $1 { $0.append(message) } }
                }
            }
            let refused = try await appendAll("a")
            #expect(refused.count == 30)
            #expect(
                refused.allSatisfy {
                    $0.hasPrefix("an event's data has at most 1000 bytes, that of a T has 1002: the database")
                })
            // In groups of 50; one by one it would be nearly as many as there are events.
            #expect(try await transactions(fixture) < 200)
            // Once the limit is raised, it is none, whatever this process has heard of it.
            try await set("event_bytes", 2_000, fixture)
            #expect(try await appendAll("b").isEmpty)
            #expect(try await fixture.storedCount() == 570 + 600)
        }
    }

    @Test("Groups keep to the limits of the database, once it has refused one")
    func groupsOfTheDatabase() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.appendGroups = 1
        configuration.groupEvents = 50
        try await LogFixture.withLog(configuration: configuration) { fixture in
            try await set("batch_events", 10, fixture)
            try await withThrowingTaskGroup { tasks in
                for number in 0..<600 {
                    tasks.addTask {
                        _ = try await fixture.log.append(
                            LogFixture.event(number), to: StreamName(category: "a", id: number))
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await fixture.storedCount() == 600)
            #expect(try await transactions(fixture) < 300)
        }
    }

    /// How many transactions have stored the events.
    private func transactions(_ fixture: LogFixture) async throws -> Int {
        try await fixture.pool.withSession {
            try $0.query("select count(distinct xmin::text) from hindsight.events")[0].decode(0)
        }
    }

    @Test func aZeroByteInACorrelationIsAnErrorAndChangesNothing() async throws {
        try await LogFixture.withLog { fixture in
            let event = NewEvent(type: "T", data: [0x31], correlationID: "a\0b")
            await #expect(throws: (any Error).self) { try await fixture.log.append(event, to: "a-1") }
            let stored = try await fixture.storedCount()
            #expect(stored == 0)
        }
    }
}
