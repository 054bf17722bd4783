import Hindsight
import HindsightPostgres
import HindsightTesting
import Testing

/// Rebuilds from a log that knows no SQL.
@Suite("Rebuilds from a log in memory", .serialized, .timeLimit(.minutes(4)))
struct InMemoryRebuildTests {
    private struct Broken: Error {}

    private static let names = InMemoryBank.projections.map(\.name)

    @Test(
        "Several readers, several projections and free SQL, under appends, beside an engine",
        arguments: InMemoryBank.kinds)
    func underAppends(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await memory.appendRandom(4_000)
            try await memory.bank.running(memory.engine()) { _ in
                try await memory.untilApplied()
                async let appends: Void = memory.appendRandom(600, seed: 2, batch: 3)
                let reports = try await memory.rebuilder().rebuild(Self.names, options: Bank.eager)
                #expect(reports.map(\.outcome) == [.swapped, .swapped, .swapped, .swapped])
                #expect(reports.allSatisfy { $0.offset >= 4_000 }, "\(reports)")
                try await appends
                try await memory.untilApplied()
            }
            try await memory.expectAll()
        }
    }

    @Test("While an append is open, a rebuild ends before it, and what comes later is applied")
    func commitOrder() async throws {
        try await InMemoryBank.open(.holes) { memory in
            try await memory.appendRandom(1_000)
            let slow = try memory.log.openAppend([
                StreamAppend("account-100", [Bank.registry.encode(Bank.Deposited(amount: 3))])
            ])
            try memory.log.openAppend([
                StreamAppend("account-101", [Bank.registry.encode(Bank.Deposited(amount: 4))])
            ]).rollBack()
            try await memory.appendRandom(300, seed: 2)
            let reports = try await memory.rebuilder().rebuild(Self.names, options: Bank.eager)
            #expect(reports.allSatisfy { $0.offset == 1_000 }, "\(reports)")
            slow.commit()
            try await memory.engine().runUntilCaughtUp()
            try await memory.expectAll()
        }
    }

    @Test("New rows are compared, rest, are swapped in, and there is a way back", arguments: InMemoryBank.kinds)
    func verification(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await memory.appendRandom(1_000)
            try await memory.engine().runUntilCaughtUp()
            var options = Bank.eager
            options.verification = .only
            let verified = try await memory.rebuilder().rebuild(["account", "turnover"], options: options)
            #expect(verified.allSatisfy { $0.outcome == .verified && $0.comparison?.isEqual == true }, "\(verified)")
            try await memory.appendRandom(200, seed: 2)
            try await memory.engine().runUntilCaughtUp()
            options.verification = .compare
            options.keepsOld = true
            let swapped = try await memory.rebuilder().rebuild(["account", "turnover"], options: options)
            #expect(swapped.allSatisfy { $0.outcome == .swapped && $0.comparison?.isEqual == true }, "\(swapped)")
            try await memory.expectAll()
            try await memory.appendRandom(100, seed: 3)
            try await memory.engine().runUntilCaughtUp()
            try await memory.administration().rollBack("account")
            try await memory.expectAll()
        }
    }

    @Test("It can be held back", arguments: [RebuildOptions.Throttle.automatic, .eventsPerSecond(2_000)])
    func throttled(_ throttle: RebuildOptions.Throttle) async throws {
        try await InMemoryBank.open([]) { memory in
            try await memory.appendRandom(1_000)
            var options = Bank.eager
            options.throttle = throttle
            try await memory.rebuilder().rebuild(Self.names, options: options)
            try await memory.expectAll()
        }
    }

    @Test("What broke goes on from its checkpoint, or from the beginning if it is told to", arguments: [false, true])
    func interrupted(restarts: Bool) async throws {
        try await InMemoryBank.open([]) { memory in
            try await memory.appendRandom(3_000)
            var options = Bank.eager
            options.readers = 1
            let breaking = MeddledLog(memory.log, beforeRange: { if $0 > 0 { throw Broken() } })
            await #expect(throws: Broken.self) {
                try await memory.rebuilder(reading: breaking).rebuild(["account"], options: options)
            }
            let checkpoint = try #require(try await memory.administration().rebuilds().first).checkpoint
            #expect(checkpoint > 0 && checkpoint < 3_000)
            let folded = Recorder<Int64>()
            options.restarts = restarts
            try await memory.rebuilder([Account.projection { folded.note($1.position) }]).rebuild(
                ["account"], options: options)
            #expect(folded.all.contains { $0 <= checkpoint } == restarts)
            try await memory.copyToSQL()
            try await memory.bank.expectAccounts()
        }
    }

    @Test("Some rows are folded anew, by key and by category", arguments: InMemoryBank.kinds)
    func someRows(abilities: LogAbilities) async throws {
        try await InMemoryBank.open(abilities) { memory in
            try await memory.appendRandom(800)
            try await memory.bank.running(memory.engine()) { _ in
                try await memory.untilApplied()
                try await memory.bank.script("update hindsight.account_v1 set balance = balance + 1000000")
                let spoilt: Int = try await memory.bank.value("select count(*) from account")
                let key = try #require(
                    try await Views(pool: memory.bank.views).fetch(Account.query).map(\.id).first)
                let one = try await memory.rebuilder().rebuild(.key([key]), of: "account")
                #expect(one.keys == 1)
                #expect(
                    try await memory.bank.value("select count(*) from account where balance > 500000") == spoilt - 1)
                async let appends: Void = memory.appendRandom(200, seed: 2, batch: 2)
                try await memory.rebuilder().rebuild(.category("account"), of: "account")
                try await appends
                try await memory.untilApplied()
                // Keys that came while keys were chosen are as the engine has folded them.
                try await memory.rebuilder().rebuild(.category("account"), of: "account")
            }
            try await memory.expectAll()
        }
    }

    @Test("A log that claims to be dense and has holes is found out, and nothing is swapped in")
    func falseDensity() async throws {
        try await InMemoryBank.open(.holes) { memory in
            let event = try Bank.registry.encode(Bank.Deposited(amount: 3))
            try memory.log.openAppend([StreamAppend("account-100", [event])]).rollBack()
            try await memory.appendRandom(500)
            let error = await #expect(throws: ProjectionError.self) {
                try await memory.rebuilder(reading: MeddledLog(memory.log, claiming: [])).rebuild(
                    ["account"], options: Bank.eager)
            }
            #expect(error?.code == .notProven && error?.description.contains("holes") == true)
            #expect(try await memory.bank.value("select to_regclass('account') is null"))
        }
    }
}
