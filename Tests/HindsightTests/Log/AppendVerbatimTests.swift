import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("What is appended is what is read", .timeLimit(.minutes(2)))
struct AppendVerbatimTests {
    static let texts: [String] = [
        " { \"a\" :\t1 ,\r\n  \"b\" : [ ] } ", "null", " \"\" ", "[]", "true", "0",
        #"{"nul":"\u0000","pair":"\ud83d\ude00","slash":"\/","tab":"\t"}"#,
        #"{"huge":123456789012345678901234567890.123456789012345678901234567890,"exponent":1E+400,"minus":-0.0}"#,
        #"{"same":1,"same":2,"b":0,"a":0}"#, "{\"\u{e9}\":\"e\u{301} \u{1f600} \u{2028}\"}", #"{"z":1.10,"y":1e0}"#,
    ]

    private static func events() -> [NewEvent] {
        texts.enumerated().flatMap { number, text in
            [
                NewEvent(
                    type: "Typ \u{1f4e6} '\"\\", schemaVersion: Int(Int32.max) - number, data: Array(text.utf8),
                    occurredAt: Timestamp(microsecondsSince1970: -62_135_596_800_000_000 + Int64(number)),
                    recordedAt: Timestamp(microsecondsSince1970: 253_402_300_799_999_999 - Int64(number)),
                    correlationID: "trace \u{e9}'\"\\", causationID: "", metadata: Array(text.utf8)),
                NewEvent(type: "Plain", data: Array(text.utf8)),
            ]
        }
    }

    private func expectSame(_ found: [RecordedEvent], _ events: [NewEvent], _ stream: StreamName) {
        #expect(found.count == events.count)
        for (found, event) in zip(found, events) {
            #expect(found.stream == stream)
            #expect(found.id == event.id)
            #expect(Array(found.type.utf8) == Array(event.type.utf8))
            #expect(found.schemaVersion == event.schemaVersion)
            #expect(found.data == event.data)
            #expect(found.metadata == event.metadata)
            #expect(found.occurredAt == event.occurredAt)
            #expect(found.correlationID == event.correlationID)
            #expect(found.causationID == event.causationID)
            if let recordedAt = event.recordedAt { #expect(found.recordedAt == recordedAt) }
        }
    }

    @Test("every field and every byte comes back, by each way in and each way out")
    func roundTrip() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let stream: StreamName = "Str\u{e9}am '\"\\ \u{1f600}-\u{301}"
            var all: [NewEvent] = []
            for event in Self.events() {
                try await log.append(event, to: stream)
                all.append(event)
            }
            let batch = Self.events()
            try await log.append(batch, to: stream)
            let joined = Self.events()
            try await log.withTransaction { session in
                for event in joined { try log.append([event], to: stream, in: &session) }
            }
            let imported = Self.events()
            try await log.append(inOrder: imported.map { StreamEvent(stream, $0) })
            all += batch + joined + imported

            let byStream = try await log.readStream(stream)
            expectSame(byStream, all, stream)
            let short = try await log.read(after: .beginning, limit: 499)
            #expect(short.events == byStream)
            // A known frontier and a high limit: the events come by COPY.
            let copied = try await log.read(after: .beginning, through: short.frontier, filter: .all, limit: 10_000)
            #expect(copied.events == byStream)
            #expect(try await log.readBackward(limit: 1_000) == byStream.reversed())
            #expect(try await log.events(withIDs: all.reversed().map(\.id)) == byStream)
        }
    }

    @Test func anEventIsRecordedNowUnlessItSaysOtherwise() async throws {
        try await LogFixture.withLog { fixture in
            func serverTime() async throws -> Timestamp {
                try await fixture.pool.withSession { try $0.query("select clock_timestamp()")[0].decode(0) }
            }
            let before = try await serverTime()
            try await fixture.log.append(LogFixture.event(1), to: "a-1")
            try await fixture.log.append([LogFixture.event(2), LogFixture.event(3)], to: "a-1")
            let after = try await serverTime()
            let recorded = try await fixture.log.readStream("a-1").map(\.recordedAt)
            #expect(recorded.allSatisfy { before <= $0 && $0 <= after })
            #expect(recorded == recorded.sorted())
        }
    }

    static let notJSON: [[UInt8]] =
        [
            "", " ", "{", #"{"a":}"#, "nul", "'a'", "[1,]", "{a:1}", #"{"a":1} x"#, "01", #""\x""#, "\"a\nb\"",
            #""\u12""#,
        ].map { Array($0.utf8) } + [[0x22, 0xff, 0x22], [0x22, 0x00, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]

    @Test("what is not JSON is an error and changes nothing", arguments: notJSON)
    func malformed(_ bytes: [UInt8]) async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let good = LogFixture.event(0)
            let bad = [NewEvent(type: "Bad", data: bytes), NewEvent(type: "Bad", data: good.data, metadata: bytes)]
            for event in bad {
                await #expect(throws: PostgresError.self) { try await log.append(event, to: "a-1") }
                await #expect(throws: PostgresError.self) { try await log.append([good, event], to: "a-1") }
                await #expect(throws: PostgresError.self) {
                    try await log.append([StreamAppend("b-1", [good]), StreamAppend("a-1", [event])])
                }
                await #expect(throws: PostgresError.self) {
                    try await log.append(inOrder: [StreamEvent("b-1", good), StreamEvent("a-1", event)])
                }
            }
            let stored = try await fixture.storedCount()
            #expect(stored == 0)
            #expect(try await log.append(good, to: "a-1", expected: .noStream).version == 0)
            #expect(try await log.frontier().anchor == good.id)
        }
    }
}
