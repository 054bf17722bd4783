#if NATS
    import NIOCore
    import Synchronization

    /// The requests that wait for an answer, each under a token at the end of the subject that it is answered to.
    final class RequestTable: Sendable {
        typealias Answer = Result<NATSMessage, NATSError>

        /// Who gets the answer.
        enum Receiver: Sendable {
            case continuation(CheckedContinuation<Answer, Never>)
            case callback(@Sendable (Answer) -> Void)

            func receive(_ answer: Answer) {
                switch self {
                case .continuation(let continuation): continuation.resume(returning: answer)
                case .callback(let callback): callback(answer)
                }
            }
        }

        private struct Slot {
            var receiver: Receiver
            var deadline: NIODeadline
            /// It is not worth waiting for once the connection is lost.
            var endsWithConnection: Bool
        }

        private struct State {
            var next: UInt64 = 0
            var slots: [UInt64: Slot] = [:]
            /// When the deadlines are looked at next.
            var lookAt: NIODeadline?
            var look: Scheduled<Void>?
            var whenEmpty: (@Sendable () -> Void)?

            mutating func takeWhenEmpty() -> (@Sendable () -> Void)? {
                guard slots.isEmpty else { return nil }
                defer { whenEmpty = nil }
                return whenEmpty
            }
        }

        private let state = Mutex(State())
        private let eventLoop: any EventLoop

        init(eventLoop: any EventLoop) {
            self.eventLoop = eventLoop
        }

        /// A token that no other request has.
        func token() -> UInt64 {
            state.withLock { state in
                state.next += 1
                return state.next
            }
        }

        /// Someone waits for the answer from now on.
        func add(_ token: UInt64, _ receiver: Receiver, until deadline: NIODeadline, endsWithConnection: Bool) {
            let isEarlier = state.withLock { state in
                state.slots[token] = Slot(
                    receiver: receiver, deadline: deadline, endsWithConnection: endsWithConnection)
                guard state.lookAt.map({ deadline < $0 }) ?? true else { return false }
                state.lookAt = deadline
                return true
            }
            // One look at all deadlines at the earliest of them costs less than a timer for each request.
            if isEarlier { schedule(deadline) }
        }

        private func schedule(_ deadline: NIODeadline) {
            let look = eventLoop.scheduleTask(deadline: deadline) { [weak self] in if let self { self.look(deadline) } }
            // There is one at a time. An earlier one may have been asked for meanwhile.
            let other = state.withLock { state -> Scheduled<Void>? in
                guard state.lookAt == deadline else { return look }
                defer { state.look = look }
                return state.look
            }
            other?.cancel()
        }

        /// Nobody waits any more.
        ///
        /// - Returns: who waited.
        func remove(_ token: UInt64) -> Receiver? {
            let (receiver, whenEmpty) = state.withLock { state in
                (state.slots.removeValue(forKey: token)?.receiver, state.takeWhenEmpty())
            }
            whenEmpty?()
            return receiver
        }

        /// An answer came. One that nobody waits for any more is dropped.
        func answer(_ message: NATSMessage) {
            guard let token = message.withSubject({ RawWriter.token(atEndOf: $0) }) else { return }
            remove(token)?.receive(.success(message))
        }

        private func look(_ deadline: NIODeadline) {
            let now = NIODeadline.now()
            let (late, whenEmpty, next) = state.withLock {
                state -> ([Receiver], (@Sendable () -> Void)?, NIODeadline?) in
                // Another one has taken its place.
                guard state.lookAt == deadline else { return ([], nil, nil) }
                var late: [Receiver] = []
                var next: NIODeadline?
                for (token, slot) in state.slots {
                    if slot.deadline <= now {
                        late.append(slot.receiver)
                        state.slots[token] = nil
                    } else {
                        next = min(next ?? slot.deadline, slot.deadline)
                    }
                }
                state.lookAt = next
                return (late, state.takeWhenEmpty(), next)
            }
            if let next { schedule(next) }
            for receiver in late {
                receiver.receive(.failure(NATSError(.timedOut, "no answer came in time")))
            }
            whenEmpty?()
        }

        /// The connection is lost.
        func connectionLost() {
            fail(NATSError(.disconnected, "the connection was lost before an answer came")) { $0.endsWithConnection }
        }

        /// No answer can come any more.
        func failAll(_ error: NATSError) {
            fail(error) { _ in true }
        }

        private func fail(_ error: NATSError, where isChosen: (Slot) -> Bool) {
            let (receivers, whenEmpty) = state.withLock { state in
                let chosen = state.slots.filter { isChosen($0.value) }
                for token in chosen.keys { state.slots[token] = nil }
                return (chosen.values.map(\.receiver), state.takeWhenEmpty())
            }
            for receiver in receivers { receiver.receive(.failure(error)) }
            whenEmpty?()
        }

        /// Calls `body` once nobody waits for an answer, perhaps at once.
        func whenEmpty(_ body: @escaping @Sendable () -> Void) {
            let isEmpty = state.withLock { state in
                if !state.slots.isEmpty { state.whenEmpty = body }
                return state.slots.isEmpty
            }
            if isEmpty { body() }
        }
    }
#endif
