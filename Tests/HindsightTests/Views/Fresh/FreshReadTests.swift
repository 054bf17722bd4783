import Hindsight
import HindsightPostgres
import Testing

@Suite("Reads as fresh as needed", .serialized, .timeLimit(.minutes(3)))
struct FreshReadTests {
    /// An engine that stores offsets only with rows, or for those who wait.
    private static var lazy: EngineConfiguration {
        var configuration = Bank.impatient
        configuration.idleCommitInterval = .seconds(36_000)
        return configuration
    }

    /// Views whose readers wait long for an engine.
    private func patientViews(_ pool: PostgresPool) -> Views {
        var configuration = EngineConfiguration()
        configuration.leaseDuration = .seconds(600)
        return Views(pool: pool, configuration: configuration)
    }

    private func error(_ body: () async throws -> Void) async throws -> FreshReadError {
        try await #require(throws: FreshReadError.self) { try await body() }
    }

    @Test("A read after an append sees it, by row, rows, count and free SQL, and says what it reflects")
    func afterAppend() async throws {
        try await Bank.open { bank in
            let views = Views(pool: bank.views)
            let engine = bank.engine(Account.projection(), Meter.projection(), Journal.projection())
            try await engine.prepare()
            try await bank.running(engine) { _ in
                for number in 1...50 {
                    let append = try await bank.append(Bank.Deposited(amount: 1), to: "\(number % 5)")
                    let position = append.position
                    switch number % 4 {
                    case 0:
                        let reading = try await views.row(Meter.self, "all", atLeast: position, timeout: .seconds(60))
                        #expect(reading.value == Meter(id: "all", count: number, last: position))
                        #expect(reading.position == position)
                    case 1:
                        let reading = try await views.fetch(Account.query, atLeast: position, timeout: .seconds(60))
                        #expect(reading.rows.map(\.entries).reduce(0, +) == number)
                        #expect(reading.position == position)
                    case 2:
                        #expect(try await views.count(Meter.query, atLeast: position, timeout: .seconds(60)).value == 1)
                    default:
                        let reading = try await views.query(
                            """
                            select (select sum(entries)::bigint from account), (select count from meter),
                                (select count(*) from journal)
                            """, of: ["account", "meter", "journal"], atLeast: position, timeout: .seconds(60))
                        #expect(reading.position == position)
                        for column in 0..<3 { #expect(try reading.rows[0].decode(column, as: Int.self) == number) }
                    }
                }
            }
            // What is there needs no engine.
            let head = try await bank.log.frontier().position
            #expect(try await views.count(Account.query, atLeast: head).position == head)
            let reading = try await views.count(Account.query, atLeast: 0, timeout: .zero)
            #expect(reading.value == 5 && reading.position == head)
            #expect(views.waitingReads == 0)
        }
    }

    @Test("An event that the view does not want is waited for no longer than any other")
    func unwanted() async throws {
        try await Bank.open { bank in
            let views = Views(pool: bank.views)
            let engine = bank.engine(Account.projection(), configuration: Self.lazy)
            try await engine.prepare()
            try await bank.running(engine) { _ in
                for _ in 1...20 {
                    try await bank.appendNoise(1)
                    let head = try await bank.log.frontier().position
                    #expect(try await views.count(Account.query, atLeast: head, timeout: .seconds(60)).value == 0)
                }
                // The engine has come there before anybody waits.
                try await bank.appendNoise(1)
                let head = try await bank.log.frontier().position
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.untilApplied("account")
                try await bank.appendNoise(1)
                _ = try await views.count(Account.query, atLeast: head + 2, timeout: .seconds(60))
            }
        }
    }

    @Test("A timeout names the lag and who works on it, and the log's end if it is lower")
    func timeout() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            let views = Views(pool: bank.views, configuration: .init(), log: bank.log)
            let engine = bank.engine(Meter.projection { if $0.position >= 2 { gate.pass() } })
            try await bank.running(engine) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.untilApplied("meter")
                let append = try await bank.append(Bank.Deposited(amount: 1), to: "1")
                let late = try await error {
                    _ = try await views.count(Meter.query, atLeast: append.position, timeout: .milliseconds(150))
                }
                #expect(late.code == .timedOut && late.isRetriable)
                #expect(late.position == 1 && late.requested == 2)
                #expect(
                    late.description.hasPrefix(
                        """
                        projection "meter" has not come to position 2 within 0.15 seconds: it stands at 1 of 2, 1 position before that, \
                        and \(Bank.impatient.node) works on it
                        """), "\(late)")
                let beyond = try await error {
                    _ = try await views.row(Meter.self, "all", atLeast: 1_000, timeout: .milliseconds(150))
                }
                #expect(beyond.code == .timedOut)
                #expect(beyond.description.contains("the log itself ends at 2"), "\(beyond)")
                let atOnce = try await error {
                    _ = try await views.count(Meter.query, atLeast: 2, timeout: .zero)
                }
                #expect(atOnce.code == .timedOut)
                gate.open()
                #expect(try await views.count(Meter.query, atLeast: 2, timeout: .seconds(60)).position == 2)
            }
            #expect(views.waitingReads == 0)
        }
    }

    @Test("A stop is an error at once, for those who come and those who wait")
    func stopped() async throws {
        try await Bank.open { bank in
            let views = Views(pool: bank.views)
            let gate = Gate()
            defer { gate.open() }
            let engine = bank.engine(
                Meter.projection {
                    guard $0.position >= 2 else { return }
                    gate.pass()
                    throw Bank.Refusal()
                })
            try await bank.running(engine) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.untilApplied("meter")
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                async let waiting = error {
                    _ = try await views.count(Meter.query, atLeast: 2, timeout: .seconds(600))
                }
                try await Bank.until("it waits") { views.waitingReads == 1 }
                gate.open()
                for stop in [
                    try await waiting,
                    try await error {
                        _ = try await views.query(
                            "select 1", of: ["meter"], atLeast: 2, timeout: .seconds(600))
                    },
                ] {
                    #expect(stop.code == .stopped && !stop.isRetriable && stop.position == 1)
                    #expect(stop.description.contains("it stopped at position 2: the vault is jammed"), "\(stop)")
                }
                #expect(try await views.count(Meter.query, atLeast: 1).value == 1, "what it has is there")
            }
        }
    }

    @Test("A view that nobody has worked on for a lease is an error at once; before that it is waited for")
    func abandoned() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Meter.projection()).runUntilCaughtUp()
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            var configuration = EngineConfiguration()
            configuration.leaseDuration = .milliseconds(300)
            let views = Views(pool: bank.views, configuration: configuration)
            let brief = try await error {
                _ = try await views.count(Meter.query, atLeast: 2, timeout: .milliseconds(100))
            }
            #expect(brief.code == .timedOut)
            #expect(brief.description.contains("no process works on it"), "\(brief)")
            for _ in 1...2 {
                let error = try await error {
                    _ = try await views.count(Meter.query, atLeast: 2, timeout: .seconds(600))
                }
                #expect(error.code == .notWorkedOn && error.isRetriable, "\(error)")
            }
            // An engine that starts is noticed, by a reader who still has patience.
            let later = patientViews(bank.views)
            let reading = Task { try await later.count(Meter.query, atLeast: 2, timeout: .seconds(60)) }
            try await bank.running(bank.engine(Meter.projection())) { _ in
                let position = try await reading.value.position
                #expect(position == 2)
            }
        }
    }

    @Test("A name that nothing shows is an error at once")
    func unknown() async throws {
        try await Bank.open { bank in
            let views = Views(pool: bank.views)
            let typed = try await error {
                _ = try await views.count(Meter.query, atLeast: 1, timeout: .seconds(600))
            }
            #expect(typed.code == .notShown && typed.projection == "meter")
            try await bank.script("create table meter (id text primary key, count bigint, last bigint)")
            let table = try await error {
                _ = try await views.count(Meter.query, atLeast: 1, timeout: .seconds(600))
            }
            #expect(table.code == .notShown)
            let free = try await error {
                _ = try await views.query("select 1", of: ["nothing"], atLeast: 0, timeout: .seconds(600))
            }
            #expect(free.code == .notShown && free.projection == "nothing")
        }
    }

    @Test("A cancelled read ends at once and leaves nothing behind; the others wait on")
    func cancelling() async throws {
        try await Bank.open { bank in
            let views = patientViews(bank.views)
            try await bank.engine(Meter.projection()).prepare()
            let tasks = (0..<10).map { _ in
                Task { try await views.count(Meter.query, atLeast: 1, timeout: .seconds(600)) }
            }
            try await Bank.until("all wait") { views.waitingReads == 10 }
            // The one that looks for all of them is among these.
            for task in tasks.dropLast() {
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(views.waitingReads == 1)
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.running(bank.engine(Meter.projection())) { _ in
                let position = try await tasks[9].value.position
                #expect(position == 1)
            }
            #expect(views.waitingReads == 0)
        }
    }

    @Test("A thousand waiters hold no connection, and each has its own rows")
    func many() async throws {
        try await Bank.open { bank in
            let pool = PostgresPool(
                configuration: bank.viewsDatabase, maximumConnections: 2, logger: LogFixture.logger)
            let views = patientViews(pool)
            try await bank.engine(Meter.projection()).prepare()
            try await withThrowingTaskGroup(of: Meter.Sample.self) { tasks in
                for number in 0..<1_000 {
                    tasks.addTask {
                        let wanted = Int64(number / 10 + 1)
                        let reading = try await views.row(Meter.self, "all", atLeast: wanted, timeout: .seconds(120))
                        #expect(reading.position >= wanted)
                        return .init(position: reading.position, count: reading.value?.count ?? 0)
                    }
                }
                try await Bank.until("all wait") { views.waitingReads == 1_000 }
                // The pool is free for others meanwhile.
                #expect(try await views.count(Meter.query, atLeast: 0).value == 0)
                var samples: [Meter.Sample] = []
                try await bank.running(bank.engine(Meter.projection())) { _ in
                    for _ in 1...100 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
                    for try await sample in tasks { samples.append(sample) }
                }
                #expect(samples.count == 1_000)
                try await Meter.expectTrue(samples, in: bank)
            }
            await pool.close()
        }
    }

    @Test("An engine that shuts down leaves the waiting to look for themselves, and the next engine serves them")
    func drain() async throws {
        try await Bank.open { bank in
            let views = patientViews(bank.views)
            try await bank.running(bank.engine(Meter.projection())) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.untilApplied("meter")
            }
            let gate = Gate()
            defer { gate.open() }
            let engine = RunningEngine(bank.engine(Meter.projection { _ in gate.pass() }))
            let reading = Task { try await views.row(Meter.self, "all", atLeast: 2, timeout: .seconds(120)) }
            try await Bank.until("it waits") { views.waitingReads == 1 }
            await engine.beginShutDown()
            gate.open()
            try await engine.shutDown()
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.running(bank.engine(Meter.projection())) { _ in
                let row = try await reading.value.value
                #expect(row == Meter(id: "all", count: 2, last: 2))
            }
        }
    }
}
