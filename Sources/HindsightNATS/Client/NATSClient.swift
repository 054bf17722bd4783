#if NATS
    public import Logging
    public import ServiceLifecycle
    import Synchronization

    /// A connection to a NATS server or a cluster of them.
    ///
    /// One client serves any number of tasks. It connects in ``run()``, and connects again for as long as that runs; what is
    /// published meanwhile waits in a buffer, and subscriptions come back with the connection.
    ///
    /// ```swift
    /// try await NATSClient.withClient(NATSConfiguration(), logger: logger) { client in
    ///     try await client.publish("7".utf8, to: "orders.placed")
    ///     let answer = try await client.request("7".utf8, to: "orders.state", within: .seconds(1))
    /// }
    /// ```
    ///
    /// ## Delivery
    /// Core NATS delivers at most once. A message that was written when a connection broke is of unknown fate: it is counted in
    /// ``NATSEvent/disconnected(_:unconfirmed:)`` and never sent again. ``flush(within:)`` returns when the server has what was
    /// published before. JetStream adds acknowledgements and ids.
    ///
    /// ## Ending
    /// ``drain(timeout:)`` lets handlers finish and what was published arrive; ``close()`` does not. ``closed`` returns once,
    /// after either.
    public final class NATSClient: Service, Sendable {
        let core: ClientCore

        /// A client that does nothing before ``run()``.
        ///
        /// - Parameters:
        ///   - configuration: where the servers are, and who the client is.
        ///   - logger: gets what ``events`` gets.
        /// - Throws: ``NATSError/Code/invalidConfiguration``.
        public init(_ configuration: NATSConfiguration, logger: Logger) throws(NATSError) {
            core = try ClientCore(configuration, logger: logger)
        }

        /// Connects, and connects again, until the client is closed. A graceful shutdown drains it; cancelling closes it. If it
        /// is closed already, it returns.
        ///
        /// - Throws: ``NATSError``: if no server can be reached at first, if all servers refuse the client twice with the same
        ///   words, if a drain timed out. Being closed is no error.
        public func run() async throws {
            try await withGracefulShutdownHandler {
                try await core.run()
            } onGracefulShutdown: {
                self.core.drain(timeout: nil)
            }
        }

        /// Runs a client for the time of a closure, which begins when it is connected, and drains it afterwards. With
        /// ``NATSConfiguration/keepsTryingToConnect`` the closure begins at once.
        ///
        /// - Parameters:
        ///   - configuration: where the servers are, and who the client is.
        ///   - logger: gets what ``events`` gets.
        ///   - body: uses the client.
        /// - Returns: what `body` returns.
        /// - Throws: what `body` throws, and otherwise what ``run()`` does.
        public static func withClient<Value: Sendable>(
            _ configuration: NATSConfiguration, logger: Logger, _ body: (NATSClient) async throws -> Value
        ) async throws -> Value {
            let client = try NATSClient(configuration, logger: logger)
            async let running: Void = client.core.run()
            let value: Value
            do {
                if !configuration.keepsTryingToConnect { try await client.core.ready.wait() }
                value = try await body(client)
            } catch {
                // Without a connection, that is the reason for whatever failed.
                let reason = client.core.closed.result
                client.close()
                try? await running
                if case .failure(let closing) = reason, (error as? NATSError)?.code == .closed { throw closing }
                throw error
            }
            client.drain()
            try await running
            return value
        }

        /// What the server that it is connected to says of itself; `nil` before the first connection.
        public var serverInfo: NATSServerInfo? { core.state.withLock { $0.info } }

        /// What happens to the connection from now on, for any number of watchers. One that does not keep up loses the oldest
        /// events of 256.
        public var events: AsyncStream<NATSEvent> { core.events.watch() }

        /// Runs tasks on the thread of the connection, which saves changes of threads: a loop of requests is a third faster, many
        /// publishers side by side are slower. A task that blocks there blocks the connection.
        public var eventLoopExecutor: any TaskExecutor { EventLoopExecutor(core.eventLoop) }

        /// Leaves the server and connects again, to another one if there is. Without a connection, or while it drains, it does
        /// nothing.
        public func reconnect() {
            guard let link = core.state.withLock({ $0.machine.phase == .connected ? $0.link : nil }) else { return }
            core.end(link, NATSError(.disconnected, "the client was asked to reconnect"))
        }

        /// Lets all subscriptions handle what they have, refuses new ones at once and new messages after that, waits until
        /// requests are answered and the server has what was published, and closes. It returns at once and can be called from
        /// anywhere, any number of times. Without a connection it closes with ``NATSError/Code/reconnecting``, except before the first
        /// one if nothing waits to be sent.
        ///
        /// - Parameter timeout: how long that may take before it closes all the same, with
        ///   ``NATSError/Code/drainTimedOut``; ``NATSConfiguration/drainTimeout`` without it.
        public func drain(timeout: Duration? = nil) {
            core.drain(timeout: timeout)
        }

        /// Closes at once: what waits to be handled is thrown away.
        public func close() {
            core.close(nil)
        }

        /// Returns when the client is closed and no handler is at work after a drain. A handler that waits for it waits for
        /// itself, until the time for the drain is over.
        ///
        /// - Throws: ``NATSError``: why it closed if it was not asked to.
        public var closed: Void {
            get async throws(NATSError) { try await core.closed.wait() }
        }

        /// Waits for the end for so long at most.
        ///
        /// - Returns: whether it has closed.
        /// - Throws: as ``closed``.
        public func closed(within duration: Duration) async throws(NATSError) -> Bool {
            try await core.closed.wait(within: duration)
        }
    }
#endif
