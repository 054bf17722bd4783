import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("Retrying and healing parked keys", .timeLimit(.minutes(5)))
struct RetryTests {
    @Test("Once the fold is mended, the events that wait are folded on, in order, and the keys go on")
    func retry() async throws {
        try await Bank.open { bank in
            try await bank.appendPoisoned(["3", "17"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            let report = try await bank.rebuilder(Account.projection()).retry("account")
            #expect(report.healed == 2 && report.remaining.isEmpty)
            try await bank.expectAccounts()
            try await bank.expectParked([:])
            try await bank.appendRandom(100, seed: 5)
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.expectAccounts()
            #expect(try await bank.rebuilder(Account.projection()).retry("account").healed == 0)
        }
    }

    @Test("An event that fails again stays first, and one key can be retried alone")
    func failsAgain() async throws {
        try await Bank.open { bank in
            let parked = try await bank.appendPoisoned(["3", "17"])
            let second = try await bank.append(Bank.Deposited(amount: 777), to: "3").position
            try await bank.append(Bank.Deposited(amount: 1), to: "3")
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            // The first event is mended, the second one is not.
            let halfMended = Account.projection { event, _ in if event.amount == 777 { throw Bank.Refusal() } }
                .parking()
            let report = try await bank.rebuilder(halfMended).retry("account", key: ["3"])
            #expect(report.healed == 0)
            #expect(report.remaining.map(\.key) == [["3"]])
            #expect(report.remaining.map(\.position) == [second])
            #expect(report.remaining.map(\.events) == [2])
            let now = ["3": second, "17": try #require(parked["17"])]
            try await bank.expectAccounts(parked: now)
            try await bank.expectParked(now)
            try await bank.rebuilder(Account.projection()).retry("account")
            try await bank.expectAccounts()
        }
    }

    @Test("While the engine runs, it goes on from the rows that were folded on")
    func running() async throws {
        try await Bank.open { bank in
            try await bank.appendPoisoned(["3", "17"])
            try await bank.running(bank.engine(Bank.parkingAccounts(), configuration: Bank.small)) { _ in
                try await bank.untilApplied("account")
                async let appends: Void = bank.appendRandom(300, seed: 5, batch: 3)
                try await bank.rebuilder(Account.projection()).retry("account")
                try await appends
                try await bank.untilApplied("account")
                try await bank.expectAccounts()
                // And parks them again.
                let position = try await bank.append(Bank.Deposited(amount: Bank.poison), to: "3").position
                try await bank.untilApplied("account")
                try await bank.expectAccounts(parked: ["3": position])
            }
        }
    }

    @Test("Where more events wait than are noted, the key is healed from the log instead", arguments: [true, false])
    func tooMany(byStream: Bool) async throws {
        try await Bank.open { bank in
            let position = try await bank.append(Bank.Deposited(amount: Bank.poison), to: "3").position
            for _ in 0..<11 {
                try await bank.log.append(
                    inOrder: try (0..<100).map {
                        StreamEvent("account-3", try Bank.registry.encode(Bank.Deposited(amount: $0 + 1)))
                    })
            }
            try await bank.append(Bank.Deposited(amount: 4), to: "4")
            var configuration = Bank.impatient
            configuration.liveBatch = 70
            try await bank.engine(Bank.parkingAccounts(), configuration: configuration).runUntilCaughtUp()
            let parked = try #require(try await bank.administration(Bank.parkingAccounts()).parked("account").first)
            #expect(parked.events == 1_101 && parked.position == position && !parked.isComplete)
            #expect(try await bank.value("select count(*) from hindsight.parked_events") == 1_000)
            let rebuilder = byStream ? bank.rebuilder(Account.byStream()) : bank.rebuilder(Account.projection())
            let error = try await #require(throws: ProjectionError.self) {
                try await rebuilder.retry("account", key: ["3"])
            }
            #expect(error.code == .cannotRetry && error.description.contains("anew"))
            #expect(try await rebuilder.retry("account").remaining.count == 1)
            try await rebuilder.rebuild(.key(["3"]), of: "account")
            try await bank.expectAccounts()
            try await bank.expectParked([:])
            try await bank.append(Bank.Deposited(amount: 4), to: "3")
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.expectAccounts()
        }
    }

    /// A key that can be spelled in several ways.
    private struct Price: ViewRow {
        var price: ExactDecimal = 0
        var sold = 0
        static let table = ViewTable("price", of: Self(), key: \.price, \.sold)
        static func projection(isMended: Bool) -> ViewProjection<Price> {
            ViewProjection(Self.self, version: 1)
                .on(
                    Bank.Deposited.self,
                    key: { event, _ in
                        ExactDecimal(
                            coefficient: Int128(event.amount % 2 == 0 ? 250 : 25), scale: event.amount % 2 == 0 ? 2 : 1)
                    }
                ) { row, event, _ in
                    row.sold += 1
                    if !isMended, event.amount == 3 { throw Bank.Refusal() }
                }
                .parking()
        }
    }

    @Test(
        "A key that is spelled in several ways is parked once, and retried or healed whole", arguments: [true, false])
    func spellings(heals: Bool) async throws {
        try await Bank.open { bank in
            for amount in 1...6 { try await bank.append(Bank.Deposited(amount: amount), to: "1") }
            try await bank.engine(Price.projection(isMended: false)).runUntilCaughtUp()
            for amount in 7...8 { try await bank.append(Bank.Deposited(amount: amount), to: "1") }
            try await bank.engine(Price.projection(isMended: false)).runUntilCaughtUp()
            let administration = bank.administration(Price.projection(isMended: true))
            let parked = try await administration.parked("price")
            #expect(parked.count == 1 && parked.first?.events == 6)
            let error = try await #require(throws: FreshReadError.self) {
                try await Views(pool: bank.views).row(
                    Price.self, ExactDecimal(coefficient: 25_000, scale: 4), atLeast: 8)
            }
            #expect(error.code == .parked)
            let rebuilder = bank.rebuilder(Price.projection(isMended: true))
            if heals {
                try await rebuilder.rebuild(.key(["2.500"]), of: "price")
            } else {
                #expect(try await rebuilder.retry("price", key: ["2.500"]).healed == 1)
            }
            #expect(try await administration.parked("price").isEmpty)
            #expect(try await Views(pool: bank.views).fetch(Price.query).map(\.sold) == [8])
        }
    }

    @Test("An event that turns out to concern another row cannot be retried, and nothing is lost")
    func concernsAnother() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let event = NewEvent(type: "Deposited", data: Array(#"{"amount":"much"}"#.utf8))
            try await bank.log.append([event], to: "account-1", expected: .any)
            let keyed = { (key: @escaping @Sendable (RecordedEvent) -> String) in
                ViewProjection(Account.self, version: 1)
                    .onOptional(Bank.Deposited.self, key: { key($1) }) { row, event, context in
                        row = Account(id: key(context), entries: (row?.entries ?? 0) + 1)
                    }
                    .parking(unreadable: { $0.stream.id })
            }
            try await bank.engine(keyed { $0.stream.id }).runUntilCaughtUp()
            try await bank.script("update hindsight.events set data = '{\"amount\":5}' where position = 2")
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.rebuilder(keyed { "other \($0.stream.id)" }).retry("account")
            }
            #expect(error.code == .cannotRetry && error.description.contains("position 2"))
            #expect(try await bank.administration(keyed { $0.stream.id }).parked("account").count == 1)
            #expect(try await bank.rebuilder(keyed { $0.stream.id }).retry("account").healed == 1)
        }
    }

