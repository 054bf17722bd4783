#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightPostgres
    import HindsightValues
    import Synchronization
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 tasks", .timeLimit(.minutes(3)))
    struct TaskTests {
        /// Counts what subscribers were given.
        final class Deliveries: Sendable {
            private let seen = Mutex<[String: Int]>([:])

            func note(_ delivery: TaskDelivery) {
                seen.withLock { $0[delivery.event.stream.rawValue, default: 0] += 1 }
            }

            var counts: [String: Int] { seen.withLock { $0 } }
            var total: Int { counts.values.reduce(0, +) }
        }

        /// Counts.
        final class Counter: Sendable {
            private let value = Mutex(0)

            var count: Int { value.withLock { $0 } }

            func increment() { value.withLock { $0 += 1 } }
        }

        static let task: EventTask = {
            var task = EventTask("thank", on: Deposited.self)
            task.start = .beginning
            task.absenceInterval = .milliseconds(50)
            task.redeliveryInterval = .milliseconds(500)
            return task
        }()

        /// The same, where nothing is given again however slow the machine is.
        static let givenOnce: EventTask = {
            var task = Self.task
            task.redeliveryInterval = .seconds(60)
            return task
        }()

        /// Runs workers until a body returns.
        static func working(
            _ fixture: CentreFixture, sharing: TaskSharing = .task, _ count: Int = 1,
            _ handler: @escaping @Sendable (Int, TaskDelivery) async throws -> String?,
            _ body: () async throws -> Void
        ) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<count {
                    group.addTask {
                        do {
                            try await fixture.centre.work(on: "thank", sharing: sharing) {
                                try await handler(number, $0)
                            }
                        } catch is CancellationError {
                            // Its end.
                        }
                    }
                }
                try await body()
                group.cancelAll()
            }
        }

        @Test("R6 A hands in, B is given the event, does the task and hands in done; A asks for the state")
        func wholeFlow() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(tasks: [Self.task]) {
                    let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(receipt.events?.first?.id)
                    let before = try await fixture.centre.state(ofCommand: receipt.command)
                    #expect(before.tasks?.map(\.state) == [.open])
                    #expect(try await fixture.centre.state(ofTask: "thank", event: event).state == .open)
                    try await Self.working(fixture) { _, delivery in
                        let deposited = try Bank.registry.decode(Deposited.self, from: delivery.event)
                        return "thanked for \(deposited.amount)"
                    } _: {
                        try await eventually("the task is done") {
                            try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                        }
                    }
                    let after = try await fixture.centre.state(ofCommand: receipt.command)
                    #expect(after.receipt == receipt)
                    let state = try #require(after.tasks?.first)
                    #expect(state.receipt?.event == event)
                    // What was done is in the log.
                    let stream = StreamName("task-thank.\(event.uuidString.lowercased())")
                    let done = try await fixture.log.readStream(stream)
                    #expect(done.map(\.position) == [state.receipt?.position])
                    #expect(
                        try EventRegistry().decode(TaskDone.self, from: done[0])
                            == TaskDone(task: "thank", event: event.uuidString.lowercased(), result: "thanked for 3"))
                }
            }
        }

        @Test("R6 handed in twice, also with another result and by many at once, done gets the same receipt")
        func twice() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving([fixture.node(tasks: [Self.task]), fixture.node(tasks: [Self.task])]) {
                    let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(receipt.events?.first?.id)
                    try await fixture.eventuallyListening()
                    let answers = try await withThrowingTaskGroup(of: String.self) { group in
                        for number in 0..<20 {
                            group.addTask {
                                try await fixture.ask(
                                    "done.thank",
                                    #"{"v":1,"event":"\#(event)","position":\#(receipt.position!),"result":"\#(number)"}"#
                                )
                            }
                        }
                        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                    }
                    #expect(answers.count == 1)
                    #expect(answers.first?.hasPrefix(#"{"v":1,"receipt":{"#) == true)
                    let stream = StreamName("task-thank.\(event.uuidString.lowercased())")
                    #expect(try await fixture.log.readStream(stream).count == 1)
                    // An event of no such task.
                    let answer = try await fixture.ask(
                        "done.thank", #"{"v":1,"event":"\#(UUID())","position":\#(receipt.position!)}"#)
                    #expect(answer.contains("unknownEvent"))
                }
            }
        }

        @Test("R4 R6 of a queue group one gets each event, in order within a stream")
        func group() async throws {
            try await CentreFixture.with { fixture in
                let deliveries = Deliveries()
                let done = Mutex<[String: [Int64]]>([:])
                try await fixture.serving(tasks: [Self.givenOnce]) {
                    for number in 0..<30 {
                        _ = try await fixture.centre.submit(Deposit(account: "\(number % 5)", amount: number + 1))
                    }
                    try await Self.working(fixture, 3) { _, delivery in
                        deliveries.note(delivery)
                        done.withLock { $0[delivery.event.stream.rawValue, default: []].append(delivery.event.version) }
                        return nil
                    } _: {
                        try await eventually("all are done") {
                            try await fixture.pool.withSession { session in
                                try session.query(
                                    "select from hindsight.receipts where name = 'thank' and receipt is not null"
                                ).count == 30
                            }
                        }
                    }
                }
                #expect(deliveries.total == 30)
                for (_, versions) in done.withLock({ $0 }) { #expect(versions == versions.sorted()) }
            }
        }

        @Test("R4 R6 subscribers that share with nobody all get each event, and the one that is done first is heeded")
        func everyone() async throws {
            try await CentreFixture.with { fixture in
                let deliveries = Deliveries()
                try await fixture.serving(tasks: [Self.task]) {
                    try await Self.working(fixture, sharing: .nobody, 3) { number, delivery in
                        deliveries.note(delivery)
                        // Until all have it, so that none comes too late to be given it.
                        try await eventually("all are given it") { deliveries.total >= 3 }
                        return "\(number)"
                    } _: {
                        let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                        let event = try #require(receipt.events?.first?.id)
                        try await eventually("the task is done") {
                            try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                        }
                        let stream = StreamName("task-thank.\(event.uuidString.lowercased())")
                        #expect(try await fixture.log.readStream(stream).count == 1)
                    }
                }
            }
        }

        @Test("R6 a worker that falls silent: the event is given again, to another one, and is done once")
        func redelivered() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(tasks: [Self.task]) {
                    let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(receipt.events?.first?.id)
                    // Takes what comes, and never hands anything in.
                    let silent = try fixture.client.subscribe(
                        to: NATSSubject("\(fixture.prefix).task.thank"), queue: "thank")
                    var messages = silent.makeAsyncIterator()
                    let given = try #require(await messages.next())
                    #expect(given.text.contains(#""delivery":1"#))
                    #expect(try #require(await messages.next()).text.contains(#""delivery":2"#))
                    silent.unsubscribe()
                    try await Self.working(fixture) { _, _ in
                        "late"
                    } _: {
                        try await eventually("the task is done") {
                            try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                        }
                    }
                }
            }
        }

        @Test("R6 a task that cannot be done is handed in as failed, with the reason")
        func failed() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(tasks: [Self.task]) {
                    let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(receipt.events?.first?.id)
                    try await Self.working(fixture) { _, _ in
                        throw TaskFailure("the address is unknown")
                    } _: {
                        try await eventually("the task has failed") {
                            try await fixture.centre.state(ofTask: "thank", event: event).state == .failed
                        }
                    }
                    #expect(
                        try await fixture.centre.state(ofTask: "thank", event: event).receipt?.failure
                            == "the address is unknown")
                }
            }
        }

        @Test("R6 while somebody is at a task it is given again and again, and is done once")
        func slow() async throws {
            try await CentreFixture.with { fixture in
                var task = Self.task
                task.redeliveryInterval = .milliseconds(50)
                let deliveries = Deliveries()
                let given = Counter()
                try await fixture.serving(tasks: [task]) {
                    let observer = try fixture.client.subscribe(to: NATSSubject("\(fixture.prefix).task.thank"))
                    let observed = Task {
                        for await _ in observer { given.increment() }
                    }
                    try await Self.working(fixture) { _, delivery in
                        deliveries.note(delivery)
                        if delivery.event.stream == "account-1" {
                            try await eventually("it is given again") { given.count >= 4 }
                        }
                        return nil
                    } _: {
                        let slow = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                        let event = try #require(slow.events?.first?.id)
                        try await eventually("the task is done") {
                            try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                        }
                        // It comes behind all that is still to be looked at.
                        let last = try await fixture.centre.submit(Deposit(account: "2", amount: 3))
                        let lastEvent = try #require(last.events?.first?.id)
                        try await eventually("the last task is done") {
                            try await fixture.centre.state(ofTask: "thank", event: lastEvent).state == .done
                        }
                    }
                    observer.unsubscribe()
                    await observed.value
                }
                #expect(deliveries.counts["account-1"] == 1)
            }
        }

        @Test("R6 what was handed in as done, and not receipted by a node that died, needs nobody who does it again")
        func unreceipted() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(tasks: [Self.task]) {
                    let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(receipt.events?.first?.id)
                    try await InterruptedCommandTests.refusing(InterruptedCommandTests.afterAppend, fixture.pool) {
                        let answer = try await fixture.ask(
                            "done.thank",
                            #"{"v":1,"event":"\#(event)","position":\#(receipt.position!),"result":"thanked"}"#)
                        #expect(answer.contains(#""code":"failed""#), "\(answer)")
                    }
                }
                // Nobody does the task, and nobody asks for it.
                try await fixture.serving(tasks: [Self.task]) {
                    try await eventually("it has its receipt") {
                        try await fixture.pool.withSession { session in
                            try session.query(
                                "select from hindsight.receipts where name = 'thank' and receipt is not null"
                            ).count == 1
                        }
                    }
                }
            }
        }

        @Test("R6 a node of another build does not know the task: another one takes what is done")
        func otherBuild() async throws {
            try await CentreFixture.with { fixture in
                let deliveries = Deliveries()
                try await fixture.serving([fixture.node(tasks: [Self.task]), fixture.node(), fixture.node()]) {
                    try await Self.working(fixture) { _, delivery in
                        deliveries.note(delivery)
                        return nil
                    } _: {
                        for number in 0..<5 {
                            let receipt = try await fixture.centre.submit(Deposit(account: "\(number)", amount: 1))
                            let event = try #require(receipt.events?.first?.id)
                            try await eventually("the task is done") {
                                try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                            }
                        }
                    }
                }
            }
        }

        @Test("R6 a node that may not distribute takes commands all the same, and distributes as soon as it may")
        func mayNot() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.pool.withSession { session in
                    try session.script(
                        """
                        create function refuse() returns trigger language plpgsql as $$
                        begin raise exception 'refused for a test'; end $$;
                        create trigger refuse before insert or update on hindsight.offsets for each row execute function refuse();
                        """)
                }
                try await fixture.serving(tasks: [Self.task]) {
                    let receipt = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(receipt.events?.first?.id)
                    try await fixture.pool.withSession { session in
                        try session.script("drop trigger refuse on hindsight.offsets; drop function refuse()")
                    }
                    try await Self.working(fixture) { _, _ in
                        nil
                    } _: {
                        try await eventually("the task is done") {
                            try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                        }
                    }
                }
            }
        }

        @Test("R6 a node that stood still for longer than its lease goes on, and distributes when it is its turn")
        func stoodStill() async throws {
            try await CentreFixture.with { fixture in
                try await fixture.serving(tasks: [Self.task]) {
                    let first = try await fixture.centre.submit(Deposit(account: "1", amount: 3))
                    let event = try #require(first.events?.first?.id)
                    let observer = try fixture.client.subscribe(to: NATSSubject("\(fixture.prefix).task.thank"))
                    var given = observer.makeAsyncIterator()
                    _ = await given.next()
                    // Somebody has taken the lease meanwhile, and ends without a word.
                    try await fixture.pool.withSession { session in
                        try session.execute("update hindsight.offsets set epoch = epoch + 1, owner = 'thief'")
                    }
                    try await eventually("what was out is given by nobody") {
                        try await fixture.pool.withSession { session in
                            try session.query(
                                "select from hindsight.offsets where epoch > 2 and owner <> 'thief'"
                            ).count == 1
                        }
                    }
                    try await Self.working(fixture) { _, _ in
                        nil
                    } _: {
                        try await eventually("the task is done") {
                            try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                        }
                    }
                    observer.unsubscribe()
                    // Commands were taken all the time.
                    #expect(try await fixture.centre.submit(Deposit(account: "1", amount: 4)).status == .appended)
                }
            }
        }

        @Test("D6 R6 the node that distributes is drained: another one goes on, and what is done is not given again")
        func handedOver() async throws {
            try await CentreFixture.with { fixture in
                let deliveries = Deliveries()
                try await Self.working(fixture) { _, delivery in
                    deliveries.note(delivery)
                    return nil
                } _: {
                    for round in 0..<3 {
                        // The last node is drained when this returns.
                        try await fixture.serving(tasks: [Self.givenOnce]) {
                            for number in 0..<5 {
                                let receipt = try await fixture.centre.submit(
                                    Deposit(account: "\(round)-\(number)", amount: 1))
                                let event = try #require(receipt.events?.first?.id)
                                try await eventually("the task is done") {
                                    try await fixture.centre.state(ofTask: "thank", event: event).state == .done
                                }
                            }
                        }
                    }
                }
                #expect(deliveries.counts.count == 15)
                #expect(deliveries.total == 15)
            }
        }
    }
#endif
