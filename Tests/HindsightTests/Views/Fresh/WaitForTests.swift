import Hindsight
import HindsightPostgres
import Testing

@Suite("wait_for() in SQL", .serialized, .timeLimit(.minutes(3)))
struct WaitForTests {
    private func waitFor(_ name: String, _ position: Int64, _ timeout: String, _ pool: PostgresPool) async throws
        -> Int64
    {
        try await pool.withSession { session in
            try session.query("select hindsight.wait_for(\(name), \(position), \(timeout)::text::interval)")[0].decode(
                0)
        }
    }

    private func refusal(_ body: () async throws -> Void) async throws -> PostgresError {
        try await #require(throws: PostgresError.self) { try await body() }
    }

    @Test("It returns when the view is there, with its position; the next statement sees the rows")
    func waits() async throws {
        try await Bank.open { bank in
            let engine = bank.engine(Meter.projection())
            try await engine.prepare()
            try await bank.running(engine) { _ in
                for number in 1...20 {
                    let append = try await bank.append(Bank.Deposited(amount: 1), to: "1")
                    #expect(try await waitFor("meter", append.position, "60 s", bank.views) == append.position)
                    #expect(try await bank.value("select count from meter") as Int == number)
                }
            }
        }
    }

    @Test("In a transaction that is read committed, too; not in one with a snapshot of its own")
    func isolation() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let transaction = try await OpenTransaction.begin(in: bank.views, .readCommitted)
            try await bank.engine(Meter.projection()).runUntilCaughtUp()
            let reached = try await transaction.run { session in
                try session.query("select hindsight.wait_for('meter', 1)")[0].decode(0, as: Int64.self)
            }
            #expect(reached == 1)
            try await transaction.commit()
            for options in [TransactionOptions.repeatableRead, .serializable] {
                let error = try await refusal {
                    _ = try await bank.views.withTransaction(options) { session in
                        try session.execute("select hindsight.wait_for('meter', 1)")
                    }
                }
                #expect(error.sqlState == "25001", "\(error)")
                #expect(error.message.contains("read committed"))
            }
        }
    }

    @Test("A timeout names the lag; a stop and an unknown name are errors at once")
    func refusals() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Meter.projection()).runUntilCaughtUp()
            let late = try await refusal { _ = try await waitFor("meter", 5, "100 ms", bank.views) }
            #expect(late.sqlState == "HS003")
            #expect(
                late.message.contains("it stands at 1, 4 positions before that, and no process works on it"), "\(late)")
            let unknown = try await refusal { _ = try await waitFor("nothing", 0, "600 s", bank.views) }
            #expect(unknown.sqlState == "42P01")
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let engine = bank.engine(Meter.projection { if $0.position > 1 { throw Bank.Refusal() } })
            try await bank.running(engine) { _ in
                _ = try await bank.untilStopped("meter")
                let stop = try await refusal { _ = try await waitFor("meter", 2, "600 s", bank.views) }
                #expect(stop.sqlState == "HS002")
                #expect(stop.message.contains("stopped at position 2: the vault is jammed"), "\(stop)")
            }
        }
    }

    @Test("A role that reads may call it, and read as fresh as it needs")
    func role() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Meter.projection()).runUntilCaughtUp()
            try await bank.fixture.withRole { role, conninfo in
                let quoted = PostgresIdentifier(role)
                try await bank.views.withTransaction { session in
                    try session.execute("set local search_path = hindsight")
                    try session.execute("select grant_read(\(quoted.quoted)::text::regrole)")
                    try session.execute("grant select on public.meter to \(identifier: quoted)")
                }
                let pool = PostgresPool(configuration: PostgresConfiguration(conninfo), logger: LogFixture.logger)
                #expect(try await waitFor("meter", 1, "5 s", pool) == 1)
                let views = Views(pool: pool)
                #expect(try await views.row(Meter.self, "all", atLeast: 1, timeout: .seconds(60)).value?.count == 1)
                #expect(
                    try await views.query("select count from meter", of: ["meter"], atLeast: 1, timeout: .seconds(60))
                        .rows[0].decode(0) == 1)
                let late = try await #require(throws: FreshReadError.self) {
                    _ = try await views.count(Meter.query, atLeast: 2, timeout: .milliseconds(100))
                }
                #expect(late.code == .timedOut)
                await pool.close()
            }
        }
    }
}
