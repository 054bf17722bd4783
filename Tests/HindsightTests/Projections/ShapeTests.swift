import Hindsight
import HindsightPostgres
import Testing

@Suite("Shapes of views", .serialized, .timeLimit(.minutes(3)))
struct ShapeTests {
    /// The account with another column.
    private struct WiderAccount: ViewRow {
        var id = ""
        var deposits = 0
        var note: String?
        static let table = ViewTable("account", of: Self(), key: \.id, \.deposits, \.note)

        static func projection(
            version: Int, before hook: @escaping @Sendable () -> Void = {}
        ) -> ViewProjection<WiderAccount> {
            ViewProjection(Self.self, version: version)
                .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, _, context in
                    hook()
                    row = WiderAccount(id: context.stream.id, deposits: (row?.deposits ?? 0) + 1)
                }
        }
    }

    @Test("A changed shape without a new version is refused, with a way out")
    func changedShape() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(WiderAccount.projection(version: 1)).runUntilCaughtUp()
            }
            #expect(error?.code == .shapeChanged)
            let text = try #require(error?.description)
            #expect(text.contains("+ deposits bigint not null"))
            #expect(text.contains("- balance bigint not null"))
            #expect(text.contains("version to 2"))
            try await bank.expectAccounts()
        }
    }

    @Test("A new version is filled beside the old one, which stays readable, and takes over when it has caught up")
    func newVersion() async throws {
        try await Bank.open { bank in
            let gate = Gate()
            defer { gate.open() }
            for number in 1...300 { try await bank.append(Bank.Deposited(amount: number), to: "\(number % 7)") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let wider = WiderAccount.projection(version: 2) { gate.pass() }
            try await bank.running(bank.engine(wider, configuration: Bank.small)) { _ in
                try await gate.untilReached()
                try await bank.expectAccounts()
                gate.open()
                try await bank.untilApplied("account", version: 2)
                try await Bank.until("version 2 is shown") {
                    try await bank.value("select version from hindsight.projections where active") == 2
                }
            }
            try await bank.expect(
                "account",
                equals: """
                    select substr(stream, 9) as id, count(*) as deposits, null::text as note
                    from hindsight.events group by stream
                    """)
            #expect(try await Views(pool: bank.views).fetch(WiderAccount.query).count == 7)
            #expect(try await bank.value("select count(*) from hindsight.account_v1") == 7)
        }
    }

    @Test("Who runs until caught up finds the new version shown", arguments: [1, 300])
    func shownWhenCaughtUp(events: Int) async throws {
        try await Bank.open { bank in
            for number in 1...events { try await bank.append(Bank.Deposited(amount: number), to: "1") }
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.engine(WiderAccount.projection(version: 2), configuration: Bank.small).runUntilCaughtUp()
            #expect(try await bank.value("select deposits from account") == events)
        }
    }

    @Test("A table that was altered by hand is refused")
    func alteredByHand() async throws {
        try await Bank.open { bank in
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.script("alter table hindsight.account_v1 add column extra text")
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection()).runUntilCaughtUp()
            }
            #expect(error?.code == .tableChanged)
            #expect(error?.description.contains("extra") == true)
        }
    }

    @Test(
        "A stable name that belongs to somebody else is refused, and left as it is",
        arguments: [
            "create table account as select 1 as mine", "create view account as select 1 as mine",
            "create materialized view account as select 1 as mine",
        ])
    func nameTaken(statement: String) async throws {
        try await Bank.open { bank in
            try await bank.script(statement)
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection()).runUntilCaughtUp()
            }
            #expect(error?.code == .nameTaken)
            #expect(try await bank.value("select mine from account") == 1)
            #expect(try await bank.offset(of: "account") == nil)
        }
    }

    @Test("Definitions that cannot work are refused")
    func invalidDefinitions() async throws {
        struct Row: ViewRow {
            var id = ""
            static let table = ViewTable("row", of: Self(), key: \.id, \.id)
        }
        struct OptionalKey: ViewRow {
            var id: String?
            static let table = ViewTable("optional_key", of: Self(), key: \.id)
        }
        func statements(_ name: String, _ version: Int = 1) -> SQLProjection {
            SQLProjection(name, version: version, setUp: [], clear: [])
        }
        try await Bank.open { bank in
            let invalid: [[any Projection]] = [
                [Account.projection(), Account.projection()], [statements("")],
                [statements(String(repeating: "n", count: 49))], [statements("zero\0")], [statements("zero", 0)],
                [statements("many", 1_000_000)], [ViewProjection(Row.self, version: 1)],
                [ViewProjection(OptionalKey.self, version: 1)],
            ]
            for projections in invalid {
                let engine = ProjectionEngine(
                    ProjectionContext(
                        log: bank.log, database: bank.viewsDatabase, pool: bank.views, projections: projections,
                        events: Bank.registry, logger: LogFixture.logger))
                let error = await #expect(throws: ProjectionError.self, "\(projections.map(\.name))") {
                    try await engine.runUntilCaughtUp()
                }
                #expect(error?.code == .invalidDefinition)
            }
            let registered: Int = try await bank.value("select count(*) from hindsight.projections")
            #expect(registered == 0)
        }
    }

    @Test("Names may have quotes, capitals and spaces")
    func oddNames() async throws {
        struct Odd: ViewRow {
            var id = ""
            var count = 0
            static let table = ViewTable(
                "Odd \"View\"; --", of: Self(),
                key: (Column("The \"Id\"", \.id), Column("Größe; drop table x --", \.count))
            ).index(\.count)
        }
        try await Bank.open { bank in
            let projection = ViewProjection(Odd.self, version: 1)
                .onOptional(Bank.Deposited.self, key: { ViewKeyPair($1.stream.id, $0.amount) }) { row, event, context in
                    row = row == nil ? Odd(id: context.stream.id, count: event.amount) : nil
                }
            for amount in [1, 2, 1, 3] {
                try await bank.append(Bank.Deposited(amount: amount), to: "o'neill")
                try await bank.engine(projection).runUntilCaughtUp()
            }
            let views = Views(pool: bank.views)
            let rows = try await views.fetch(Odd.query.where(\.count > 0).order(by: \.count, .descending))
            #expect(rows.map(\.count) == [3, 2])
            #expect(try await views.row(Odd.self, ViewKeyPair("o'neill", 3)) != nil)
            #expect(try await views.row(Odd.self, ViewKeyPair("o'neill", 1)) == nil)
        }
    }

    @Test("Statements that make tables are part of the shape")
    func statementsChanged() async throws {
        try await Bank.open { bank in
            func projection(_ setUp: String) -> SQLProjection {
                SQLProjection("mine", version: 1, setUp: [setUp], clear: [])
            }
            try await bank.engine(projection("create table mine (a int)")).runUntilCaughtUp()
            try await bank.engine(projection("create table mine (a int)")).runUntilCaughtUp()
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(projection("create table mine (a int, b int)")).runUntilCaughtUp()
            }
            #expect(error?.code == .shapeChanged)
        }
    }
}
