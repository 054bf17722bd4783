#if NATS
    import HindsightNATS
    import Testing

    @Suite("What is asked of a consumer", .timeLimit(.minutes(1)))
    struct PullMachineTests {
        @Test("37: asks again when half has come, for as much as has come")
        func refillsByCount() {
            var machine = PullMachine(limit: PullAmount(messages: 10, bytes: nil))
            #expect(machine.request() == PullAmount(messages: 10, bytes: nil))
            #expect(machine.request() == nil)
            for _ in 0..<4 { machine.received(size: 100) }
            #expect(machine.request() == nil)
            machine.received(size: 100)
            #expect(machine.request(held: 1) == nil || machine.messages == 9)
            var other = PullMachine(limit: PullAmount(messages: 10, bytes: nil))
            _ = other.request()
            for _ in 0..<5 { other.received(size: 100) }
            #expect(other.request() == PullAmount(messages: 5, bytes: nil))
            #expect(other.messages == 10)
        }

        @Test("37: a batch size of 1 has one message at a time")
        func refillsOneByOne() {
            var machine = PullMachine(limit: PullAmount(messages: 1, bytes: nil))
            #expect(machine.request()?.messages == 1)
            machine.received(size: 5)
            // The reader still has it.
            #expect(machine.request(held: 1) == nil)
            #expect(machine.request()?.messages == 1)
        }

        @Test("37: asks again when half of the bytes have come")
        func refillsByBytes() {
            var machine = PullMachine(limit: PullAmount(messages: 1000, bytes: 1000))
            #expect(machine.request() == PullAmount(messages: 1000, bytes: 1000))
            machine.received(size: 400)
            #expect(machine.request() == nil)
            machine.received(size: 400)
            #expect(machine.request() == PullAmount(messages: 2, bytes: 800))
            #expect(machine.bytes == 1000)
        }

        @Test("41: a request that is fulfilled gives its bytes back, so nothing stalls")
        func doesNotStallOnCompletedBatches() {
            var machine = PullMachine(limit: PullAmount(messages: 2, bytes: 1000))
            #expect(machine.request() == PullAmount(messages: 2, bytes: 1000))
            machine.received(size: 10)
            machine.received(size: 10)
            // The server's word of it is on its way.
            #expect(machine.request() == nil)
            machine.ended(left: PullAmount(messages: 0, bytes: 980))
            #expect(machine.request() == PullAmount(messages: 2, bytes: 1000))
        }

        @Test("36, 41: a message that is larger than all bytes is asked for by itself")
        func takesOneThatIsTooLarge() {
            var machine = PullMachine(limit: PullAmount(messages: 10, bytes: 100))
            _ = machine.request()
            machine.ended(left: PullAmount(messages: 10, bytes: 100), isTooLarge: true)
            #expect(machine.request() == PullAmount(messages: 1, bytes: nil))
            machine.received(size: 5000)
            #expect(machine.request() == PullAmount(messages: 10, bytes: 100))
            // One that only did not fit into the rest is asked for with the others.
            machine.received(size: 60)
            machine.ended(left: PullAmount(messages: 9, bytes: 40), isTooLarge: true)
            #expect(machine.request() == PullAmount(messages: 10, bytes: 100))
        }

        @Test func asksForNoMoreThanIsWanted() {
            var machine = PullMachine(limit: PullAmount(messages: 100, bytes: nil))
            #expect(machine.request(remaining: 3) == PullAmount(messages: 3, bytes: nil))
            #expect(machine.request(remaining: 3) == nil)
            machine.received(size: 1)
            #expect(machine.request(remaining: 2) == nil)
            machine.lost()
            #expect(machine.request(remaining: 2) == PullAmount(messages: 2, bytes: nil))
        }

        @Test("37, 41: whatever a server does, what is under way keeps its bound and something always is")
        func keepsItsBounds() {
            for _ in 0..<300 {
                var random = SystemRandomNumberGenerator()
                let limit = PullAmount(
                    messages: Int.random(in: 1...20, using: &random),
                    bytes: Bool.random(using: &random) ? Int.random(in: 1...500, using: &random) : nil)
                var machine = PullMachine(limit: limit)
                var requests: [PullAmount] = []
                for _ in 0..<200 {
                    if let request = machine.request() { requests.append(request) }
                    #expect(!requests.isEmpty)
                    #expect(machine.messages <= limit.messages)
                    // The server serves the first request: with a message, or with its end.
                    let size = Int.random(in: 1...80, using: &random)
                    guard var first = requests.first else { break }
                    if let bytes = first.bytes, size > bytes {
                        machine.ended(left: first, isTooLarge: true)
                        requests.removeFirst()
                        continue
                    }
                    machine.received(size: size)
                    first.messages -= 1
                    first.bytes = first.bytes.map { $0 - size }
                    requests[0] = first
                    let isOver = Int.random(in: 0..<20, using: &random) == 0
                    if first.messages == 0 || isOver {
                        if first.bytes != nil || isOver { machine.ended(left: first) }
                        requests.removeFirst()
                    }
                }
            }
        }
    }
#endif
