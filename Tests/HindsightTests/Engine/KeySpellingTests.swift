import Hindsight
import HindsightPostgres
import Testing

@Suite("Keys that are one text in two spellings", .timeLimit(.minutes(2)))
struct KeySpellingTests {
    @Test("are two rows, in one batch and over many, as they are to the database")
    func areTwoRows() async throws {
        let composed = "Jos\u{e9}"
        let decomposed = "Jose\u{301}"
        try await Bank.open { bank in
            for _ in 0..<2 {
                for account in [composed, decomposed, composed] {
                    try await bank.append(Bank.Deposited(amount: 1), to: account)
                }
                try await ProjectionEngine(
                    ProjectionContext(
                        log: bank.log, database: bank.viewsDatabase, pool: bank.views,
                        projections: [Account.projection()], events: Bank.registry, configuration: Bank.small,
                        logger: LogFixture.logger
                    )
                ).runUntilCaughtUp()
                try await bank.expectAccounts()
            }
        }
    }
}
