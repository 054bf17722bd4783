import Hindsight
import HindsightPostgres
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
                try await #require(throws: PostgresError.self) {
                    try await fixture.log.append(LogFixture.event(1), to: StreamName(long))
                },
                try await #require(throws: PostgresError.self) { try await fixture.log.append(type, to: "a-1") },
            ] {
                #expect(error.sqlState == "23514")
            }
            #expect(try await fixture.storedCount() == 0)
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
