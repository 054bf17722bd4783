#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import NIOCore
    import Testing

    @Suite("A subscription's life, without a connection: D4, 13.10, 13.17, 13.27, 13.29", .timeLimit(.minutes(3)))
    struct SubscriptionMachineTests {
        private let client: NATSClient

        init() throws {
            client = try NATSClient(NATSConfiguration(), logger: quiet)
        }

        /// Messages whose payloads are numbers, as one read brings them.
        private func batch(_ numbers: Range<Int>, capacity: Int = 0) -> NATSMessageBatch {
            Self.batch(Array(numbers), capacity: capacity, client)
        }

        static func batch(_ numbers: [Int], capacity: Int = 0, _ client: NATSClient) -> NATSMessageBatch {
            var bytes = ByteBuffer()
            bytes.reserveCapacity(capacity)
            let frames = numbers.map { number in
                var frame = MessageFrame()
                frame.subjectStart = UInt32(bytes.writerIndex)
                frame.subjectLength = 1
                bytes.writeString("s")
                frame.payloadStart = UInt32(bytes.writerIndex)
                frame.payloadLength = UInt32(bytes.writeString("\(number)"))
                return frame
            }
            return NATSMessageBatch(bytes: bytes, frames: frames, client: client)
        }

        private func machine(
            messages: Int = 10, bytes: Int = 1_000, _ overflow: NATSSubscriptionOptions.Overflow = .dropAndReport
        ) -> SubscriptionMachine {
            var options = NATSSubscriptionOptions()
            options.pendingMessages = messages
            options.pendingBytes = bytes
            options.overflow = overflow
            return SubscriptionMachine(options: options)
        }

        private func numbers(_ next: SubscriptionMachine.Next) -> [Int]? {
            guard case .batch(let batch) = next else { return nil }
            return batch.compactMap(\.number)
        }

        private func isEnd(_ next: SubscriptionMachine.Next) -> Bool {
            if case .ended(nil, isFirst: true) = next { true } else { false }
        }

        @Test func handsOverToWhoWaitsAndKeepsForWhoComes() {
            var machine = machine()
            let waited = machine.receive(batch(0..<3), taken: (0, 0), hasWaiter: true)
            #expect(waited.batch?.count == 3)
            let kept = machine.receive(batch(3..<5), taken: (3, 3), hasWaiter: false)
            #expect(kept.batch == nil)
            #expect(numbers(machine.next(taken: (3, 3)).next) == [3, 4])
        }

        @Test("D4: what came before the end is handled, nothing is taken after it, and the end is told once")
        func drains() {
            var machine = machine()
            _ = machine.receive(batch(0..<2), taken: (0, 0), hasWaiter: false)
            let (first, second) = (machine.stop(), machine.stop())
            #expect(first && !second)
            _ = machine.receive(batch(2..<3), taken: (0, 0), hasWaiter: false)
            let ends = [machine.nothingMoreComes(), machine.nothingMoreComes(), machine.endIfDone()]
            #expect(ends.allSatisfy { !$0.isFirst })
            let late = machine.receive(batch(3..<4), taken: (0, 0), hasWaiter: true)
            #expect(late.batch == nil)
            #expect(numbers(machine.next(taken: (0, 0)).next) == [0, 1])
            #expect(numbers(machine.next(taken: (2, 2)).next) == [2])
            // The last message is being handled.
            let busy = machine.endIfDone()
            #expect(!busy.isFirst)
            #expect(isEnd(machine.next(taken: (3, 3)).next))
            let after = machine.next(taken: (3, 3)).next
            #expect(!isEnd(after))
            #expect(machine.phase == .ended)
        }

        @Test("13.27: too much is counted, and said once until the reader has caught up")
        func drops() {
            var machine = machine(messages: 3)
            var reception = machine.receive(batch(0..<5), taken: (0, 0), hasWaiter: false)
            #expect(reception.dropped == 2 && reception.isSlow)
            reception = machine.receive(batch(5..<6), taken: (1, 1), hasWaiter: false)
            #expect(reception.dropped == 0)
            reception = machine.receive(batch(6..<9), taken: (1, 1), hasWaiter: false)
            #expect(reception.dropped == 3 && !reception.isSlow)
            #expect(numbers(machine.next(taken: (1, 1)).next) == [0, 1, 2])
            #expect(numbers(machine.next(taken: (3, 3)).next) == [5])
            reception = machine.receive(batch(9..<13), taken: (4, 4), hasWaiter: true)
            #expect(reception.dropped == 1 && reception.isSlow)
            #expect(machine.received == 7 && machine.dropped == 6)
        }

        @Test("13.29: bytes are a limit of their own, and one message that is larger is lost")
        func dropsByBytes() {
            var machine = machine(messages: 100, bytes: 4)
            var reception = machine.receive(batch(10..<13), taken: (0, 0), hasWaiter: false)
            #expect(reception.dropped == 1)
            #expect(machine.receivedBytes == 4)
            reception = machine.receive(batch(10_000..<10_001), taken: (2, 4), hasWaiter: true)
            #expect(reception.dropped == 1 && reception.batch == nil)
        }

        @Test("13.27: a reader who waits for more is not left waiting by reading that was suspended")
        func resumesForWhoWaits() {
            var machine = machine(messages: 10, .suspend)
            let reception = machine.receive(batch(0..<100), taken: (0, 0), hasWaiter: true)
            #expect(reception.suspendsReading && reception.isSlow && reception.batch?.count == 100)
            let step = machine.next(taken: (100, 190))
            guard case .wait = step.next else {
                Issue.record("there is something to get")
                return
            }
            #expect(step.resumesReading)
        }

        @Test("13.27: reading goes on at half of the limit, and with the end")
        func resumes() {
            var machine = machine(messages: 10, .suspend)
            var suspensions = [Bool]()
            for start in stride(from: 0, to: 12, by: 2) {
                suspensions.append(
                    machine.receive(batch(start..<(start + 2)), taken: (0, 0), hasWaiter: false).suspendsReading)
            }
            #expect(suspensions == [false, false, false, false, false, true])
            var resumed: [Bool] = []
            for taken in stride(from: 0, to: 12, by: 2) {
                resumed.append(machine.next(taken: (taken, taken)).resumesReading)
            }
            #expect(resumed == [false, false, false, false, true, false])
            _ = machine.receive(batch(12..<40), taken: (12, 14), hasWaiter: false)
            let end = machine.end(nil)
            #expect(end.isFirst && end.resumesReading)
        }

        @Test("13.27: a subscription that ends while reading is suspended lets it go on, however it ends")
        func everyEndResumes() {
            var machine = machine(messages: 1, .suspend)
            _ = machine.receive(batch(0..<5), taken: (0, 0), hasWaiter: true)
            _ = machine.stop()
            _ = machine.nothingMoreComes()
            // It leaves the loop with all of it taken.
            let end = machine.putBack(nil)
            #expect(end.isFirst && end.resumesReading)
        }

        @Test("13.17: after a reconnect a server is told how many are left")
        func remainingCount() {
            var machine = machine(messages: 100)
            _ = machine.begin()
            _ = machine.limit(to: 10)
            #expect(machine.serverLimit == 10)
            _ = machine.receive(batch(0..<4), taken: (0, 0), hasWaiter: false)
            let isWanted = machine.begin()
            #expect(isWanted)
            #expect(machine.serverLimit == 6)
            let reception = machine.receive(batch(4..<14), taken: (0, 0), hasWaiter: false)
            #expect(reception.isComplete)
            #expect(machine.received == 10)
            let again = machine.begin()
            #expect(!again)
        }

        @Test("13.10: a limit that has been reached already ends it")
        func lateLimit() {
            var machine = machine(messages: 100)
            _ = machine.receive(batch(0..<4), taken: (0, 0), hasWaiter: true)
            _ = machine.next(taken: (4, 4))
            let isComplete = machine.limit(to: 3)
            #expect(isComplete)
            let end = machine.endIfDone()
            #expect(end.isFirst)
        }

        @Test("13.11: what is told to stop is not told to a server again")
        func stoppedIsNotRestored() {
            var machine = machine()
            _ = machine.stop()
            let isWanted = machine.begin()
            #expect(!isWanted)
        }

        @Test("What is kept of a large read with little for it takes little memory")
        func keepsLittle() throws {
            var machine = machine(messages: 100)
            _ = machine.receive(batch(100..<103, capacity: 1 << 18), taken: (0, 0), hasWaiter: false)
            guard case .batch(let batch) = machine.next(taken: (0, 0)).next else {
                Issue.record("there is nothing to get")
                return
            }
            #expect(batch.map(\.text) == ["100", "101", "102"])
            #expect(batch.allSatisfy { $0.subject == "s" && $0.reply == nil && $0.headers.isEmpty })
            let first = try #require(batch.first)
            #expect(first.payload.storageCapacity < 1_024)
        }

        @Test("What is kept of a large read has all its parts, whatever lay between the messages")
        func keepsAllParts() throws {
            var bytes = ByteBuffer()
            bytes.reserveCapacity(1 << 18)
            bytes.writeString("HMSG a.1 7 in.1 18 21\r\nNATS/1.0\r\nId:1\r\n\r\none\r\nMSG a.2 7 3\r\ntwo\r\n")
            bytes.writeString("MSG other 8 500\r\n\(String(repeating: "x", count: 500))\r\n")
            bytes.writeString("MSG a.3 7 in.3 0\r\n\r\nHMSG a.4 7 18 22\r\nNATS/1.0\r\nId:4\r\n\r\nfour\r\n")
            var frames: [MessageFrame] = []
            try bytes.withUnsafeReadableBytes { all in
                var (parser, offset) = (ProtocolParser(), 0)
                while case .message(let frame)? = try parser.next(in: all, at: &offset) { frames.append(frame) }
            }
            try #require(frames.count == 5)
            var machine = machine()
            let received = NATSMessageBatch(
                bytes: bytes, frames: frames.filter { $0.subscription == 7 }, client: client)
            _ = machine.receive(received, taken: (0, 0), hasWaiter: false)
            guard case .batch(let batch) = machine.next(taken: (0, 0)).next else {
                Issue.record("there is nothing to get")
                return
            }
            #expect(batch.map(\.text) == ["one", "two", "", "four"])
            #expect(batch.map(\.subject) == ["a.1", "a.2", "a.3", "a.4"])
            #expect(batch.map(\.reply) == ["in.1", nil, "in.3", nil])
            #expect(batch.map { $0.headers["Id"] } == ["1", nil, nil, "4"])
            #expect(try #require(batch.first).payload.storageCapacity < 1_024)
        }

        @Test(
            "D1, D4: by chance, each message is handed over once at most, in order, none is lost below the limits, the end is told once",
            arguments: 1...8)
        func anything(_ seed: UInt64) async throws {
            let fault: String? = await offThePool { [client] in
                for round in 0..<2_000 {
                    var world = SubscriptionWorld(seed: seed &* 1_000_003 &+ UInt64(round), client: client)
                    if let fault = world.run() { return "round \(round): \(fault)" }
                }
                return nil
            }
            if let fault { Issue.record("seed \(seed), \(fault)") }
        }
    }
#endif
