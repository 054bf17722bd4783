import Hindsight
import HindsightPostgres
import Testing

@Suite("Rebuilds of views with parked keys", .timeLimit(.minutes(5)))
struct ParkedRebuildTests {
    @Test("A rebuild parks for itself, and the engine goes on with what it has parked")
    func parks() async throws {
        try await Bank.open { bank in
            let parked = try await bank.appendPoisoned(["3", "17"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            let report = try await bank.rebuild(Bank.parkingAccounts())
            #expect(report.outcome == .swapped && report.parked.keys == 2)
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
            try await bank.appendRandom(100, seed: 5)
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
            #expect(try await bank.value("select count(distinct list) from hindsight.parked_keys") == 1)
        }
    }

    @Test("Rows that lack more than those that are shown are swapped in only if that is allowed")
    func moreParked() async throws {
        try await Bank.open { bank in
            let poisoned = try await bank.appendPoisoned(["3", "17"])
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.expectAccounts()
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.rebuild(Bank.parkingAccounts())
            }
            #expect(error.code == .moreParked && error.description.contains("2 parked keys in place of 0"))
            try await bank.expectAccounts()
            try await bank.expectParked([:])
            try await bank.rebuild(Bank.parkingAccounts()) { $0.allowsMoreParked = true }
            try await bank.expectAccounts(parked: poisoned)
            try await bank.expectParked(poisoned)
            // Mended, a rebuild leaves nothing parked.
            try await bank.rebuild(Account.projection())
            try await bank.expectAccounts()
            try await bank.expectParked([:])
        }
    }

    @Test(
        "A new version that the engine fills is not shown while it lacks more than the one that is shown",
        arguments: [true, false])
    func newVersion(isFarBehind: Bool) async throws {
        try await Bank.open { bank in
            let poisoned = try await bank.appendPoisoned(["3"])
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            var configuration = Bank.impatient
            if isFarBehind {
                configuration.replayThreshold = 50
                configuration.catchUpThreshold = 20
            }
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.engine(Bank.parkingAccounts(version: 2), configuration: configuration).runUntilCaughtUp()
            }
            #expect(error.description.contains("1 parked keys in place of 0"))
            #expect(
                try await bank.administration(Account.projection()).versions(of: "account").first {
                    $0.role == .active
                }?.version == 1)
            try await bank.expectAccounts()
            try await bank.rebuild(Bank.parkingAccounts(version: 2)) { $0.allowsMoreParked = true }
            try await bank.expectAccounts(parked: poisoned)
            // Mended, the third version drops the second, with what was parked of it.
            try await bank.rebuild(Account.projection(version: 3))
            try await bank.expectAccounts()
            #expect(try await bank.value("select count(*) from hindsight.parked_keys") == 0)
        }
    }

    @Test("A way back shows the rows that were kept, with what is parked of them")
    func rollback() async throws {
        try await Bank.open { bank in
            let poisoned = try await bank.appendPoisoned(["3", "17"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            try await bank.rebuild(Account.projection()) { $0.keepsOld = true }
            try await bank.expectAccounts()
            try await bank.expectParked([:])
            try await bank.administration(Bank.parkingAccounts()).rollBack("account")
            try await bank.expectAccounts(parked: poisoned)
            try await bank.expectParked(poisoned)
            try await bank.administration(Bank.parkingAccounts()).rollBack("account")
            try await bank.expectAccounts()
            try await bank.expectParked([:])
        }
    }

    @Test("An interrupted rebuild goes on with what it had parked at its checkpoint")
    func interrupted() async throws {
        try await Bank.open { bank in
            var parked: [String: Int64] = [:]
            for round in 0..<8 {
                parked["\(round)"] = try await bank.append(Bank.Deposited(amount: Bank.poison), to: "\(round)").position
                try await bank.appendSparse(batches: 2, of: 40, seed: UInt64(round + 1))
            }
            let projection = Bank.parkingAccounts()
            for part in [Int64(1), 3, 5] {
                try await bank.interrupting(projection, options: Bank.slow) {
                    try await Bank.until("a checkpoint beyond the poison of account \(part)") {
                        (try await bank.rebuildStatus(of: projection)?.checkpoint ?? 0) >= parked["\(part)"] ?? 0
                    }
                }
            }
            let report = try await bank.rebuild(projection)
            #expect(report.outcome == .swapped && report.parked.keys == 8)
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
        }
    }

    @Test("A rebuild in little memory forgets rows, and not which keys are parked")
    func littleMemory() async throws {
        try await Bank.open { bank in
            try await bank.fill(60_000, accounts: 20_011, padding: 300)
            try await bank.script(
                "update hindsight.events set data = '{\"amount\":666}' where type = 'Deposited' and position % 5003 = 0"
            )
            try await bank.rebuild(Bank.parkingAccounts()) { options in
                options.memoryBytes = 64 << 20
                options.checkpointInterval = .milliseconds(50)
            }
            let poisoned: [(String, Int64)] = try await bank.views.withSession { session in
                try session.query(
                    "select substr(stream, 9), min(position) from hindsight.events where type = 'Deposited' and data ->> 'amount' = '666' group by 1"
                ).map { (try $0.decode(0), try $0.decode(1)) }
            }
            let parked = Dictionary(uniqueKeysWithValues: poisoned)
            #expect(parked.count > 5)
            try await bank.expectAccounts(parked: parked)
            try await bank.expectParked(parked)
        }
    }

    @Test("More parked keys than are allowed stop a rebuild, and what is shown stays")
    func fuse() async throws {
        try await Bank.open { bank in
            try await bank.appendPoisoned(["1", "2", "3"])
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let error = try await #require(throws: ProjectionError.self) {
                try await bank.rebuild(Bank.parkingAccounts(atMost: 2)) { $0.allowsMoreParked = true }
            }
            #expect(error.code == .stopped && error.description.contains("2 keys are parked already"))
            try await bank.expectAccounts()
        }
    }
}
