import Hindsight
import HindsightPostgres
import Testing

/// Why a row looks so: its events, and the row between them.
@Suite("The history of a row", .timeLimit(.minutes(3)))
struct RowHistoryTests {
    private struct WholeLogWasRead: Error {}

    private func administration(
        _ bank: Bank, _ projections: any Projection..., log: (any EventLog)? = nil, pool: PostgresPool? = nil
    ) -> ProjectionAdministration {
        ProjectionAdministration(
            ProjectionContext(
                log: log ?? bank.log, pool: pool ?? bank.views, projections: projections, events: Bank.registry,
                logger: LogFixture.logger))
    }

    @Test("Each step has the row before and after its event, by the stream and by a scan alike")
    func steps() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), Bank.Withdrawn(amount: 2), to: "7")
            try await bank.append(Bank.Deposited(amount: 100), to: "8")
            try await bank.append(Bank.Closed(), to: "7")
            try await bank.appendNoise(5)
            try await bank.append(Bank.Deposited(amount: 1), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let byStream = administration(
                bank, Account.byStream(), log: MeddledLog(bank.log, beforeRange: { _ in throw WholeLogWasRead() }))
            let streamed = try await byStream.explain("account", key: ["7"])
            let scanned = try await administration(bank, Account.projection()).explain("account", key: ["7"])
            #expect(streamed == scanned)
            #expect(scanned.columns == ["id", "entries", "balance", "last_position"])
            #expect(scanned.steps.map(\.event.type) == ["Deposited", "Withdrawn", "Closed", "Deposited"])
            #expect(scanned.steps.map(\.event.data.count) == [12, 12, 2, 12])
            #expect(
                scanned.steps.map(\.after) == [
                    ["7", "1", "5", "1"], ["7", "2", "3", "2"], nil, ["7", "1", "1", "10"],
                ])
            #expect(scanned.steps.map(\.before) == [nil] + scanned.steps.dropLast().map(\.after))
            #expect(scanned.steps.map(\.changes) == [[0, 1, 2, 3], [1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]])
            #expect(scanned.row == ["7", "1", "1", "10"] && scanned.position == 10)
            #expect(scanned.comparison == .same && scanned.failure == nil && scanned.stop == nil)

            await #expect(throws: WholeLogWasRead.self) {
                try await administration(
                    bank, Account.projection(),
                    log: MeddledLog(bank.log, beforeRange: { _ in throw WholeLogWasRead() })
                ).explain("account", key: ["7"])
            }
            let none = try await byStream.explain("account", key: ["nobody"])
            #expect(none.row == nil && none.stepCount == 0 && none.comparison == .same)
        }
    }

    @Test("Each row is what it was at a position, for every position")
    func atEachPosition() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(120)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let administration = administration(bank, Account.byStream())
            for position: Int64 in [1, 17, 60, 119, 120, 121, 500] {
                let explanation = try await administration.explain("account", key: ["7"], at: position)
                let expected: String? = try await bank.views.withSession { session in
                    try session.query(
                        """
                        select entries || ' ' || balance || ' ' || last_position
                        from (\(unsafeSQL: Account.recount(through: position))) r where id = '7'
                        """
                    ).first?.decode(0)
                }
                #expect(explanation.row.map { $0.dropFirst().map { $0 ?? "" }.joined(separator: " ") } == expected)
                #expect(explanation.position == min(position, 120))
                #expect(explanation.comparison == (position < 120 ? .notCompared(.otherPosition(120)) : .same))
            }
        }
    }

    @Test("All rows of a view are the stored ones: compound keys, null values, several rows an event")
    func allRows() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(400)
            try await bank.append(Bank.Deposited(amount: 1), to: "7")
            try await bank.engine(Turnover.projection(), Peer.projection(), AllColumns.projection).runUntilCaughtUp()
            let administration = administration(
                bank, Turnover.projection(), Peer.projection(), AllColumns.projection)
            for kind in ["Deposited", "Withdrawn"] {
                for digit in 0..<10 {
                    let why = try await administration.explain("turnover", key: [kind, "\(digit)"])
                    #expect(why.comparison == .same && why.row != nil)
                    #expect(why.steps.last?.after == why.row)
                }
            }
            for id in 0..<40 {
                let why = try await administration.explain("peer", key: ["\(id)"])
                #expect(why.comparison == .same, "\(why)")
            }
            let ids: [String] = try await bank.views.withSession { session in
                try session.query("select id::text from hindsight.events where type = 'Deposited'").map {
                    try $0.decode(0)
                }
            }
            for id in ids.suffix(5) {
                let why = try await administration.explain("all_columns", key: [id])
                #expect(why.comparison == .same && why.stepCount == 1, "\(why)")
            }
        }
    }

    @Test("A row that was changed by hand, or made or deleted, differs; folded anew, it is the same")
    func changedByHand() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(50)
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let administration = administration(bank, Account.byStream())
            let table = try #require(try await bank.shownTable("account"))
            let row = try await administration.explain("account", key: ["7"]).row
            try await bank.script(
                """
                update hindsight.\(table) set balance = -1 where id = '7';
                insert into hindsight.\(table) values ('never', 1, 1, 1);
                """)
            let changed = try await administration.explain("account", key: ["7"])
            var stored = try #require(row)
            stored[2] = "-1"
            #expect(changed.comparison == .differs(stored: stored) && changed.row == row)
            let made = try await administration.explain("account", key: ["never"])
            #expect(made.comparison == .differs(stored: ["never", "1", "1", "1"]) && made.row == nil)
            try await bank.script("delete from hindsight.\(table) where id = '7'")
            let deleted = try await administration.explain("account", key: ["7"])
            #expect(deleted.comparison == .differs(stored: nil) && deleted.row == row)
            try await bank.rebuilder(Account.byStream()).rebuild(.key(["7"]), of: "account")
            #expect(try await administration.explain("account", key: ["7"]).comparison == .same)
        }
    }

    @Test("An event that cannot be applied, or not be decoded, ends the explanation")
    func failing() async throws {
        try await Bank.open { bank in
            for amount in [1, 2, 13, 4] { try await bank.append(Bank.Deposited(amount: amount), to: "7") }
            try await bank.append(Bank.Deposited(amount: 5), to: "8")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let failing = Account.projection { event, _ in if event.amount == 13 { throw Bank.Refusal() } }
            let why = try await administration(bank, failing).explain("account", key: ["7"])
            #expect(why.failure?.event.position == 3 && why.failure?.error == "the vault is jammed")
            #expect(why.steps.count == 2 && why.position == 2 && why.row == ["7", "2", "3", "2"])
            // What is stored was folded on by other folds.
            #expect(why.comparison == .differs(stored: ["7", "4", "20", "4"]))
            // The row of another key is not concerned.
            let other = try await administration(bank, failing).explain("account", key: ["8"])
            #expect(other.failure == nil && other.comparison == .same)

            try await bank.log.append([NewEvent(type: "Deposited", data: Array("{}".utf8))], to: "account-9")
            try await bank.append(Bank.Deposited(amount: 6), to: "7")
            await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection()).runUntilCaughtUp()
            }
            let stopped = try await administration(bank, Account.projection()).explain("account", key: ["7"])
            #expect(stopped.comparison == .same && stopped.position == 5 && stopped.stop?.contains("6") == true)
            let undecodable = try await administration(bank, Account.projection()).explain(
                "account", key: ["7"], at: 7)
            #expect(undecodable.failure?.event.position == 6 && undecodable.stepCount == 4)
            // Streams of the key alone do not have it.
            let streamed = try await administration(bank, Account.byStream()).explain("account", key: ["7"], at: 7)
            #expect(streamed.failure == nil && streamed.stepCount == 5)
        }
    }

    @Test("The last steps are kept, all are told of, and an error of the listener ends the reading")
    func limits() async throws {
        try await Bank.open { bank in
            for amount in 1...30 { try await bank.append(Bank.Deposited(amount: amount), to: "7") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let administration = administration(bank, Account.byStream())
            for limit in [0, 1, 7, 29, 30, 31] {
                let told = Recorder<Int64>()
                let why = try await administration.explain(
                    "account", key: ["7"], limit: limit, onStep: { told.note($0.event.position) })
                #expect(told.all == Array(1...30) && why.stepCount == 30)
                #expect(why.steps.map(\.event.position) == (1...30).suffix(limit).map(Int64.init))
            }
            await #expect(throws: Bank.Refusal.self) {
                try await administration.explain(
                    "account", key: ["7"], onStep: { if $0.event.position == 9 { throw Bank.Refusal() } })
            }
        }
    }

    @Test("It writes nothing: a server that refuses writing does")
    func readsOnly() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(100)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            var database = bank.viewsDatabase
            database.settings["default_transaction_read_only"] = "on"
            let pool = PostgresPool(configuration: database, maximumConnections: 4, logger: LogFixture.logger)
            let log = PostgresEventLog(pool: pool, logger: LogFixture.logger)
            for projection in [Account.projection(), Account.byStream()] {
                let why = try await administration(bank, projection, log: log, pool: pool)
                    .explain("account", key: ["7"])
                #expect(why.comparison == .same)
            }
            await pool.close()
        }
    }

    @Test("While an engine applies events, the row is that of one moment")
    func underAppends() async throws {
        try await Bank.open { bank in
            try await bank.appendRandom(300)
            try await bank.running(bank.engine(Account.projection(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                async let appends: Void = {
                    for amount in 1...200 { try await bank.append(Bank.Deposited(amount: amount), to: "7") }
                }()
                for projection in [Account.projection(), Account.byStream()] {
                    for _ in 0..<10 {
                        let why = try await administration(bank, projection).explain("account", key: ["7"])
                        #expect(why.comparison == .same)
                    }
                }
                try await appends
            }
        }
    }

    @Test("Without a shown version, or with another one, nothing is compared")
    func versions() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            let new = try await administration(bank, Account.byStream()).explain("account", key: ["7"])
            #expect(new.comparison == .notCompared(.notShown) && new.row == ["7", "1", "5", "1"])
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let second = Account.projection(version: 2, factor: 10)
            let other = try await administration(bank, second).explain("account", key: ["7"])
            #expect(other.comparison == .notCompared(.otherVersion(1)) && other.row == ["7", "1", "50", "1"])
            // Of two declared versions, the one that is shown.
            let both = try await administration(bank, second, Account.projection()).explain("account", key: ["7"])
            #expect(both.version == 1 && both.comparison == .same)
        }
    }

    @Test("What has no history is refused")
    func refused() async throws {
        try await Bank.open { bank in
            let administration = administration(bank, Turnover.projection(), Journal.projection())
            for key in [["Deposited"], ["Deposited", "nine"], []] {
                let error = await #expect(throws: ProjectionError.self) {
                    try await administration.explain("turnover", key: key)
                }
                #expect(error?.code == .cannotExplain)
                #expect(error?.description.contains("kind (text), digit (bigint)") == true, "\(error as Any)")
            }
            let free = await #expect(throws: ProjectionError.self) {
                try await administration.explain("journal", key: ["1"])
            }
            #expect(free?.description.contains("writes tables of its own") == true)
            let unknown = await #expect(throws: ProjectionError.self) {
                try await administration.explain("nobody", key: ["1"])
            }
            #expect(unknown?.code == .unknownProjection)
        }
    }
}
