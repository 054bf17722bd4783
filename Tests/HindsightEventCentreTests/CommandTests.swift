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

    @Suite("R6 commands", .timeLimit(.minutes(3)))
    struct CommandTests {
        @Test("R6 a command gets a receipt; its events are in the log, with ids that derive from its own")
        func receipt() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving {
                    let id = UUID.version7()
                    let receipt = try await fixture.centre.submit(
                        Deposit(account: "1", amount: 7), id: id, correlationID: "visit 4")
                    #expect(receipt.status == .appended)
                    #expect(receipt.command == id)
                    #expect(receipt.stream == "account-1")
                    #expect(receipt.version == 0)
                    let event = try #require(try await fixture.log.readStream("account-1").first)
                    #expect(receipt.position == event.position)
                    #expect(event.id == .version5(of: id, "0"))
                    #expect(receipt.events == [CommandReceipt.Event(id: event.id, type: "Deposited")])
                    #expect(event.causationID == id.uuidString.lowercased())
                    #expect(event.correlationID == "visit 4")
                    #expect(try await fixture.centre.state(ofCommand: id).receipt == receipt)
                }
            }
        }

        @Test("R6 handed in again, at any node and at once, a command gets the same bytes and appends nothing")
        func repeated() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving([fixture.node(), fixture.node(), fixture.node()]) {
                    let text = #"{"v":1,"id":"\#(UUID.version7())","data":{"account":"1","amount":5}}"#
                    try await fixture.eventuallyListening()
                    let answers = try await withThrowingTaskGroup(of: String.self) { group in
                        for _ in 0..<40 { group.addTask { try await fixture.ask("command.Deposit", text) } }
                        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                    }
                    #expect(answers.count == 1)
                    #expect(try await fixture.amounts("1") == [5])
                }
            }
        }

        @Test("R6 the same id with other content, or for another command, is refused")
        func otherContent() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving {
                    let id = UUID.version7()
                    _ = try await fixture.centre.submit(Deposit(account: "1", amount: 5), id: id)
                    for command in ["Deposit", "Withdraw"] {
                        let amount = command == "Deposit" ? 6 : 5
                        let error = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.submit(
                                command, data: Array(#"{"account":"1","amount":\#(amount)}"#.utf8), id: id)
                        }
                        #expect(error?.code == .otherContent)
                    }
                    #expect(try await fixture.amounts("1") == [5])
                }
            }
        }

        @Test("R6 a refusal has its reason, and stays the receipt when the command would be accepted by now")
        func refused() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving {
                    let id = UUID.version7()
                    let refused = try await fixture.centre.submit(Withdraw(account: "1", amount: 5), id: id)
                    #expect(refused.status == .refused)
                    #expect(refused.code == "tooLittle")
                    #expect(refused.reason == "5 cannot be taken from 0")
                    _ = try await fixture.centre.submit(Deposit(account: "1", amount: 5))
                    #expect(try await fixture.centre.submit(Withdraw(account: "1", amount: 5), id: id) == refused)
                    #expect(try await fixture.centre.submit(Withdraw(account: "1", amount: 5)).status == .appended)
                    #expect(try await fixture.amounts("1") == [5, -5])
                }
            }
        }

        @Test("R6 a stream that is not as the command says is a conflict; what changes nothing has a receipt, too")
        func conflict() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving {
                    let first = try await fixture.centre.submit(Deposit(account: "1", amount: 5), expected: .noStream)
                    #expect(first.status == .appended)
                    for expected in [ExpectedVersion.noStream, .exact(3)] {
                        let conflict = try await fixture.centre.submit(
                            Deposit(account: "1", amount: 5), expected: expected)
                        #expect(conflict.status == .conflict)
                        #expect(conflict.version == 0)
                        #expect(conflict.expected == "\(expected)")
                    }
                    let missing = try await fixture.centre.submit(Withdraw(account: "2", amount: 0), expected: .exists)
                    #expect(missing.status == .conflict)
                    #expect(missing.version == -1)
                    let exact = try await fixture.centre.submit(Withdraw(account: "1", amount: 2), expected: .exact(0))
                    #expect(exact.version == 1)
                    let nothing = try await fixture.centre.submit(Deposit(account: "1", amount: 0))
                    #expect(nothing.status == .unchanged)
                    #expect(nothing.version == 1)
                    #expect(try await fixture.amounts("1") == [5, -2])
                }
            }
        }

        @Test("R6 commands for one stream at three nodes at once: each is decided on what was appended before it")
        func concurrent() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving([fixture.node(), fixture.node(), fixture.node()]) {
                    _ = try await fixture.centre.submit(Deposit(account: "1", amount: 10))
                    let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                        for _ in 0..<24 {
                            group.addTask {
                                try await fixture.centre.submit(Withdraw(account: "1", amount: 1)).status == .appended
                            }
                        }
                        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                    }
                    #expect(accepted == 10)
                    #expect(try await fixture.amounts("1").reduce(0, +) == 0)
                }
            }
        }

        @Test("R6 the answer is lost: whoever handed the command in asks for its state, and finds the receipt")
        func lostReceipt() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving {
                    try await fixture.eventuallyListening()
                    let id = UUID.version7()
                    #expect(try await fixture.centre.state(ofCommand: id).state == .unknown)
                    // Nobody listens where the answer goes.
                    try await fixture.client.publish(
                        #"{"v":1,"id":"\#(id)","data":{"account":"1","amount":5}}"#.utf8,
                        to: NATSSubject("\(fixture.prefix).command.Deposit"), reply: "nobody.is.there")
                    try await eventually("the command ends") {
                        try await fixture.centre.state(ofCommand: id).state == .ended
                    }
                    let receipt = try #require(try await fixture.centre.state(ofCommand: id).receipt)
                    #expect(receipt.stream == "account-1")
                    #expect(try await fixture.amounts("1") == [5])
                }
            }
        }

        @Test("R6 a handler that fails does not end its command: it can be handed in again")
        func failing() async throws {
            struct Fault: Error {}
            try await CentreFixture.with { fixture in
                let id = UUID.version7()
                try await fixture.serving(Bank.commands { _ in throw Fault() }) {
                    let error = await #expect(throws: EventCentreError.self) {
                        try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id)
                    }
                    #expect(error?.code == .failed)
                    let state = try await fixture.centre.state(ofCommand: id)
                    #expect(state.state == .open)
                }
                try await fixture.serving {
                    let receipt = try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id)
                    #expect(receipt.status == .appended)
                }
            }
        }

        @Test(
            "R6 what is no request is answered with what is wrong with it",
            arguments: [
                ("command.Deposit", "", "malformed"),
                ("command.Deposit", "nonsense", "malformed"),
                ("command.Deposit", "{}", "malformed"),
                ("command.Deposit", #"{"v":2,"id":"x"}"#, "unsupportedVersion"),
                ("command.Deposit", #"{"v":1,"id":"x","data":{}}"#, "malformed"),
                ("command.Deposit", #"{"v":1,"id":"00000000-0000-0000-0000-000000000001","data":[]}"#, "malformed"),
                (
                    "command.Deposit", #"{"v":1,"id":"00000000-0000-0000-0000-000000000001","data":{"account":7}}"#,
                    "malformed"
                ),
                (
                    "command.Deposit",
                    #"{"v":1,"id":"00000000-0000-0000-0000-000000000001","data":{"account":"1","amount":1},"expected":"7x"}"#,
                    "malformed"
                ),
                ("command.Deposit", #"{"v":1,"v":1}"#, "malformed"),
                ("command.Deposit", #"{"v":1,"ids":"x"}"#, "malformed"),
                ("command.Steal", #"{"v":1,"id":"00000000-0000-0000-0000-000000000001","data":{}}"#, "unknownCommand"),
                ("state", #"{"v":1}"#, "malformed"),
                ("state", #"{"v":1,"command":"x"}"#, "malformed"),
                ("done.ship", #"{"v":1,"event":"00000000-0000-0000-0000-000000000001","position":1}"#, "unknownTask"),
                ("query.nothing", #"{"v":1}"#, "unknownView"),
                ("query.account", #"{"v":1,"limit":-1}"#, "malformed"),
                ("query.account", #"{"v":1,"where":{"colour":"red"}}"#, "invalidQuery"),
                ("query.account", #"{"v":1}"#, "notShown"),
                ("command.Deposit", #"{"v":1,"id":""# + String(repeating: "x", count: 300_000) + #""}"#, "tooLarge"),
            ] as [(String, String, String)])
        func malformed(_ subject: String, _ text: String, _ code: String) async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving {
                    let answer = try await fixture.ask(subject, text)
                    #expect(answer.hasPrefix(#"{"v":1,"error":{"code":"\#(code)","#), "\(answer)")
                    #expect(try await fixture.log.frontier().position == 0)
                }
            }
        }
    }
#endif
