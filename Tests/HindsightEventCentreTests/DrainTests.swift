#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightValues
    import ServiceLifecycle
    import Synchronization
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("D1 D4 D6 drain of a node", .timeLimit(.minutes(3)))
    struct DrainTests {
        /// Holds handlers until it is opened.
        final class Gate: Sendable {
            private let state = Mutex<(waiting: Int, isOpen: Bool)>((0, false))

            var waiting: Int { state.withLock { $0.waiting } }

            var isOpen: Bool { state.withLock(\.isOpen) }

            func open() { state.withLock { $0.isOpen = true } }

            func pass() async throws {
                state.withLock { $0.waiting += 1 }
                while !isOpen { try await Task.sleep(for: .milliseconds(2)) }
            }
        }

        @Test("D1 D4 a node that is drained finishes what it has taken, answers it, and takes nothing more")
        func finishes() async throws {
            try await CentreFixture.with { fixture in
                let gate = Gate()
                let node = fixture.node(Bank.commands { _ in try await gate.pass() })
                let group = ServiceGroup(
                    configuration: .init(services: [.init(service: node)], logger: CentreFixture.logger))
                async let end: Void = group.run()
                try await fixture.eventuallyListening()
                let receipts = try await withThrowingTaskGroup(of: CommandReceipt.self) { tasks in
                    for number in 0..<8 {
                        tasks.addTask {
                            try await fixture.centre.submit(Withdraw(account: "\(number)", amount: 0))
                        }
                    }
                    try await eventually("all are taken") { gate.waiting == 8 }
                    await group.triggerGracefulShutdown()
                    // Nobody listens any more.
                    try await eventually("it takes nothing more") {
                        do throws(NATSError) {
                            _ = try await fixture.client.request(
                                "{}".utf8, to: NATSSubject("\(fixture.prefix).state"), within: .seconds(1))
                            return false
                        } catch {
                            return error.code == .noResponders
                        }
                    }
                    gate.open()
                    return try await tasks.reduce(into: []) { $0.append($1) }
                }
                try await end
                #expect(receipts.count == 8)
                #expect(receipts.allSatisfy { $0.status == .appended })
                #expect(gate.waiting == 8, "a command was decided twice")
            }
        }

        @Test("D6 nodes come and are drained under load: every command has one receipt, and is in the log once")
        func rolling() async throws {
            try await CentreFixture.with { fixture in
                let isOver = Gate()
                let receipts = try await withThrowingTaskGroup(of: [CommandReceipt].self) { group in
                    for writer in 0..<6 {
                        group.addTask {
                            var receipts: [CommandReceipt] = []
                            for number in 0..<40 {
                                receipts.append(
                                    try await fixture.centre.submit(Deposit(account: "\(writer)", amount: number + 1)))
                            }
                            return receipts
                        }
                    }
                    group.addTask {
                        // Each node overlaps with the next one.
                        try await withThrowingTaskGroup(of: Void.self) { nodes in
                            var last: ServiceGroup?
                            while !isOver.isOpen {
                                let node = ServiceGroup(
                                    configuration: .init(
                                        services: [.init(service: fixture.node())], logger: CentreFixture.logger))
                                nodes.addTask { try await node.run() }
                                try await fixture.eventuallyListening()
                                try await Task.sleep(for: .milliseconds(50))  // some load for each
                                await last?.triggerGracefulShutdown()
                                last = node
                            }
                            await last?.triggerGracefulShutdown()
                            try await nodes.waitForAll()
                        }
                        return []
                    }
                    var receipts: [CommandReceipt] = []
                    for _ in 0..<6 { receipts += try await group.next() ?? [] }
                    isOver.open()
                    try await group.waitForAll()
                    return receipts
                }
                #expect(receipts.count == 240)
                #expect(receipts.allSatisfy { $0.status == .appended })
                for writer in 0..<6 {
                    #expect(try await fixture.amounts("\(writer)").sorted() == Array(1...40))
                }
            }
        }

        @Test("a node that is cancelled gives up what is in flight, which was not receipted: it is handed in again")
        func cancelled() async throws {
            try await CentreFixture.with { fixture in
                let gate = Gate()
                let id = UUID.version7()
                let node = Task { try await fixture.node(Bank.commands { _ in try await gate.pass() }).run() }
                let command = Task { try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id) }
                try await eventually("it is taken") { gate.waiting == 1 }
                node.cancel()
                await #expect(throws: CancellationError.self) { try await node.value }
                try await fixture.serving {
                    let receipt = try await command.value
                    #expect(receipt.status == .appended)
                }
                #expect(try await fixture.amounts("1") == [0])
            }
        }
    }
#endif
