import Hindsight
import HindsightPostgres
import Synchronization
import Testing

/// Many appenders that are slow, roll back, lose their connection or have their server process ended, and a reader that
/// follows all the time.
@Suite("Appending under stress", .timeLimit(.minutes(3)))
struct AppendStressTests {
    private struct Abandoned: Error {}

    /// Set once, by whoever knows that all appenders are done.
    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }
        func set() { value.store(true, ordering: .sequentiallyConsistent) }
    }

    private static let appenders = 14
    private static let eventsEach = 300

    /// Appends one after the other until all are stored; each has one fate or another on its way.
    private func appender(_ number: Int, _ fixture: LogFixture, _ log: PostgresEventLog) async throws {
        var generator = SystemRandomNumberGenerator()
        var done = 0
        while done < Self.eventsEach {
            let events = (0..<Int.random(in: 1...4, using: &generator)).map {
                LogFixture.event(number * 10_000 + done + $0)
            }
            let stream = StreamName(category: "s", id: Int.random(in: 0..<25, using: &generator))
            let second = StreamName(category: "t", id: Int.random(in: 0..<25, using: &generator))
            let delay = Double.random(in: 0...0.004, using: &generator)
            do {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<4:
                    // Groups, which also meet streams that are busy.
                    try await withThrowingTaskGroup { tasks in
                        for event in events { tasks.addTask { try await log.append(event, to: stream) } }
                        try await tasks.waitForAll()
                    }
                case 4:
                    try await log.append([StreamAppend(stream, events), StreamAppend(second, [LogFixture.event(-1)])])
                case 5..<7:
                    try await log.withTransaction { session in
                        try log.append(events, to: stream, in: &session)
                        try session.execute("select pg_sleep(\(delay))")
                    }
                case 7:
                    try await log.withTransaction { session in
                        do {
                            try session.withSavepoint { session in
                                try log.append([LogFixture.event(-2)], to: stream, in: &session)
                                try session.execute("select pg_sleep(\(delay))")
                                throw Abandoned()
                            }
                        } catch is Abandoned {}
                        try log.append(events, to: stream, in: &session)
                    }
                case 8:
                    try await log.withTransaction { session in
                        try log.append(events, to: stream, in: &session)
                        try session.execute("select pg_sleep(\(delay))")
                        throw Abandoned()
                    }
                default:
                    // The connection breaks with the append still open.
                    try await log.withTransaction { session in
                        try log.append(events, to: stream, in: &session)
                        try session.execute("select pg_terminate_backend(pg_backend_pid())")
                    }
                }
                done += events.count
            } catch is Abandoned {
                continue
            } catch let error as EventLogError where error.code == .contention {
                continue
            } catch is PostgresError {
                // Its process was ended, or it was part of a deadlock.
                continue
            }
        }
    }

    @Test("the reader sees exactly what was committed, each once, in order")
    func stress() async throws {
        try await LogFixture.withLog(settings: ["deadlock_timeout": "20ms"]) { fixture in
            try await fixture.withAnotherLog(maximumConnections: 10) { other in
                let appendersEnded = Flag()
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask {
                        defer { appendersEnded.set() }
                        try await withThrowingTaskGroup { appenders in
                            for number in 0..<Self.appenders {
                                appenders.addTask {
                                    try await appender(number, fixture, number % 2 == 0 ? fixture.log : other)
                                }
                            }
                            try await appenders.waitForAll()
                        }
                    }
                    tasks.addTask {
                        // Ends the process of some appender, again and again.
                        try await fixture.withAnotherLog(maximumConnections: 1) { log in
                            while !appendersEnded.isSet {
                                try await log.pool.withSession { session in
                                    try session.execute(
                                        """
                                        select pg_terminate_backend(pid) from (
                                            select l.pid from pg_locks l where l.locktype = 'advisory' and l.pid <> pg_backend_pid()
                                                and l.database = (select oid from pg_database where datname = current_database())
                                            order by random() limit 1) victim
                                        """)
                                    try session.execute("select pg_sleep(0.05)")
                                }
                            }
                        }
                    }
                    try await fixture.withAnotherLog(maximumConnections: 1) { log in
                        var reader = LogReader(log, limit: 100)
                        var wanting = LogReader(log, filter: .category("s"), limit: 7)
                        while !appendersEnded.isSet {
                            try await reader.readOnce()
                            try await wanting.readOnce()
                        }
                        try await tasks.waitForAll()
                        try await eventually("no append is open any more") { try await !reader.readAll().isHeld }
                        try await wanting.readAll()
                        let stored = try await log.pool.withSession { session in
                            try session.query(
                                "select position, stream, version from hindsight.events order by position"
                            ).map {
                                (
                                    try $0.decode(0, as: Int64.self), try $0.decode(1, as: String.self),
                                    try $0.decode(2, as: Int64.self)
                                )
                            }
                        }
                        #expect(reader.positions == stored.map(\.0))
                        #expect(wanting.positions == stored.filter { $0.1.hasPrefix("s-") }.map(\.0))
                        #expect(stored.count > 2_000)
                        for (stream, events) in Dictionary(grouping: stored, by: \.1) {
                            #expect(events.map(\.2) == (0..<Int64(events.count)).map { $0 }, "versions of \(stream)")
                        }
                    }
                }
            }
        }
    }
}
