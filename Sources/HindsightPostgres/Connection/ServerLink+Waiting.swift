import CLibPQ

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ServerLink {
    /// Why a wait ended.
    enum WaitOutcome {
        /// The socket has these events.
        case ready(Int16)
        /// Another thread has changed the state of the gate.
        case woken
        case timedOut
    }

    /// Waits for events on a socket, for the wake pipe, or until a time.
    func wait(for events: Int16, on socket: Int32, until deadline: ContinuousClock.Instant?) -> WaitOutcome {
        while true {
            var timeout: Int32 = -1
            if let deadline {
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { return .timedOut }
                timeout = Int32(clamping: left.wholeMilliseconds)
            }
            var descriptors = (
                pollfd(fd: socket, events: events, revents: 0),
                pollfd(fd: thread.wakePipe.descriptor, events: Int16(POLLIN), revents: 0)
            )
            let count = withUnsafeMutableBytes(of: &descriptors) {
                poll($0.assumingMemoryBound(to: pollfd.self).baseAddress, 2, timeout)
            }
            if count < 0, errno != EINTR, errno != EAGAIN {
                // Only a wrong argument or a lack of memory can be the reason; libpq's next call on the socket tells
                // which.
                return .ready(Int16(POLLIN) | Int16(POLLOUT))
            }
            guard count > 0 else { continue }
            if descriptors.0.revents != 0 {
                return .ready(descriptors.0.revents)
            }
            thread.wakePipe.drain()
            return .woken
        }
    }

    /// Waits until libpq can continue with the statement in progress, and lets it read or write.
    ///
    /// If the connection breaks in the meantime, it returns, because the server's last message may still be in libpq's
    /// memory. The next call throws, so no loop around it can run forever.
    ///
    /// - Parameter expectsAnswer: false while only data is sent: the server says nothing then, so once everything is
    ///   sent there is nothing to wait for.
    /// - Throws: ``PostgresError`` with code `connectionLost` if the connection was broken before; `timeout` or
    ///   `cancelled` if a dead server was given up.
    func makeProgress(_ connection: OpaquePointer, expectsAnswer: Bool = true) throws {
        guard PQstatus(connection) != CONNECTION_BAD else { throw loss() }
        let unsent = PQflush(connection)
        guard unsent >= 0 else { return try checkThatItBroke(connection) }
        guard unsent > 0 || expectsAnswer else { return }
        let events = Int16(POLLIN) | (unsent > 0 ? Int16(POLLOUT) : 0)
        // The limit starts over with every sign of life.
        var deadline = connectDeadline
        if deadline == nil, let timeout = configuration.statementTimeout {
            deadline = .now + timeout + grace
        }
        while true {
            if gate.isCancelled, !isCommitting {
                guard connectDeadline == nil else {
                    throw PostgresError(.cancelled, "connecting was cancelled")
                }
                deadline = min(deadline ?? .now + grace, .now + grace)
            }
            switch wait(for: events, on: PQsocket(connection), until: deadline) {
            case .ready(let ready):
                if ready & ~Int16(POLLOUT) != 0 {
                    try readInput(connection)
                    deliverNotifications()
                }
                return
            case .woken:
                continue
            case .timedOut:
                throw giveUp()
            }
        }
    }

    /// Reads the data that has arrived. A broken connection is no error here: the results, which may already be there,
    /// report it.
    func readInput(_ connection: OpaquePointer) throws {
        if PQconsumeInput(connection) == 0 {
            try checkThatItBroke(connection)
        }
    }

    /// Throws, after libpq failed to read or write, if the connection is not broken: then libpq itself cannot continue,
    /// for lack of memory for example, and would fail in the same way every time.
    private func checkThatItBroke(_ connection: OpaquePointer) throws {
        guard PQstatus(connection) == CONNECTION_BAD else { throw loss() }
    }

    /// Waits until a cancel request that may still hit the next statement has returned.
    func awaitCancelRequest() {
        let deadline = ContinuousClock.now + grace
        // A lost connection has no next statement.
        while gate.isRequestOnItsWay, status.isUsable {
            // No socket: its events would repeatedly end the wait early.
            if case .timedOut = wait(for: 0, on: -1, until: deadline) {
                lose(PostgresError(.connectionLost, "a cancel request got no answer"))
                return
            }
        }
    }

    /// Gives up the connection, because the server did not answer in time.
    private func giveUp() -> PostgresError {
        let isCancelled = gate.isCancelled && connectDeadline == nil
        let error = PostgresError(isCancelled ? .cancelled : .timeout, "the server did not answer in time")
        lose(error)
        return error
    }
}