    @Test("A key that is folded anew and fails again changes nothing")
    func healFails() async throws {
        try await Bank.open { bank in
            let parked = try await bank.appendPoisoned(["3"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.rebuilder(Bank.parkingAccounts()).rebuild(.key(["3"]), of: "account")
            }
            #expect(error.code == .stopped && error.description.contains("the vault is jammed"))
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
        }
    }

    @Test("A key that is not parked, and a projection without keys, are errors that say so")
    func nothingToRetry() async throws {
        try await Bank.open { bank in
            try await bank.appendPoisoned(["3"])
            try await bank.engine(Bank.parkingAccounts(), Journal.projection()).runUntilCaughtUp()
            let rebuilder = bank.rebuilder(Account.projection(), Journal.projection())
            for (name, key, text) in [("account", ["4"], "not parked"), ("journal", nil, "no keys")]
                as [(String, [String]?, String)]
            {
                let error = try await #require(throws: ProjectionError.self) {
                    try await rebuilder.retry(name, key: key)
                }
                #expect(error.code == .cannotRetry && error.description.contains(text))
            }
        }
    }

    @Test("Over a log that was rewound nothing is folded on, and no row anew")
    func rewound() async throws {
        try await Bank.open { bank in
            let parked = try await bank.appendPoisoned(["3"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            let rows: String = try await bank.value("select string_agg(a::text, ' ' order by a) from account a")
            try await bank.script("delete from hindsight.events where position > 390")
            let rebuilder = bank.rebuilder(Account.projection())
            for action in [
                { _ = try await rebuilder.retry("account") },
                { _ = try await rebuilder.rebuild(.key(["3"]), of: "account") },
                { _ = try await rebuilder.rebuild(.category("account"), of: "account") },
            ] as [() async throws -> Void] {
                let error = try await #require(throws: EventLogError.self) { try await action() }
                #expect(error.code == .anchorMismatch)
            }
            #expect(try await bank.value("select string_agg(a::text, ' ' order by a) from account a") == rows)
            let found = try await bank.administration(Account.projection()).parked("account")
            #expect(found.map(\.position) == Array(parked.values))
            #expect(try await bank.offset(of: "account")?.owner == nil)
        }
    }
}
