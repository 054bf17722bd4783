import Hindsight
import HindsightPostgres
import Testing

@Suite("Fresh reads across processes", .serialized, .timeLimit(.minutes(3)))
struct FreshAcrossProcessesTests {
    /// How many processes say that they listen.
    private func listeners(_ bank: Bank) async throws -> Int {
        try await bank.value(
            """
            select count(*) from pg_locks l, hindsight.readers_key() k
            where l.locktype = 'advisory' and l.mode = 'ShareLock' and l.granted
                and l.classid::bigint = k >> 32 & 4294967295 and l.objid::bigint = k & 4294967295
                and l.database = (select oid from pg_database where datname = current_database())
            """)
    }

    /// Runs `body` while reads listen.
    private func serving<Value>(_ views: Views, _ body: () async throws -> Value) async throws -> Value {
        let service = Task { try await views.run() }
        do {
            let value = try await body()
            service.cancel()
            try await service.value
            return value
        } catch {
            service.cancel()
            _ = await service.result
            throw error
        }
    }

    @Test("A read in one process is woken by the commit of another one, and the lock says that it listens")
    func woken() async throws {
        try await Bank.open { bank in
            try await bank.running(bank.engine(Meter.projection())) { _ in
                try await bank.untilApplied("meter")
                try await bank.asProcess("reader") { other in
                    let views = Views(pool: other.views)
                    try await serving(views) {
                        for number in 1...50 {
                            let append = try await other.append(Bank.Deposited(amount: 1), to: "1")
                            let reading = try await views.row(
                                Meter.self, "all", atLeast: append.position, timeout: .seconds(60))
                            #expect(reading.value == Meter(id: "all", count: number, last: append.position))
                        }
                        // Somebody waited for longer than an interval, or the commits were always quicker.
                        let next = try await bank.log.frontier().position + 1
                        async let late = views.row(Meter.self, "all", atLeast: next, timeout: .seconds(60))
                        try await Bank.until("it listens") { try await listeners(bank) == 1 }
                        try await bank.append(Bank.Deposited(amount: 1), to: "1")
                        let count = try await late.value?.count
                        #expect(count == 51)
                    }
                    try await Bank.until("it no longer listens") { try await listeners(bank) == 0 }
                }
                // The engine's own process has no use for that.
                let append = try await bank.append(Bank.Deposited(amount: 1), to: "1")
                _ = try await Views(pool: bank.views).row(
                    Meter.self, "all", atLeast: append.position, timeout: .seconds(60))
                #expect(try await listeners(bank) == 0)
            }
        }
    }

    @Test("Commits are told only while somebody listens, after they are visible")
    func told() async throws {
        try await Bank.open { bank in
            let engine = bank.engine(Meter.projection(), Account.projection())
            try await bank.running(engine) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.untilApplied("meter")
                let channel: String = try await bank.value("select hindsight.readers_channel()")
                let connection = try await PostgresConnection.connect(bank.viewsDatabase, logger: LogFixture.logger)
                let notifications = try await connection.notifications(on: channel)
                for _ in 0..<5 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
                try await bank.untilApplied("meter")
                try await connection.withSession { _ = try $0.execute("select hindsight.announce_reader()") }
                let first = try await bank.append(Bank.Deposited(amount: 1), to: "1")
                var heard: Set<String> = []
                for try await notification in notifications {
                    heard.insert(notification.payload)
                    let visible: Int64 = try await bank.value("select max(last) from meter")
                    #expect(visible >= first.position)
                    if heard.count == 2 { break }
                }
                #expect(heard == ["1 \(first.position) meter", "1 \(first.position) account"])
                await connection.close()
            }
        }
    }

    @Test("Without notifications a read looks for itself")
    func polling() async throws {
        try await Bank.open { bank in
            let engine = bank.engine(Meter.projection())
            try await engine.prepare()
            try await bank.running(engine) { _ in
                try await bank.asProcess("reader") { other in
                    let views = Views(pool: other.views)
                    for number in 1...10 {
                        let append = try await other.append(Bank.Deposited(amount: 1), to: "1")
                        let reading = try await views.row(
                            Meter.self, "all", atLeast: append.position, timeout: .seconds(60))
                        #expect(reading.value?.count == number)
                    }
                    #expect(try await listeners(bank) == 0)
                }
            }
        }
    }

    @Test("A listener whose connection is cut costs time and nothing else, and listens again")
    func cut() async throws {
        try await Bank.open { bank in
            try await bank.running(bank.engine(Meter.projection())) { _ in
                try await bank.untilApplied("meter")
                try await bank.asProcess("reader") { other in
                    let views = Views(pool: other.views)
                    try await serving(views) {
                        for _ in 1...3 {
                            let next = try await bank.log.frontier().position + 1
                            async let reading = views.count(Meter.query, atLeast: next, timeout: .seconds(60))
                            try await Bank.until("it listens") { try await listeners(bank) == 1 }
                            try await bank.terminate("reader", where: "query not like '%hindsight.events%'")
                            try await bank.append(Bank.Deposited(amount: 1), to: "1")
                            // The read's own connection may have been among those that were cut.
                            do { _ = try await reading } catch let error as PostgresError where error.isRetriable {}
                        }
                    }
                }
            }
        }
    }

    @Test("An event that the view does not want reaches readers of other processes, too")
    func unwanted() async throws {
        try await Bank.open { bank in
            try await bank.running(bank.engine(Meter.projection())) { _ in
                try await bank.untilApplied("meter")
                try await bank.asProcess("reader") { other in
                    let views = Views(pool: other.views)
                    try await serving(views) {
                        for _ in 1...10 {
                            try await other.appendNoise(1)
                            let head = try await other.log.frontier().position
                            #expect(
                                try await views.count(Meter.query, atLeast: head, timeout: .seconds(60)).position
                                    >= head)
                        }
                    }
                }
            }
        }
    }
}
