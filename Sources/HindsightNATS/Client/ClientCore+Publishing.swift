#if NATS
    import NIOCore
    import Synchronization

    extension ClientCore {
        /// What became of a message.
        enum Enqueued {
            case written
            /// There is no room until the network has taken some.
            case full
            case refused(NATSError)
        }

        /// Writes a message, and waits for room if there is none.
        func publish(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, reply: OutputBuffer.Reply, headers: NATSHeaders
        ) async throws(NATSError) {
            while true {
                switch payload.withBytes({ enqueue($0, to: subject, reply: reply, headers: headers) }) {
                case .written: return
                case .full: try await waitForRoom()
                case .refused(let error): throw error
                }
            }
        }

        /// Writes a message if there is room.
        func enqueue(
            _ payload: UnsafeRawBufferPointer, to subject: NATSSubject, reply: OutputBuffer.Reply, headers: NATSHeaders,
            ignoresLimit: Bool = false
        ) -> Enqueued {
            let headerSize: Int
            do {
                try subject.checkLiteral()
                // The server closes the connection of a client whose line is longer than 4,096 bytes.
                guard subject.rawValue.utf8.count + reply.length < 4_000 else {
                    return .refused(
                        NATSError(.invalidSubject, "the subject and the one for answers have 4,000 bytes or more"))
                }
                headerSize = headers.isEmpty ? 0 : headers.encodedCount
                if headerSize > 0 { try headers.check() }
            } catch {
                return .refused(error)
            }
            let size = headerSize + payload.count
            let (result, flushes): (Enqueued, Bool) = state.withLock { state in
                if let refusal = state.machine.publishRefusal { return (.refused(refusal), false) }
                let limit = state.info?.maximumPayload ?? 1 << 20
                guard size <= limit else {
                    return (
                        .refused(
                            NATSError(
                                .payloadTooLarge,
                                "a message of \(size) bytes is larger than the \(limit) that the server takes")),
                        false
                    )
                }
                if headerSize > 0, let info = state.info, !info.hasHeaders {
                    return (.refused(NATSError(.invalidHeader, "the server \(info.name) takes no headers")), false)
                }
                let isLinked = state.machine.isLinked
                if isLinked {
                    if !ignoresLimit, state.output.size > configuration.outputBufferBytes { return (.full, false) }
                } else if state.output.size + size + subject.rawValue.utf8.count + 64
                    > configuration.reconnectBufferBytes
                {
                    return (.refused(Self.bufferFull(configuration.reconnectBufferBytes)), false)
                }
                if case .inbox = reply, !state.usesInbox {
                    state.usesInbox = true
                    if isLinked { state.output.command(inboxCommand) }
                }
                state.output.publish(
                    subject: subject.rawValue, reply: reply, headers: headers, headerSize: headerSize, payload: payload)
                return (.written, isLinked && state.output.scheduleFlush())
            }
            if flushes { scheduleFlush() }
            return result
        }

        private static func bufferFull(_ limit: Int) -> NATSError {
            NATSError(
                .disconnected,
                "there is no connection, and what was published since has filled the buffer of \(limit) bytes")
        }

        /// Has the event loop write what waits.
        func scheduleFlush() {
            eventLoop.execute { self.writeOut() }
        }

        /// Hands everything that waits to the network. On the event loop.
        func writeOut() {
            let work: (bytes: ByteBuffer, link: ServerLink)? = state.withLock { state in
                guard state.machine.isLinked, let link = state.link, let bytes = state.output.takeAll() else {
                    return nil
                }
                return (bytes, link)
            }
            guard let (bytes, link) = work else { return }
            write(bytes, to: link)
        }

        /// On the event loop.
        func write(_ bytes: ByteBuffer, to link: ServerLink) {
            let count = bytes.readableBytes
            link.channel.writeAndFlush(bytes).whenComplete { _ in self.wrote(count, on: link) }
        }

        private func wrote(_ count: Int, on link: ServerLink) {
            let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
                guard state.link === link else { return [] }
                state.output.complete(count)
                guard state.output.size <= configuration.outputBufferBytes / 2 else { return [] }
                defer { state.roomWaiters = [:] }
                return Array(state.roomWaiters.values)
            }
            for waiter in waiters { waiter.resume() }
        }

        /// Returns when there may be room again.
        func waitForRoom() async throws(NATSError) {
            let id: UInt64 = state.withLock { state in
                state.nextWaiter += 1
                return state.nextWaiter
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let mustWait = state.withLock { state in
                        guard state.machine.isLinked, state.output.size > configuration.outputBufferBytes else {
                            return false
                        }
                        state.roomWaiters[id] = continuation
                        return true
                    }
                    if !mustWait { return continuation.resume() }
                    if Task.isCancelled { cancelWait(id) }
                }
            } onCancel: {
                cancelWait(id)
            }
            if Task.isCancelled { throw NATSError(.cancelled, "the task was cancelled before the message was written") }
        }

        private func cancelWait(_ id: UInt64) {
            state.withLock { $0.roomWaiters.removeValue(forKey: id) }?.resume()
        }
    }

    extension Collection<UInt8> {
        /// The elements as bytes in memory.
        func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
            if let value = withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return value }
            return Array(self).withUnsafeBytes(body)
        }
    }
#endif
