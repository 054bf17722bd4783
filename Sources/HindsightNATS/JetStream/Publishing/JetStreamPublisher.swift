#if NATS
    import NIOCore
    import Synchronization

    /// Publishes many messages without waiting for each ack. At most as many as its window are on their way, and each is
    /// accounted for once: with an ack or an error.
    ///
    /// It belongs to a scope, see ``JetStream/withPublisher(window:patience:_:)``, and may be used by any number of tasks.
    public final class JetStreamPublisher: Sendable {
        /// What became of a message.
        public typealias Outcome = Result<PublishAck, JetStreamError>

        private struct State {
            var window: PublishWindow
            var next: UInt64 = 0
            /// Those who wait for room, or for everything to be settled.
            var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        }

        private let jetStream: JetStream
        private let state: Mutex<State>

        init(_ jetStream: JetStream, window: Int) {
            self.jetStream = jetStream
            state = Mutex(State(window: PublishWindow(size: window)))
        }

        /// How many messages were stored so far, failed, and are on their way.
        public var counts: (stored: UInt64, failed: UInt64, open: Int) {
            state.withLock { ($0.window.stored, $0.window.failed, $0.window.open) }
        }

        /// Publishes a message, and waits only if the window is full.
        ///
        /// - Parameters:
        ///   - payload: what it carries, in bytes.
        ///   - subject: a subject without wildcards.
        ///   - headers: its headers.
        ///   - options: its id, and what the stream has to find.
        ///   - receive: gets the ack or the error, once, on the thread of the connection: it must not block. Without it, the first
        ///     error is thrown by the next call and at the end of the scope.
        /// - Throws: ``JetStreamError``: an error of an earlier message that nobody received; `cancelled` if the task was while it
        ///   waited for room. The message was not published then, and `receive` is not called.
        public func publish(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders = [:],
            options: PublishOptions = PublishOptions(), receive: (@Sendable (Outcome) -> Void)? = nil
        ) async throws(JetStreamError) {
            admitting: while true {
                switch state.withLock({ $0.window.admit() }) {
                case .admitted: break admitting
                case .refused(let error): throw error
                case .wait: try await wait { $0.window.open >= $0.window.size && $0.window.failure == nil }
                }
            }
            do throws(NATSError) {
                try await jetStream.core.waitForRoom()
            } catch {
                let error = JetStreamError(error, "publishing to \(subject)")
                settle(.failure(error), receive: { _ in })
                throw error
            }
            let headers = options.headers(with: headers)
            if jetStream.patience > .zero {
                // It may have to be sent again, when the caller's bytes are gone.
                let retry = Retry(
                    payload: Array(payload), subject: subject, headers: headers,
                    pauses: Pauses(within: jetStream.patience))
                retry.payload.withUnsafeBytes {
                    send($0, to: subject, headers: headers, retry: retry, receive: receive)
                }
            } else {
                payload.withBytes { send($0, to: subject, headers: headers, retry: nil, receive: receive) }
            }
        }

        /// What it takes to send a message again.
        private struct Retry: Sendable {
            let payload: [UInt8]
            let subject: NATSSubject
            let headers: NATSHeaders
            var pauses: Pauses
        }

        private func send(
            _ payload: UnsafeRawBufferPointer, to subject: NATSSubject, headers: NATSHeaders, retry: Retry?,
            receive: (@Sendable (Outcome) -> Void)?
        ) {
            let core = jetStream.core
            core.send(
                payload, to: subject, headers: headers, token: core.requests.token(),
                .callback { self.answered($0, subject, retry, receive) },
                until: .now() + TimeAmount(jetStream.timeout), endsWithConnection: true)
        }

        private func answered(
            _ answer: Result<NATSMessage, NATSError>, _ subject: NATSSubject, _ retry: Retry?,
            _ receive: (@Sendable (Outcome) -> Void)?
        ) {
            let outcome: Outcome
            do throws(JetStreamError) {
                switch answer {
                case .success(let message): outcome = .success(try PublishAck(message, "publishing to \(subject)"))
                case .failure(let error): throw JetStreamError(error, "publishing to \(subject)")
                }
            } catch {
                if error.code == .unavailable, var retry, let pause = retry.pauses.next() {
                    let again = retry
                    jetStream.core.eventLoop.scheduleTask(in: TimeAmount(pause)) {
                        again.payload.withUnsafeBytes {
                            self.send($0, to: again.subject, headers: again.headers, retry: again, receive: receive)
                        }
                    }
                    return
                }
                outcome = .failure(error)
            }
            settle(outcome, receive: receive)
        }

        private func settle(_ outcome: Outcome, receive: (@Sendable (Outcome) -> Void)?) {
            receive?(outcome)
            let failure: JetStreamError? = if case .failure(let error) = outcome { error } else { nil }
            let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
                guard state.window.settle(failure, isHandled: receive != nil), !state.waiters.isEmpty else { return [] }
                defer { state.waiters = [:] }
                return Array(state.waiters.values)
            }
            for waiter in waiters { waiter.resume() }
        }

        /// Waits until every message so far is accounted for.
        ///
        /// - Throws: ``JetStreamError``: the first error that nobody received; `cancelled`.
        public func settled() async throws(JetStreamError) {
            while state.withLock({ $0.window.open }) > 0 { try await wait { $0.window.open > 0 } }
            if let failure = state.withLock({ $0.window.failure }) { throw failure }
        }

        /// Takes nothing more, and waits for the rest whatever happens.
        func finish() async {
            state.withLock { $0.window.finish() }
            // Each message is settled by its answer or its time-out at the latest, so this cannot last for ever.
            while state.withLock({ $0.window.open }) > 0 {
                await withCheckedContinuation { continuation in
                    enroll(continuation) { $0.window.open > 0 }
                }
            }
        }

        private func wait(while condition: @Sendable (borrowing State) -> Bool) async throws(JetStreamError) {
            let id = state.withLock { state in
                state.next += 1
                return state.next
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    enroll(continuation, id, condition)
                    if Task.isCancelled { release(id) }
                }
            } onCancel: {
                release(id)
            }
            if Task.isCancelled {
                throw JetStreamError(.cancelled, "the task was cancelled while it waited for acks")
            }
        }

        private func enroll(
            _ continuation: CheckedContinuation<Void, Never>, _ id: UInt64? = nil,
            _ condition: (borrowing State) -> Bool
        ) {
            let waits = state.withLock { state in
                guard condition(state) else { return false }
                state.next += 1
                state.waiters[id ?? state.next] = continuation
                return true
            }
            if !waits { continuation.resume() }
        }

        private func release(_ id: UInt64) {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
#endif
