#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightTestSupport
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 answers", .timeLimit(.minutes(3)))
    struct AnswerTests {
        @Test("R6 a handler that fails as if it had been cancelled is answered, and not left to be asked for again")
        func cancellationOfAHandler() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(Bank.commands { _ in throw CancellationError() }) {
                    let answer = try await fixture.ask(
                        "command.Withdraw", #"{"v":1,"id":"\#(UUID.version7())","data":{"account":"1","amount":0}}"#)
                    #expect(answer.contains(#""code":"failed""#), "\(answer)")
                }
            }
        }

        @Test("R6 an answer that the server does not take is an error that says so, and the command has ended")
        func tooLarge() async throws {
            try await withNATSServer(.with { $0.maxPayload = 4_096 }) { server in
                try await CentreFixture.with(on: [server.url]) { fixture in
                    var commands = CommandRegistry()
                    commands.on(Deposit.self, stream: { StreamName(category: "account", id: $0.account) }) { deposit in
                        (0..<deposit.amount).map { Deposited(amount: $0) }
                    }
                    try await fixture.serving(commands) {
                        let id = UUID.version7()
                        for _ in 0..<2 {
                            let error = await #expect(throws: EventCentreError.self) {
                                try await fixture.centre.submit(Deposit(account: "1", amount: 100), id: id)
                            }
                            #expect(error?.code == .tooLarge)
                        }
                        let error = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.state(ofCommand: id)
                        }
                        #expect(error?.code == .tooLarge)
                        let amounts = try await fixture.amounts("1")
                        #expect(amounts == Array(0..<100))
                        // It goes on.
                        let next = try await fixture.centre.submit(Deposit(account: "2", amount: 1))
                        #expect(next.status == .appended)
                    }
                }
            }
        }

        @Test("R6 a command whose stream no log can have is refused, and is no failure of the program")
        func noStream() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving {
                    for account in ["\u{0}", "a\u{0}b", String(repeating: "x", count: 600)] {
                        for receipt in [
                            try await fixture.centre.submit(Withdraw(account: account, amount: 0)),
                            try await fixture.centre.submit(Deposit(account: account, amount: 1)),
                            try await fixture.centre.submit(Deposit(account: account, amount: 0), expected: .noStream),
                        ] {
                            #expect(receipt.status == .refused)
                            #expect(receipt.code == "invalidAppend")
                        }
                    }
                    #expect(try await fixture.log.frontier().position == 0)
                }
            }
        }
    }
#endif
