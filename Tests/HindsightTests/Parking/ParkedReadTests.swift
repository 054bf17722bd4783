import Hindsight
import HindsightPostgres
import Testing

@Suite("Fresh reads of parked keys", .timeLimit(.minutes(3)))
struct ParkedReadTests {
    @Test(
        "The row of a parked key reflects what came before; a later position is an error at once, and other keys are read"
    )
    func parked() async throws {
        try await Bank.open { bank in
            let position = try #require(try await bank.appendPoisoned(["3"])["3"])
            try await bank.engine(Bank.parkingAccounts()).runUntilCaughtUp()
            let head = try await bank.log.frontier().position
            let views = Views(pool: bank.views)
            let error = try await #require(throws: FreshReadError.self) {
                try await views.row(Account.self, "3", atLeast: head, timeout: .seconds(300))
            }
            #expect(error.code == .parked && error.position == position - 1)
            #expect(error.description.contains("parked at position \(position)"))
            let before = try await views.row(Account.self, "3", atLeast: position - 1)
            #expect(before.position == position - 1)
            let other = try await views.row(Account.self, "4", atLeast: head)
            #expect(other.position == head)
            #expect(try await views.fetch(Account.query, atLeast: head).position == head)
            try await bank.rebuilder(Account.projection()).retry("account")
            #expect(try await views.row(Account.self, "3", atLeast: head).position == head)
        }
    }
}
