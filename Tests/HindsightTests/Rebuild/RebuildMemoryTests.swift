import Hindsight
import HindsightPostgres
import Testing

@Suite("Rebuilding what does not fit in memory", .serialized, .timeLimit(.minutes(4)))
struct RebuildMemoryTests {
    private static var least: RebuildOptions {
        var options = Bank.eager
        options.memoryBytes = 64 << 20
        return options
    }

    /// True once rows were forgotten, to be read back by key.
    private func hasForgotten(_ bank: Bank) async throws -> Bool {
        try await bank.value("select exists (select from hindsight.rebuilds where keyed and phase = 'reading')")
    }

    @Test("Rows are written, forgotten and read back by key, and end as a recount says")
    func forgotten() async throws {
        try await Bank.open { bank in
            try await bank.fill(120_000, accounts: 30_011, padding: 300)
            let rebuilder = bank.rebuilder(Account.projection())
            async let reports = rebuilder.rebuild(["account"], options: Self.least)
            try await Bank.until("rows do not fit") { try await hasForgotten(bank) }
            #expect(try await reports.map(\.outcome) == [.swapped])
            try await bank.expectAccounts()
        }
    }

    @Test("Interrupted after rows were forgotten, the rebuild goes on from its checkpoint", arguments: [false, true])
    func interrupted(goesOnWithMore: Bool) async throws {
        try await Bank.open { bank in
            try await bank.fill(120_000, accounts: 30_011, padding: 300)
            var checkpoint: Int64 = 0
            var options = Self.least
            options.readers = 2
            for _ in 0..<2 {
                try await bank.interrupting(Account.projection(), options: options) {
                    try await Bank.until("rows do not fit, and a checkpoint") {
                        let status = try await bank.rebuildStatus(of: Account.projection())
                        return try await hasForgotten(bank) && status?.checkpoint ?? 0 > checkpoint
                    }
                }
                checkpoint = try #require(try await bank.rebuildStatus(of: Account.projection())).checkpoint
                #expect(try await bank.value("select to_regclass('account') is null"))
            }
            let first = Recorder<Int64>()
            // With more memory, what was forgotten is read back at once.
            if goesOnWithMore { options.memoryBytes = 512 << 20 }
            let reports = try await bank.rebuilder(Account.projection { first.note($1.position) })
                .rebuild(["account"], options: options)
            #expect(reports.map(\.outcome) == [.swapped])
            #expect(try #require(first.all.min()) > checkpoint)
            try await bank.expectAccounts()
        }
    }
}
