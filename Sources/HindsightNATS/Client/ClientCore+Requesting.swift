#if NATS
    import NIOCore
    import Synchronization

    extension ClientCore {
        /// Waits until the server has all that was published.
        func flush(within duration: Duration) async throws(NATSError) {
            let id: UInt64 = state.withLock { state in
                state.nextWaiter += 1
                return state.nextWaiter
            }
            var timer: Scheduled<Void>?
            defer { timer?.cancel() }
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let (isOpen, flushes) = state.withLock { state -> (Bool, Bool) in
                        guard state.machine.phase != .closed else { return (false, false) }
                        state.flushes[id] = continuation
                        // Without a connection the next one begins with it.
                        return (true, state.machine.isLinked && state.ping(.flush(id)))
                    }
                    if !isOpen { return continuation.resume(returning: .failure(ConnectionMachine.closed)) }
                    // Not before it waits: a time that is over already would find nobody to wake.
                    timer = eventLoop.scheduleTask(in: TimeAmount(duration)) {
                        self.endFlush(
                            id, NATSError(.timedOut, "the server has not answered a ping within \(duration)"))
                    }
                    if flushes { scheduleFlush() }
                    if Task.isCancelled { endFlush(id, Self.cancelledFlush) }
                }
            } onCancel: {
                endFlush(id, Self.cancelledFlush)
            }
            try result.get()
        }

        private static let cancelledFlush = NATSError(.cancelled, "the task that waited for a flush was cancelled")

        private func endFlush(_ id: UInt64, _ error: NATSError) {
            state.withLock { $0.flushes.removeValue(forKey: id) }?.resume(returning: .failure(error))
        }

        /// Publishes a message and waits for one answer, of whatever status.
        ///
        /// - Parameters:
        ///   - endsWithConnection: whether it is given up at once when the connection is lost. Its answer could still come
        ///     through the next one.
        func request(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders, within duration: Duration,
            endsWithConnection: Bool
        ) async throws(NATSError) -> NATSMessage {
            let deadline = NIODeadline.now() + TimeAmount(duration)
            try await waitForRoom()
            let token = requests.token()
            let answer = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    payload.withBytes { payload in
                        send(
                            payload, to: subject, headers: headers, token: token, .continuation(continuation),
                            until: deadline, endsWithConnection: endsWithConnection)
                    }
                    if Task.isCancelled { cancelRequest(token) }
                }
            } onCancel: {
                cancelRequest(token)
            }
            return try answer.get()
        }

        /// Publishes a message whose answer, or the reason why there is none, goes to `receiver`, which is called once.
        func send(
            _ payload: UnsafeRawBufferPointer, to subject: NATSSubject, headers: NATSHeaders, token: UInt64,
            _ receiver: RequestTable.Receiver, until deadline: NIODeadline, endsWithConnection: Bool
        ) {
            requests.add(token, receiver, until: deadline, endsWithConnection: endsWithConnection)
            // Each of them waits for an answer, so there cannot be many beyond the limit.
            let result = enqueue(
                payload, to: subject, reply: .inbox(inbox, token: token), headers: headers, ignoresLimit: true)
            switch result {
            case .written: break
            case .full: requests.remove(token)?.receive(.failure(NATSError(.disconnected, "there is no room to write")))
            case .refused(let error): requests.remove(token)?.receive(.failure(error))
            }
        }

        func cancelRequest(_ token: UInt64) {
            requests.remove(token)?.receive(
                .failure(NATSError(.cancelled, "the task that waited for an answer was cancelled")))
        }
    }
#endif
