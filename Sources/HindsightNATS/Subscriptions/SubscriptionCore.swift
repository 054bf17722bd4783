#if NATS
    import NIOCore
    import Synchronization

    /// One subscription: the state that the connection fills and a reader empties.
    final class SubscriptionCore: Sendable {
        /// What a reader waits for.
        enum Outcome: Sendable {
            case batch(NATSMessageBatch)
            case ended(NATSError?)
            case timedOut
            case cancelled
            /// Another connection has taken the place of the one that was there.
            case reconnected
        }

        private struct State {
            var machine: SubscriptionMachine
            var waiter: (id: UInt64, continuation: CheckedContinuation<Outcome, Never>)?
            /// Whether the one who waits wants to know of another connection.
            var tellsReconnects = false
            var nextWaiter: UInt64 = 0
            var isHandedOver = false
        }

        let id: UInt64
        let subject: NATSSubject
        let queue: String?
        let client: ClientCore
        /// When it is done, and how.
        let closed = Completion()
        /// How many messages and bytes the reader has had. Only a reader writes them, and there is one at a time.
        private let taken = Atomic<Int>(0)
        private let takenBytes = Atomic<Int>(0)
        /// So that a reader sees the end in the middle of what it took.
        private let hasEnded = Atomic<Bool>(false)
        /// Whether it can have the connection not read, and whether it does.
        private let canSuspend: Bool
        private let isSuspending = Atomic<Bool>(false)
        private let state: Mutex<State>

        init(id: UInt64, subject: NATSSubject, queue: String?, options: NATSSubscriptionOptions, client: ClientCore) {
            self.id = id
            self.subject = subject
            self.queue = queue
            self.client = client
            canSuspend = options.overflow == .suspend
            state = Mutex(State(machine: SubscriptionMachine(options: options)))
        }

        private var progress: (messages: Int, bytes: Int) {
            (taken.load(ordering: .relaxed), takenBytes.load(ordering: .relaxed))
        }

        /// Whether it was closed at once, so that what was taken must not be handled.
        var isEnded: Bool { hasEnded.load(ordering: .relaxed) }

        /// A reader begins to handle a message.
        func take(_ size: Int) {
            taken.store(taken.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
            takenBytes.store(takenBytes.load(ordering: .relaxed) &+ size, ordering: .relaxed)
            if canSuspend { resumeIfTaken() }
        }

        /// A reader has taken a whole batch.
        func take(_ batch: NATSMessageBatch) {
            taken.store(taken.load(ordering: .relaxed) &+ batch.count, ordering: .relaxed)
            takenBytes.store(takenBytes.load(ordering: .relaxed) &+ batch.size, ordering: .relaxed)
            if canSuspend { resumeIfTaken() }
        }

        /// Has the connection read again when enough is taken. Whoever takes and whoever suspends both look, each after its own
        /// step, so that one of them sees it.
        private func resumeIfTaken() {
            atomicMemoryFence(ordering: .sequentiallyConsistent)
            guard isSuspending.load(ordering: .relaxed) else { return }
            let taken = progress
            let resumes = state.withLock { state in
                let resumes = state.machine.resumeReading(taken: taken)
                isSuspending.store(state.machine.suspendsReading, ordering: .relaxed)
                return resumes
            }
            if resumes { client.resumeReading() }
        }

        var pending: NATSPending {
            let taken = progress
            return state.withLock { state in
                NATSPending(
                    messages: state.machine.received - taken.messages, bytes: state.machine.receivedBytes - taken.bytes,
                    dropped: state.machine.dropped, delivered: taken.messages)
            }
        }

        /// The lines that tell a server of it; `nil` if it is not to send anything.
        func begin() -> String? {
            let (lines, waiter): (String?, CheckedContinuation<Outcome, Never>?) = state.withLock { state in
                guard state.machine.begin() else { return (nil, nil) }
                let group = queue.map { " \($0)" } ?? ""
                var lines = "SUB \(subject.rawValue)\(group) \(id)\r\n"
                if let limit = state.machine.serverLimit { lines += "UNSUB \(id) \(limit)\r\n" }
                guard state.tellsReconnects, state.machine.beginnings > 1, let waiter = state.waiter else {
                    return (lines, nil)
                }
                state.waiter = nil
                return (lines, waiter.continuation)
            }
            waiter?.resume(returning: .reconnected)
            return lines
        }

        /// How often a server was told of it.
        var beginnings: Int { state.withLock { $0.machine.beginnings } }

        /// Whether a server sends messages, or will.
        var isActive: Bool { state.withLock { $0.machine.phase == .active } }

        /// Why it ended, if it has.
        var failure: NATSError? { state.withLock { $0.machine.error } }
    }

    extension SubscriptionCore {
        /// The connection brought messages.
        func receive(_ batch: NATSMessageBatch) {
            let taken = progress
            let (reception, waiter) = state.withLock { state in
                let reception = state.machine.receive(batch, taken: taken, hasWaiter: state.waiter != nil)
                guard reception.batch != nil else { return (reception, CheckedContinuation<Outcome, Never>?.none) }
                defer { state.waiter = nil }
                return (reception, state.waiter?.continuation)
            }
            if let batch = reception.batch { waiter?.resume(returning: .batch(batch)) }
            if reception.suspendsReading {
                client.suspendReading()
                isSuspending.store(true, ordering: .relaxed)
                resumeIfTaken()
            }
            if reception.isSlow {
                client.tell(.slowConsumer(subject: subject.rawValue, dropped: pending.dropped))
            }
            if reception.isComplete { endIfDone() }
        }

        /// What comes next, waited for until `deadline`.
        ///
        /// - Parameter beginnings: how often a server was told of the subscription, as far as the reader knows: the wait ends when
        ///   it is more often than that. `nil` if the reader does not care.
        func next(until deadline: NIODeadline? = nil, beginnings: Int? = nil) async -> Outcome {
            if let outcome = poll() { return outcome }
            let id: UInt64 = state.withLock { state in
                state.nextWaiter += 1
                return state.nextWaiter
            }
            var timer: Scheduled<Void>?
            defer { timer?.cancel() }
            return await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let taken = progress
                    let ((next, resumesReading), before, isNew) = state.withLock {
                        state -> ((SubscriptionMachine.Next, Bool), CheckedContinuation<Outcome, Never>?, Bool) in
                        let step = state.machine.next(taken: taken)
                        guard case .wait = step.next else { return (step, nil, false) }
                        if let beginnings, state.machine.beginnings > max(1, beginnings) { return (step, nil, true) }
                        state.tellsReconnects = beginnings != nil
                        // One reader at a time: the one that waited is sent away.
                        defer { state.waiter = (id, continuation) }
                        return (step, state.waiter?.continuation, false)
                    }
                    if isNew { return continuation.resume(returning: .reconnected) }
                    before?.resume(returning: .cancelled)
                    if resumesReading { client.resumeReading() }
                    if let outcome = outcome(of: next) { return continuation.resume(returning: outcome) }
                    // Not before it waits: a deadline that is over already would find nobody to wake.
                    timer = deadline.map { deadline in
                        client.eventLoop.scheduleTask(deadline: deadline) { self.wake(id, .timedOut) }
                    }
                    if Task.isCancelled { wake(id, .cancelled) }
                }
            } onCancel: {
                wake(id, .cancelled)
            }
        }

        /// What is here already.
        private func poll() -> Outcome? {
            let taken = progress
            let (next, resumesReading) = state.withLock { $0.machine.next(taken: taken) }
            if resumesReading { client.resumeReading() }
            return outcome(of: next)
        }

        private func outcome(of next: SubscriptionMachine.Next) -> Outcome? {
            switch next {
            case .batch(let batch):
                return .batch(batch)
            case .wait:
                return nil
            case .ended(let error, let isFirst):
                if isFirst { finished(nil) }
                return .ended(error)
            }
        }

        private func wake(_ id: UInt64, _ outcome: Outcome) {
            let waiter: CheckedContinuation<Outcome, Never>? = state.withLock { state in
                guard let waiter = state.waiter, waiter.id == id else { return nil }
                state.waiter = nil
                return waiter.continuation
            }
            waiter?.resume(returning: outcome)
        }

        /// A reader goes, and gives back what it has not handled.
        func putBack(_ batch: NATSMessageBatch?) {
            finishIf { $0.putBack(batch) }
        }
    }

    extension SubscriptionCore {
        /// No messages beyond so many in all.
        ///
        /// - Returns: the line that tells the server.
        func limit(to messages: Int) -> String {
            let (isComplete, limit) = state.withLock { ($0.machine.limit(to: messages), $0.machine.serverLimit) }
            if isComplete { endIfDone() }
            return isComplete ? "UNSUB \(id)\r\n" : "UNSUB \(id) \(limit ?? messages)\r\n"
        }

        /// The server is told to stop.
        ///
        /// - Returns: whether it has to be told.
        func stop() -> Bool {
            state.withLock { $0.machine.stop() }
        }

        /// Nothing more can come.
        func nothingMoreComes() {
            finishIf { $0.nothingMoreComes() }
        }

        private func endIfDone() {
            finishIf { $0.endIfDone() }
        }

        private func finishIf(_ change: (inout SubscriptionMachine) -> SubscriptionMachine.End) {
            let (end, waiter) = state.withLock { state in
                let end = change(&state.machine)
                guard end.isFirst else { return (end, CheckedContinuation<Outcome, Never>?.none) }
                defer { state.waiter = nil }
                return (end, state.waiter?.continuation)
            }
            waiter?.resume(returning: .ended(nil))
            if end.resumesReading { client.resumeReading() }
            if end.isFirst { finished(nil) }
        }

        /// It ends here and now.
        func end(_ error: NATSError?) {
            let (end, waiter) = state.withLock { state in
                defer { state.waiter = nil }
                return (state.machine.end(error), state.waiter?.continuation)
            }
            hasEnded.store(true, ordering: .relaxed)
            waiter?.resume(returning: .ended(error))
            if end.resumesReading { client.resumeReading() }
            if end.isFirst { finished(error) }
        }

        private func finished(_ error: NATSError?) {
            client.forget(self)
            closed.complete(error.map { .failure($0) } ?? .success(()))
        }
    }
#endif
