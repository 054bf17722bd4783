#if NATS
    import HindsightNATS
    import HindsightTestSupport

    /// A subscription with a connection and a reader that do things by chance, and what must hold of it.
    struct SubscriptionWorld {
        private var generator: SeededGenerator
        private let client: NATSClient
        private let options: NATSSubscriptionOptions
        private var machine: SubscriptionMachine
        /// Numbers that came, those that were lost as too many, and those that the reader handled.
        private var sent = 0
        private var handled: [Int] = []
        private var handledBytes = 0
        /// What the reader holds, and whether it waits.
        private var held: [Int] = []
        private var isWaiting = false
        private var suspensions = 0
        private var ends = 0
        private var wasEndedAtOnce = false
        private var limit: Int?
        private var isOpen = true

        init(seed: UInt64, client: NATSClient) {
            generator = SeededGenerator(seed: seed)
            self.client = client
            var options = NATSSubscriptionOptions()
            options.pendingMessages = 1 + Int(generator.next() % 40)
            options.pendingBytes = 20 + Int(generator.next() % 100)
            options.overflow = generator.next() % 2 == 0 ? .suspend : .dropAndReport
            self.options = options
            machine = SubscriptionMachine(options: options)
        }

        /// - Returns: what did not hold.
        mutating func run() -> String? {
            for _ in 0..<(20 + number(below: 60)) {
                step()
                if let fault = fault() { return fault }
            }
            // At last the server has answered, and the reader takes everything.
            tell(machine.nothingMoreComes())
            isOpen = false
            for _ in 0..<500 where machine.phase != .ended {
                handle(held.count)
                ask()
            }
            if machine.phase != .ended { return "it does not end" }
            if ends != 1 { return "it has ended \(ends) times" }
            if suspensions != 0 { return "reading stays suspended \(suspensions) times" }
            if isWaiting { return "a reader waits behind the end" }
            if !wasEndedAtOnce, handled.count != machine.received {
                return "\(handled.count) of \(machine.received) were handled"
            }
            return fault()
        }

        private mutating func step() {
            switch number(below: 16) {
            case 0...5: receive()
            case 6...8: handle(1 + number(below: 5))
            case 9...12: if !isWaiting { handle(held.count); ask() }
            case 13:
                // The reader leaves the loop.
                guard !isWaiting else { return }
                let rest = held.isEmpty ? nil : SubscriptionMachineTests.batch(held, client)
                held = []
                tell(machine.putBack(rest))
            case 14:
                switch number(below: 12) {
                case 0: _ = machine.stop()
                case 1:
                    let messages = machine.received + machine.dropped + number(below: 30)
                    let isComplete = machine.limit(to: max(1, messages))
                    if isComplete { tell(machine.endIfDone()) }
                case 2: tell(machine.nothingMoreComes())
                default: break
                }
            default:
                guard number(below: 20) == 0 else { return }
                let end = machine.end(nil)
                if end.isFirst { wasEndedAtOnce = true }
                tell(end)
                held = []
            }
        }

        private mutating func receive() {
            // A connection that is not read brings no more than what was on its way.
            guard suspensions == 0 || number(below: 4) == 0 else { return }
            let numbers = Array(sent..<(sent + 1 + number(below: 12)))
            let wasOpen = machine.phase == .active || machine.phase == .stopping
            let (before, droppedBefore) = (machine.received, machine.dropped)
            let reception = machine.receive(
                SubscriptionMachineTests.batch(numbers, client), taken: (handled.count, handledBytes),
                hasWaiter: isWaiting)
            // Those that the machine took are the next ones in order; those that it dropped are the last of the batch.
            let accepted = machine.received - before
            if wasOpen { expected += numbers.prefix(accepted) }
            sent += numbers.count
            if machine.dropped - droppedBefore != reception.dropped { mismatch = "dropped are counted wrong" }
            if options.overflow == .suspend, reception.dropped > 0 { mismatch = "a subscription that suspends dropped" }
            if let batch = reception.batch {
                isWaiting = false
                held = batch.compactMap(\.number)
            }
            if reception.suspendsReading { suspensions += 1 }
            if reception.isComplete { tell(machine.endIfDone()) }
        }

        private var expected: [Int] = []
        private var mismatch: String?

        private mutating func handle(_ count: Int) {
            for number in held.prefix(count) {
                handled.append(number)
                handledBytes += "\(number)".utf8.count
            }
            held.removeFirst(min(count, held.count))
        }

        private mutating func ask() {
            let step = machine.next(taken: (handled.count, handledBytes))
            if step.resumesReading { suspensions -= 1 }
            switch step.next {
            case .batch(let batch): held = batch.compactMap(\.number)
            case .wait: isWaiting = true
            case .ended(_, let isFirst): if isFirst { ends += 1 }
            }
            if case .wait = step.next, !isOpen { mismatch = "a reader waits though nothing more comes" }
        }

        private mutating func tell(_ end: SubscriptionMachine.End) {
            if end.resumesReading { suspensions -= 1 }
            guard end.isFirst else { return }
            ends += 1
            isWaiting = false
        }

        private func fault() -> String? {
            if let mismatch { return mismatch }
            if handled != Array(expected.prefix(handled.count)) { return "handled \(handled) of \(expected)" }
            if ends > 1 { return "ended \(ends) times" }
            if !(0...1).contains(suspensions) { return "suspended \(suspensions) times" }
            if options.overflow == .dropAndReport, machine.received - handled.count > options.pendingMessages {
                return "keeps more than its limit"
            }
            if machine.phase != .ended, isWaiting, suspensions > 0 { return "a reader waits while nothing is read" }
            return nil
        }

        private mutating func number(below limit: Int) -> Int {
            Int(truncatingIfNeeded: generator.next() % UInt64(limit))
        }
    }
#endif
