#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("A client's life, without a connection: D3, D5, 13.5, 13.8, 13.13", .timeLimit(.minutes(1)))
    struct ConnectionMachineTests {
        /// What can happen to it.
        private static let events: [(name: String, @Sendable (inout ConnectionMachine) -> String)] = [
            (
                "start",
                { machine in
                    do throws(NATSError) {
                        return try machine.start() ? "runs" : "is closed"
                    } catch {
                        return "\(error.code)"
                    }
                }
            ),
            ("connected", { $0.connected() ? "wanted" : "unwanted" }),
            ("lost", { described($0.lost(NATSError(.disconnected, "gone"))) }),
            ("drain", { described($0.drain(loses: false)) }),
            ("subscriptionsDone", { described($0.subscriptionsDone()) }),
            ("requestsDone", { described($0.requestsDone()) }),
            ("flushed", { described($0.flushed()) }),
            ("drainTimedOut", { described($0.drainTimedOut(.seconds(1))) }),
            ("close", { described($0.close(nil)) }),
        ]

        private static func described(_ action: ConnectionMachine.Action) -> String {
            switch action {
            case .nothing: "nothing"
            case .drainSubscriptions: "drainSubscriptions"
            case .awaitRequests: "awaitRequests"
            case .flush: "flush"
            case .endOfMessages: "endOfMessages"
            case .close(let error): "close(\(error?.code.description ?? ""))"
            }
        }

        /// How each state is come to.
        private static func machine(_ path: [String]) throws -> ConnectionMachine {
            var machine = ConnectionMachine()
            for step in path {
                if step == "unlink" {
                    machine.unlink()
                } else {
                    _ = try #require(events.first { $0.name == step }).1(&machine)
                }
            }
            return machine
        }

        private static let connected = ["start", "connected"]
        private static let draining = connected + ["drain"]

        /// What each event answers in each state, in the order of ``events``, and whether publishing and subscribing is refused.
        private static let table: [(path: [String], answers: [String], publish: String, subscribe: String)] = [
            (
                [], ["runs", "unwanted", "nothing", "close()", "nothing", "nothing", "nothing", "nothing", "close()"],
                "", ""
            ),
            (
                ["start"],
                [
                    "invalidConfiguration", "wanted", "nothing", "close()", "nothing", "nothing", "nothing",
                    "nothing", "close()",
                ],
                "", ""
            ),
            (
                connected,
                [
                    "invalidConfiguration", "unwanted", "nothing", "drainSubscriptions", "nothing", "nothing",
                    "nothing", "nothing", "close()",
                ],
                "", ""
            ),
            (
                connected + ["unlink"],
                [
                    "invalidConfiguration", "unwanted", "nothing", "close(reconnecting)", "nothing", "nothing",
                    "nothing", "nothing", "close()",
                ],
                "", ""
            ),
            (
                connected + ["lost"],
                [
                    "invalidConfiguration", "wanted", "nothing", "close(reconnecting)", "nothing", "nothing", "nothing",
                    "nothing", "close()",
                ],
                "", ""
            ),
            (
                draining,
                [
                    "invalidConfiguration", "unwanted", "endOfMessages", "nothing", "awaitRequests", "nothing",
                    "nothing",
                    "close(drainTimedOut)", "close()",
                ],
                "", "draining"
            ),
            (
                draining + ["lost"],
                [
                    "invalidConfiguration", "unwanted", "endOfMessages", "nothing", "close(disconnected)", "nothing",
                    "nothing",
                    "close(drainTimedOut)", "close()",
                ],
                "disconnected", "draining"
            ),
            (
                draining + ["subscriptionsDone"],
                [
                    "invalidConfiguration", "unwanted", "close(disconnected)", "nothing", "nothing", "flush", "nothing",
                    "close(drainTimedOut)", "close()",
                ],
                "draining", "draining"
            ),
            (
                draining + ["subscriptionsDone", "requestsDone"],
                [
                    "invalidConfiguration", "unwanted", "close(disconnected)", "nothing", "nothing", "nothing",
                    "close()",
                    "close(drainTimedOut)", "close()",
                ],
                "draining", "draining"
            ),
            (
                connected + ["close"],
                ["is closed", "unwanted", "nothing", "nothing", "nothing", "nothing", "nothing", "nothing", "nothing"],
                "closed",
                "closed"
            ),
        ]

        @Test("Every event in every state", arguments: table.indices)
        func everything(_ row: Int) throws {
            let (path, answers, publish, subscribe) = Self.table[row]
            for (event, answer) in zip(Self.events, answers) {
                var machine = try Self.machine(path)
                #expect(event.1(&machine) == answer, "\(event.name) after \(path)")
                if answer.hasPrefix("close(") {
                    #expect(machine.phase == .closed)
                    #expect(!machine.isLinked)
                }
            }
            let machine = try Self.machine(path)
            #expect((machine.publishRefusal?.code.description ?? "") == publish, "publishing after \(path)")
            #expect((machine.subscribeRefusal?.code.description ?? "") == subscribe, "subscribing after \(path)")
        }

        @Test("13.13: whatever happens in whatever order, it is closed once at most", arguments: 1...20)
        func closesOnce(_ seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<500 {
                var machine = ConnectionMachine()
                var closes = 0
                for _ in 0..<30 {
                    let answer = Self.events[Int(generator.next() % UInt64(Self.events.count))].1(&machine)
                    if answer.hasPrefix("close(") { closes += 1 }
                    #expect(machine.phase != .closed || closes == 1)
                    #expect(!machine.isLinked || machine.wasConnected)
                }
                #expect(closes <= 1)
            }
        }
    }
#endif
