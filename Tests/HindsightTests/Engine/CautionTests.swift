import Hindsight
import HindsightPostgres
import Testing

@Suite("The end of caution", .serialized, .timeLimit(.minutes(3)))
struct CautionTests {
    @Test("A projection that is fenced right then is let go of, and stops nobody")
    func fencedAtTheEnd() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Account.projection(), Turnover.projection()).runUntilCaughtUp()
            try await bank.append(Bank.Deposited(amount: 2), to: "1")
            let suspect = try await bank.log.frontier().position
            try await bank.script(
                """
                update hindsight.offsets set crashes = 1, suspect_low = \(suspect), suspect_high = \(suspect)
                where name = 'account'
                """)
            // As suspect_shard() does where the lease is somebody else's by now.
            try await bank.script(
                """
                create function hindsight.fence() returns trigger language plpgsql as $$
                begin
                    raise exception using errcode = 'HS001', message = 'taken over';
                end $$;
                create trigger fence before update on hindsight.offsets for each row
                when (old.crashes > 0 and new.crashes = 0) execute function hindsight.fence();
                """)
            try await bank.running(bank.engine(Account.projection(), Turnover.projection())) { _ in
                try await bank.untilApplied("account")
                try await bank.untilApplied("turnover")
                for amount in 3...6 {
                    try await bank.append(Bank.Deposited(amount: amount), to: "1")
                    try await bank.untilApplied("account")
                    try await bank.untilApplied("turnover")
                }
            }
            try await bank.expectAccounts()
            try await bank.expectTurnover()
        }
    }
}
