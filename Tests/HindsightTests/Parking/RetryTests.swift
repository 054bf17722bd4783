import Hindsight
import HindsightPostgres
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
}
