#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 the time of a handler", .timeLimit(.minutes(3)))
    struct HandlerTimeTests {
        @Test("R6 a handler that takes too long is given up: the command is open, and can be repeated")
        func tooLong() async throws {
            try await CentreFixture.with { fixture in
                let gate = DrainTests.Gate()
                let node = fixture.node(Bank.commands { _ in try await gate.pass() }) {
                    $0.handlerTime = .seconds(1)
                }
                try await fixture.serving([node]) {
                    let id = UUID.version7()
                    let error = await #expect(throws: EventCentreError.self) {
                        try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id)
                    }
                    #expect(error?.code == .handlerTimedOut)
                    #expect(error?.message.contains("Withdraw") == true)
                    #expect(gate.waiting == 1)
                    #expect(try await fixture.centre.state(ofCommand: id).state == .open)
                    let decided = try await fixture.pool.withSession { session in
                        try session.query("select from hindsight.receipts where decision is not null").count
                    }
                    #expect(decided == 0)
                    gate.open()
                    let receipt = try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id)
                    #expect(receipt.status == .appended)
                    #expect(try await fixture.amounts("1") == [0])
                }
            }
        }

        @Test("R6 handlers that do not heed that hold nothing up, and have no effect when they return")
        func unheeding() async throws {
            try await CentreFixture.with { fixture in
                let gate = DrainTests.Gate()
                let commands = Bank.commands { command in
                    guard command.account == "stuck" else { return }
                    // As what blocks, or knows nothing of cancellation.
                    await Task { try? await gate.pass() }.value  // nobody cancels that
                }
                let node = fixture.node(commands) {
                    $0.commandsInFlight = 2
                    $0.handlerTime = .seconds(1)
                }
                try await fixture.serving([node]) {
                    for _ in 0..<2 {
                        let error = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.submit(Withdraw(account: "stuck", amount: 0))
                        }
                        #expect(error?.code == .handlerTimedOut)
                    }
                    // It bears no more of them.
                    let command = #"{"v":1,"id":"\#(UUID.version7())","data":{"account":"1","amount":0}}"#
                    let answer = try await fixture.ask("command.Withdraw", command)
                    #expect(answer.contains(#""code":"unavailable""#), "\(answer)")
                    #expect(answer.contains(#""retriable":true"#))
                    #expect(gate.waiting == 2)
                    gate.open()
                    // `unavailable` is repeated.
                    let receipt = try await fixture.centre.submit(Withdraw(account: "1", amount: 0))
                    #expect(receipt.status == .appended)
                    #expect(try await fixture.amounts("stuck").isEmpty)
                }
                let still = DrainTests.Gate()
                let hung = fixture.node(Bank.commands { _ in await Task { try? await still.pass() }.value }) {
                    $0.handlerTime = .seconds(1)
                }
                try await fixture.serving([hung]) {
                    _ = await #expect(throws: EventCentreError.self) {
                        try await fixture.centre.submit(Withdraw(account: "1", amount: 0))
                    }
                }
                // It has drained all the same.
                #expect(still.waiting == 1)
                still.open()
            }
        }
    }
#endif
