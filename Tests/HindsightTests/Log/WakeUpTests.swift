import Hindsight
import HindsightPostgres
import Testing

@Suite("Waking readers", .timeLimit(.minutes(2)))
struct WakeUpTests {
    /// The server processes that listen to some channel.
    private func listeners(_ fixture: LogFixture) async throws -> [Int32] {
        try await fixture.pool.withSession { session in
            try session.query(
                """
                select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                    and query ilike 'listen %'
                """
            ).map { try $0.decode(0) }
        }
    }

    /// A process that reads as well tells others a moment later, and tells them all.
    @Test(arguments: [false, true])
    func anAppendOfAnotherProcessWakesAReader(readsItself: Bool) async throws {
        try await LogFixture.withLog { fixture in
            let own = readsItself ? fixture.log.changes() : nil
            try await fixture.withAnotherLog({ $0.pollInterval = .seconds(36_000) }) { reader in
                let changes = reader.changes()
                try await eventually("all listen") { try await listeners(fixture).count == (readsItself ? 2 : 1) }
                // Listening itself is a wake-up; wait for that one first.
                await changes.wait(after: 0)
                for number in 0..<20 {
                    let seen = changes.generation
                    let result = try await fixture.log.append(LogFixture.event(number), to: "a-1")
                    await changes.wait(after: seen)
                    let batch = try await reader.read(after: .beginning, limit: 100)
                    #expect(batch.frontier.position == result.position)
                }
            }
            if let own { #expect(own.generation >= 20) }
        }
    }

    @Test func anAppendWithinATransactionWakesAReaderAfterItsCommit() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog({ $0.pollInterval = .seconds(36_000) }) { reader in
                let changes = reader.changes()
                try await eventually("the reader listens") { try await !listeners(fixture).isEmpty }
                await changes.wait(after: 0)
                let seen = changes.generation
                _ = try await fixture.log.withTransaction { session in
                    try fixture.log.append([LogFixture.event(1)], to: "a-1", in: &session)
                }
                await changes.wait(after: seen)
                #expect(try await reader.read(after: .beginning, limit: 10).events.count == 1)
            }
        }
    }

    @Test func anAppendOfTheSameObjectWakesItsReadersAtOnce() async throws {
        try await LogFixture.withLog { fixture in
            let changes = fixture.log.changes()
            let seen = changes.generation
            try await fixture.log.append(LogFixture.event(1), to: "a-1")
            // Before the append returned, so there is nothing to wait for.
            #expect(changes.generation > seen)
        }
    }

    @Test func aLogIsNotWokenByItsNeighbourInTheDatabase() async throws {
        try await LogFixture.withLog { fixture in
            let channels: [String] = try await fixture.pool.withSession { session in
                try session.query("select 'hindsight_' || hindsight.log_class()").map { try $0.decode(0) }
            }
            var configuration = PostgresEventLog.Configuration()
            configuration.schema = "second"
            try await LogFixture.withLog(conninfo: fixture.database.conninfo, configuration: configuration) { second in
                let others: [String] = try await second.pool.withSession { session in
                    try session.query("select 'hindsight_' || second.log_class()").map { try $0.decode(0) }
                }
                #expect(channels != others)
            }
        }
    }

    @Test func withoutNotificationsThePollFindsEvents() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog({ $0.pollInterval = .milliseconds(20) }) { reader in
                let changes = reader.changes()
                for number in 1...3 {
                    var listening: [Int32] = []
                    try await eventually("the reader listens") {
                        listening = try await listeners(fixture)
                        return !listening.isEmpty
                    }
                    for processID in listening {
                        try await fixture.pool.withSession {
                            try $0.execute("select pg_terminate_backend(\(processID))")
                        }
                    }
                    // Nobody is told of this one: it does not come from a log object.
                    try await fixture.pool.withTransaction { session in
                        _ = try fixture.log.append([LogFixture.event(number)], to: "a-1", in: &session)
                    }
                    try await eventually("the reader finds the event") {
                        await changes.wait(after: changes.generation)
                        return try await reader.read(after: .beginning, limit: 10).events.count == number
                    }
                }
            }
        }
    }

    @Test func aReaderListensAgainAfterItLostItsConnection() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog({ $0.pollInterval = .milliseconds(20) }) { reader in
                let changes = reader.changes()
                var first: [Int32] = []
                try await eventually("the reader listens") {
                    first = try await listeners(fixture)
                    return !first.isEmpty
                }
                for processID in first {
                    try await fixture.pool.withSession { try $0.execute("select pg_terminate_backend(\(processID))") }
                }
                try await eventually("the reader listens again") {
                    let now = try await listeners(fixture)
                    return !now.isEmpty && Set(now).isDisjoint(with: first)
                }
                withExtendedLifetime(changes) {}
            }
        }
    }

    @Test func nobodyListensWhenTheLastReaderIsGone() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog(maximumConnections: 1) { reader in
                var holders = [reader.changes(), reader.changes()]
                try await eventually("the reader listens") { try await !listeners(fixture).isEmpty }
                holders.removeLast()
                #expect(try await listeners(fixture).count == 1)
                holders.removeLast()
                // The one connection goes back to the pool, where it serves others.
                let channels: Int = try await reader.pool.withSession {
                    try $0.query("select count(*) from pg_listening_channels()")[0].decode(0)
                }
                #expect(channels == 0)
                #expect(try await listeners(fixture).isEmpty)
            }
        }
    }

    @Test func aWaiterIsWokenByItsOwnCancellation() async throws {
        try await LogFixture.withLog(configuration: slowPoll()) { fixture in
            let changes = fixture.log.changes()
            let task = Task {
                while !Task.isCancelled { await changes.wait(after: changes.generation) }
            }
            task.cancel()
            await task.value
            await changes.wait(after: changes.generation &- 1)
            let late = changes.generation
            await changes.wait(after: late, atMost: .milliseconds(1))
        }
    }

    private func slowPoll() -> PostgresEventLog.Configuration {
        var configuration = PostgresEventLog.Configuration()
        configuration.pollInterval = .seconds(36_000)
        return configuration
    }
}
