import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Offsets that are kept elsewhere, and a log whose server crashes or is put back.
@Suite("Crashes and rewinds", .timeLimit(.minutes(3)))
struct FrontierCrashTests {
    /// The pool needs a moment until it notices that its connections are gone.
    private func retrying<Value>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 0..<100 {
            do {
                return try await body()
            } catch let error as PostgresError where error.isRetriable {
                continue
            }
        }
        return try await body()
    }

    /// Nothing but a commit that waits for it brings the server's write-ahead log to the disk.
    private static let lazy = ["wal_writer_delay": "10s", "autovacuum": "off", "checkpoint_timeout": "1h"]

    @Test("an offset in another server survives a crash of the log's server")
    func crash() async throws {
        let server = try await PrivateTestCluster.start(settings: Self.lazy)
        try await LogFixture.withLog(conninfo: server.conninfo, settings: ["synchronous_commit": "off"]) { fixture in
            let log = fixture.log
            var reader = LogReader(log)
            var stored: [NewEvent] = []
            for round in 0..<4 {
                for number in 0..<10 {
                    let event = LogFixture.event(round * 100 + number)
                    switch number % 3 {
                    case 0:
                        try await log.append(event, to: "a-1")
                        stored.append(event)
                    case 1:
                        let pair = [event, LogFixture.event(round * 100 + 50 + number)]
                        try await log.append(pair, to: "a-2")
                        stored += pair
                    default:
                        try await log.withTransaction { session in
                            let setting = try session.query("show synchronous_commit")[0].decode(0, as: String.self)
                            try log.append([event], to: "a-3", in: &session)
                            let raised = try session.query("show synchronous_commit")[0].decode(0, as: String.self)
                            #expect(setting == "off" && raised == "local")
                        }
                        stored.append(event)
                    }
                }
                try await reader.readAll()
                // An append that draws more positions than the sequence logs ahead, and is lost with them.
                let lost = try await OpenTransaction.begin(in: fixture.pool)
                try await lost.run { session in
                    try log.append((0..<200).map { LogFixture.event($0) }, to: "lost-1", in: &session)
                }
                try await reader.readAll()
                #expect(reader.seen.map(\.id) == stored.map(\.id))
                try await server.restart(immediate: true)
                await #expect(throws: PostgresError.self) { try await lost.commit() }

                try await retrying { try await log.verify(reader.offset) }
                let next = LogFixture.event(round * 100 + 99)
                let result = try await retrying { try await log.append(next, to: "a-1") }
                stored.append(next)
                #expect(result.position > reader.offset.position)
                try await reader.readAll()
                #expect(reader.seen.map(\.id) == stored.map(\.id))
            }
            let fresh = try await log.read(after: .beginning, limit: 10_000)
            #expect(fresh.events == reader.seen)
        }
        try await server.stop()
    }

    @Test("a prepared append holds readers across a crash")
    func preparedAcrossACrash() async throws {
        let server = try await PrivateTestCluster.start(settings: Self.lazy)
        try await LogFixture.withLog(conninfo: server.conninfo) { fixture in
            let log = fixture.log
            let first = try await log.append(LogFixture.event(1), to: "a-1")
            try await fixture.pool.withSession { session in
                try session.script("begin")
                try log.append([LogFixture.event(2)], to: "prepared-1", in: &session)
                try session.script("prepare transaction 'held'")
            }
            try await log.append(LogFixture.event(3), to: "a-1")
            try await server.restart(immediate: true)
            var reader = LogReader(log)
            let batch = try await retrying { try await reader.readAll() }
            #expect(reader.positions == [first.position] && batch.isHeld)
            try await log.append(LogFixture.event(4), to: "a-1")
            try await reader.readAll()
            #expect(reader.seen.count == 1)
            try await fixture.script("commit prepared 'held'")
            try await reader.readAll()
            #expect(reader.seen.map(\.data) == (1...4).map { LogFixture.event($0).data })
        }
        try await server.stop()
    }

    private func expectMismatch(_ offset: Offset, _ log: PostgresEventLog, containing words: String) async throws {
        let error = try await #require(throws: EventLogError.self) { try await log.verify(offset) }
        #expect(error.code == .anchorMismatch)
        #expect(error.description.contains(words) && error.description.contains("\(offset.position)"))
    }

    @Test("a log that was rewound or replaced shows itself by its anchor")
    func rewound() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append((0..<5).map { LogFixture.event($0) }, to: "a-1")
            let offset = try await log.frontier()
            try await log.verify(offset)
            try await log.verify(.beginning)
            try await fixture.script("delete from hindsight.events where version >= 2")
            try await expectMismatch(offset, log, containing: "no event")
            // The log goes on as if nothing had been: other events at the same positions.
            try await fixture.script(
                "select setval('hindsight.positions', (select max(position) from hindsight.events))")
            let others = (0..<5).map { LogFixture.event($0) }
            try await log.append(others, to: "a-1", expected: .exact(1))
            try await expectMismatch(offset, log, containing: others[2].id.uuidString.lowercased())
            try await fixture.script("truncate hindsight.events")
            try await expectMismatch(offset, log, containing: "no event")
        }
    }

    @Test("a sequence that stands behind its events is refused, not used")
    func sequenceBehindItsEvents() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.log.append((0..<5).map { LogFixture.event($0) }, to: "a-1")
            for reset in ["alter sequence hindsight.positions restart", "select setval('hindsight.positions', 3)"] {
                try await fixture.script(reset)
                try await fixture.withAnotherLog { log in
                    let error = try await #require(throws: EventLogError.self) {
                        try await log.read(after: .beginning, limit: 1)
                    }
                    #expect(error.code == .unusableLog && error.description.contains("setval"))
                }
            }
            try await fixture.script(
                "select setval('hindsight.positions', (select max(position) from hindsight.events))")
            try await fixture.withAnotherLog { log in
                let found = try await log.read(after: .beginning, limit: 10)
                #expect(found.events.count == 5)
            }
        }
    }
}
