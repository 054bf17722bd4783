#if NATS
    import HindsightNATS
    import Testing

    @Suite("The state of an ordered reading", .timeLimit(.minutes(1)))
    struct OrderedMachineTests {
        private func delivery(_ consumer: UInt64, _ stream: UInt64, pending: UInt64 = 10) -> JetStreamDelivery {
            JetStreamDelivery(
                streamSequence: stream, consumerSequence: consumer, deliveries: 1, pending: pending,
                time: JetStreamTime(nanoseconds: 0))
        }

        private func started(_ start: StartPlace = .first, end: UInt64? = nil) -> OrderedMachine {
            var machine = OrderedMachine(start: start, end: end)
            machine.begin()
            machine.created(pending: 10, behind: 0)
            return machine
        }

        @Test("42: a gap begins anew behind the last message, and what comes meanwhile is ignored")
        func healsGaps() {
            var machine = started()
            #expect(machine.receive(delivery(1, 1)) == .deliver)
            #expect(machine.receive(delivery(2, 4)) == .deliver)
            #expect(machine.receive(delivery(4, 6)) == .reset)
            #expect(machine.need == .gap(expected: 3, found: 4))
            #expect(machine.receive(delivery(5, 7)) == .ignore)
            #expect(machine.start == .sequence(5))
            machine.begin()
            #expect(machine.serial == 2)
            machine.created(pending: 3, behind: 4)
            #expect(machine.receive(delivery(1, 6)) == .deliver)
        }

        @Test("42: a stream sequence that does not grow begins anew")
        func refusesRepetitions() {
            var machine = started()
            _ = machine.receive(delivery(1, 5))
            #expect(machine.receive(delivery(2, 5)) == .reset)
        }

        @Test("42: a heartbeat tells of deliveries that did not come")
        func healsByHeartbeats() {
            var machine = started()
            _ = machine.receive(delivery(1, 1))
            machine.heartbeat(last: 1)
            #expect(machine.need == nil)
            machine.heartbeat(last: 2)
            #expect(machine.need == .gap(expected: 2, found: 2))
        }

        @Test("40: heartbeats without the messages that are there begin anew")
        func healsStalls() {
            var machine = started()
            _ = machine.receive(delivery(1, 1, pending: 3))
            machine.heartbeat(last: 1)
            #expect(machine.need == nil)
            machine.heartbeat(last: 1)
            #expect(machine.need == .stalled)
            var idle = started()
            _ = idle.receive(delivery(1, 1, pending: 0))
            for _ in 0..<10 { idle.heartbeat(last: 1) }
            #expect(idle.need == nil)
        }

        @Test func startsWithWhatIsNewOnlyOnce() {
            var machine = OrderedMachine(start: .new)
            machine.begin()
            machine.created(pending: 0, behind: 41)
            machine.reset(.silence)
            #expect(machine.start == .sequence(42))
        }

        @Test func endsBehindTheLastMessage() {
            var machine = started(end: 3)
            #expect(machine.receive(delivery(1, 2)) == .deliver)
            #expect(machine.receive(delivery(2, 3)) == .deliverAndFinish)
            #expect(machine.isFinished)
            #expect(machine.receive(delivery(3, 4)) == .ignore)
            // The last one was deleted.
            var beyond = started(end: 3)
            #expect(beyond.receive(delivery(1, 2)) == .deliver)
            #expect(beyond.receive(delivery(2, 4)) == .finish)
            #expect(beyond.isFinished && beyond.lastSequence == 2)
            #expect(OrderedMachine(start: .sequence(4), end: 3).isFinished)
        }

        @Test func asksForNoMoreThanIsWanted() {
            var machine = started(.sequence(11), end: 20)
            #expect(machine.remaining(isFiltered: false) == 10)
            #expect(machine.remaining(isFiltered: true) == nil)
            _ = machine.receive(delivery(1, 11))
            #expect(machine.remaining(isFiltered: false) == 9)
            #expect(started().remaining(isFiltered: false) == nil)
        }

        @Test func looksForTheEndWhenNothingIsLeft() {
            var machine = started(end: 9)
            #expect(!machine.mayBeAtEnd)
            _ = machine.receive(delivery(1, 2, pending: 0))
            #expect(machine.mayBeAtEnd)
            machine.finish()
            #expect(!machine.mayBeAtEnd && machine.isFinished)
        }

        @Test("42: whatever happens, each message is handed over once and in order")
        func keepsOrderUnderChaos() {
            for seed in 0..<200 {
                var random = SystemRandomNumberGenerator()
                var machine = OrderedMachine(start: .first)
                var handed: [UInt64] = []
                // A server with 300 messages, of which it loses, repeats and interrupts.
                while handed.count < 300 {
                    if machine.need != nil {
                        machine.begin()
                        machine.created(pending: 300 - UInt64(handed.count), behind: UInt64(handed.count))
                    }
                    guard case let next = machine.lastSequence.map({ $0 + 1 }) ?? 1, next <= 300 else { break }
                    let consumer = machine.consumerSequence + 1
                    switch Int.random(in: 0..<12, using: &random) {
                    case 0: machine.reset(.silence)
                    case 1: if machine.receive(delivery(consumer + 1, next + 1)) == .deliver { handed.append(next + 1) }
                    case 2: if machine.receive(delivery(consumer, next - 1)) == .deliver { handed.append(next - 1) }
                    case 3: machine.heartbeat(last: machine.consumerSequence + UInt64.random(in: 0...1, using: &random))
                    default: if machine.receive(delivery(consumer, next)) == .deliver { handed.append(next) }
                    }
                }
                #expect(handed == Array(1...300), "run \(seed)")
            }
        }
    }
#endif
