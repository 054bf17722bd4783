#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightPostgres
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 receipts of others", .timeLimit(.minutes(3)))
    struct ForeignReceiptTests {
        @Test("R6 a row that was deleted and made anew for other content gets nothing of the command at work")
        func madeAnew() async throws {
            try await CentreFixture.with { fixture in
                let gate = DrainTests.Gate()
                try await fixture.serving(Bank.commands { _ in try await gate.pass() }) {
                    let id = UUID.version7()
                    let old = Task { try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id) }
                    try await eventually("it is decided") { gate.waiting == 1 }
                    try await fixture.pool.withSession { try $0.execute("delete from hindsight.receipts") }
                    // Taken, and not decided.
                    let row: SQL = """
                        insert into hindsight.receipts (log, command, name, content)
                        values (\(try await fixture.log.identity()), \(id), 'Deposit', \([UInt8](repeating: 7, count: 32)))
                        """
                    try await fixture.pool.withSession { try $0.execute(row) }
                    gate.open()
                    let error = await #expect(throws: EventCentreError.self) { try await old.value }
                    #expect(error?.code == .otherContent)
                    #expect(try await fixture.amounts("1").isEmpty)
                    #expect(try await fixture.centre.state(ofCommand: id).state == .open)
                }
            }
        }

        @Test("R6 who may hand in commands cannot end the task of an event, nor keep it from its end")
        func taskOfAnEvent() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(tasks: [TaskTests.task]) {
                    let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(receipt.events?.first?.id)
                    _ = try await fixture.ask(
                        "done.thank", #"{"v":1,"event":"\#(event)","position":\#(receipt.position!)}"#)
                    let done = try #require(try await fixture.centre.state(ofTask: "thank", event: event).receipt)
                    // The ids of what is done for tasks are no commands'.
                    let error = await #expect(throws: EventCentreError.self) {
                        try await fixture.centre.submit(Deposit(account: "2", amount: 1), id: done.command)
                    }
                    #expect(error?.code == .malformed)
                    // Any other id is a command's alone.
                    let next = try await fixture.centre.submit(Deposit(account: "1", amount: 4))
                    let other = try #require(next.events?.first?.id)
                    let taken = try await fixture.centre.submit(
                        Withdraw(account: "2", amount: 1), id: .version5(of: other, "thank"))
                    #expect(taken.status == .refused)
                    #expect(try await fixture.centre.state(ofTask: "thank", event: other).state == .open)
                }
            }
        }
    }
#endif
