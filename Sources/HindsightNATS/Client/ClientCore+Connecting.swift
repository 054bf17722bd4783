#if NATS
    import NIOCore
    import NIOPosix
    import NIOSSL
    import Synchronization

    extension ClientCore {
        /// Connects, and connects again, until the client is closed.
        func run() async throws(NATSError) {
            let isWanted = try state.withLock { state throws(NATSError) in try state.machine.start() }
            guard isWanted else { return try await closed.wait() }
            await withTaskCancellationHandler {
                while let (address, wait) = nextAttempt() {
                    // Closed meanwhile, or cancelled, which closes.
                    if wait > .zero, (try? await closed.wait(within: wait)) ?? true { break }
                    do throws(NATSError) {
                        let link = try await connect(to: address)
                        try? await link.ended.wait()
                    } catch {
                        failed(address, error)
                    }
                }
                // Handlers of a connection that was lost in its drain may still be at work. How it ended is asked below.
                try? await closed.wait()
            } onCancel: {
                close(nil)
            }
            try closed.result?.get()
        }

        private func nextAttempt() -> (ServerAddress, Duration)? {
            let (attempt, givesUp): ((ServerAddress, Duration)?, NATSError?) = state.withLock { state in
                guard state.machine.wantsConnection else { return (nil, nil) }
                let failure =
                    state.lastFailure ?? NATSError(.connectionFailed, "no server is left that takes the client")
                guard let attempt = state.pool.nextAttempt(chance: .random(in: 0...1)) else { return (nil, failure) }
                let isFirst = !state.machine.wasConnected && !configuration.keepsTryingToConnect
                if isFirst, state.pool.rounds > 0 { return (nil, failure) }
                return ((attempt.address, attempt.wait), nil)
            }
            if let givesUp { close(givesUp) }
            return attempt
        }

        private func failed(_ address: ServerAddress, _ error: NATSError) {
            let isWanted = state.withLock { state in
                state.abortAttempt = nil
                state.lastFailure = error
                if error.code == .authorization { _ = state.pool.refused(by: address, saying: error.message) }
                return state.machine.wantsConnection
            }
            if isWanted { tell(.connectFailed(server: "\(address)", error)) }
        }

        private func connect(to address: ServerAddress) async throws(NATSError) -> ServerLink {
            let greeted = eventLoop.makePromise(of: ServerLink.self)
            let isWanted = state.withLock { state in
                state.abortAttempt = { greeted.fail(ConnectionMachine.closed) }
                return state.machine.wantsConnection
            }
            if !isWanted { greeted.fail(ConnectionMachine.closed) }
            let timeout = TimeAmount(configuration.connectTimeout)
            let timer = eventLoop.scheduleTask(in: timeout) {
                greeted.fail(
                    NATSError(.connectionFailed, "\(address) did not greet within \(self.configuration.connectTimeout)")
                )
            }
            defer { timer.cancel() }
            ClientBootstrap(group: eventLoop)
                .connectTimeout(timeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65_536, maximum: 262_144)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if self.configuration.tls.mode == .first {
                            try pipeline.addHandler(self.tlsHandler(for: address))
                        }
                        try pipeline.addHandler(ConnectionHandler(client: self, address: address, greeted: greeted))
                    }
                }
                .connect(host: address.host, port: address.port)
                .whenComplete { result in
                    switch result {
                    case .success(let channel):
                        // Through the handler, so that a greeting that comes too late is not taken.
                        greeted.futureResult.whenFailure { self.end(channel, self.connectionError($0, at: address)) }
                    case .failure(let error):
                        greeted.fail(self.connectionError(error, at: address))
                    }
                }
            do {
                return try await greeted.futureResult.get()
            } catch {
                throw connectionError(error, at: address)
            }
        }

        /// An error of the network as one of the client.
        func connectionError(_ error: any Error, at address: ServerAddress) -> NATSError {
            switch error {
            case let error as NATSError: error
            case NIOSSLError.uncleanShutdown:
                NATSError(.connectionFailed, "the connection to \(address) was cut off", underlying: error)
            case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
                NATSError(
                    .connectionFailed,
                    "TLS with \(address) failed: see to the certificates and to whom the client trusts",
                    underlying: error)
            default:
                NATSError(
                    .connectionFailed, "no connection to \(address): see that a server is there and reachable",
                    underlying: error)
            }
        }

        /// Whether TLS begins after the server's greeting.
        func beginsTLS(after info: NATSServerInfo, at address: ServerAddress) throws(NATSError) -> Bool {
            switch configuration.tls.mode {
            case .first: return false
            case .ifAsked where !info.requiresTLS && !address.isSecure: return false
            case .ifAsked, .required:
                guard info.requiresTLS || info.offersTLS else {
                    throw NATSError(
                        .invalidConfiguration, "\(address) offers no TLS, which the client is configured to need")
                }
                return true
            }
        }

        func tlsHandler(for address: ServerAddress) throws -> NIOSSLClientHandler {
            let context = try NIOSSLContext(configuration: configuration.tls.configuration)
            return try NIOSSLClientHandler(context: context, serverHostname: address.isNumeric ? nil : address.host)
        }

        /// What the client says after the server's greeting.
        func greeting(for info: NATSServerInfo, at address: ServerAddress) throws(NATSError) -> String {
            let login = try configuration.credentials.login(nonce: info.nonce)
            let isEncrypted = configuration.tls.mode == .first ? true : try beginsTLS(after: info, at: address)
            return try ConnectLine(
                echo: configuration.echo, tls_required: isEncrypted, name: configuration.name, user: login.user,
                pass: login.password, auth_token: login.token, nkey: login.publicKey, jwt: login.jwt,
                sig: login.signature
            ).line()
        }
    }

    extension ClientCore {
        /// A server has accepted the client: subscriptions first, then what was published meanwhile. On the event loop.
        ///
        /// - Returns: whether the connection is still wanted.
        func established(_ link: ServerLink, _ info: NATSServerInfo) -> Bool {
            let (isWanted, discarded, isSuspended, discovered) = state.withLock {
                state -> (Bool, Int, Bool, [String]) in
                guard state.machine.connected() else { return (false, 0, false, []) }
                state.abortAttempt = nil
                state.link = link
                state.info = info
                state.confirmed = 0
                state.unanswered = 0
                state.connectedAt = .now()
                state.lastFailure = nil
                state.pool.connected(to: link.address)
                let discovered = state.discover(info, from: link)
                let lost =
                    state.output.largest > info.maximumPayload
                    ? state.output.keepMessages(ofAtMost: info.maximumPayload) : 0
                var lines = state.usesInbox ? inboxCommand : ""
                for id in state.subscriptions.keys.sorted() { lines += state.subscriptions[id]?.begin() ?? "" }
                state.output.prepend(lines)
                for flush in state.flushes.keys.sorted() { _ = state.ping(.flush(flush)) }
                _ = state.output.scheduleFlush()
                return (true, lost, state.suspensions > 0, discovered)
            }
            guard isWanted else { return false }
            if isSuspended { applySuspension() }
            scheduleFlush()
            let interval = TimeAmount(configuration.pingInterval)
            // It ends with the channel, which holds the client as well. A weak reference to the client would make it slower for each
            // message to hold it.
            let pings = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { task in
                if !self.keepAlive(link) { task.cancel() }
            }
            link.channel.closeFuture.whenComplete { _ in pings.cancel() }
            ready.complete(.success(()))
            if discarded > 0 { tell(.discarded(messages: discarded)) }
            tell(.connected(info))
            if !discovered.isEmpty { tell(.discoveredServers(discovered)) }
            return true
        }

        /// The line that subscribes to the answers of requests.
        var inboxCommand: String { "SUB \(inbox)* \(Self.inboxSubscription)\r\n" }

        /// Asks the server whether it is there.
        ///
        /// - Returns: whether the connection still is.
        private func keepAlive(_ link: ServerLink) -> Bool {
            let (isThere, isStale, flushes) = state.withLock { state -> (Bool, Bool, Bool) in
                guard state.link === link else { return (false, false, false) }
                // Answers are not read while a slow subscription has the connection suspended.
                guard state.suspensions == 0 else { return (true, false, false) }
                // Whoever asked: no answer is no answer.
                if !state.pongs.isEmpty { state.unanswered += 1 }
                if state.unanswered >= max(1, configuration.unansweredPings) { return (false, true, false) }
                return (true, false, state.machine.isLinked && state.ping(.keepAlive))
            }
            if isStale {
                end(
                    link,
                    NATSError(
                        .staleConnection, "\(link.address) has not answered \(configuration.unansweredPings) pings"))
            }
            if flushes { scheduleFlush() }
            return isThere
        }

        /// Closes a connection, for a reason.
        func end(_ link: ServerLink, _ error: NATSError) {
            end(link.channel, error)
        }

        private func end(_ channel: any Channel, _ error: NATSError) {
            channel.pipeline.fireUserInboundEventTriggered(LinkEnding(error: error))
        }

        /// A PONG came.
        func ponged(by link: ServerLink) {
            let (waiter, flush) = state.withLock {
                state -> (PongWaiter?, CheckedContinuation<Result<Void, NATSError>, Never>?) in
                guard state.link === link, !state.pongs.isEmpty else { return (nil, nil) }
                let (waiter, position) = state.pongs.removeFirst()
                state.unanswered = 0
                state.confirmed = max(state.confirmed, position)
                guard case .flush(let id) = waiter else { return (waiter, nil) }
                return (waiter, state.flushes.removeValue(forKey: id))
            }
            flush?.resume(returning: .success(()))
            switch waiter {
            case .fence(let subscriptions):
                for subscription in subscriptions { subscription.nothingMoreComes() }
                perform(state.withLock { $0.endOfDrain() })
            case .drained:
                perform(state.withLock { $0.machine.flushed() })
            case .move:
                end(link, NATSError(.disconnected, "\(link.address) is about to shut down"))
            case .keepAlive, .flush, nil:
                break
            }
        }

        /// The server tells of its cluster, or that it is about to shut down.
        func informed(_ info: NATSServerInfo, by link: ServerLink) {
            let (discovered, last) = state.withLock { state -> ([String], ByteBuffer?) in
                guard state.link === link else { return ([], nil) }
                state.info = info
                let discovered = state.discover(info, from: link)
                // With nowhere to go it stays for as long as it can.
                guard info.isLameDuck, state.machine.phase == .connected, state.machine.isLinked,
                    state.pool.entries.count > 1
                else { return (discovered, nil) }
                // The server gets what there is, and its answer comes when it has it. All that follows is for the next one.
                _ = state.ping(.move)
                let last = state.output.takeAll()
                state.machine.unlink()
                return (discovered, last)
            }
            if info.isLameDuck { tell(.lameDuck) }
            if !discovered.isEmpty { tell(.discoveredServers(discovered)) }
            if let last { write(last, to: link) }
        }

        /// The server reported an error.
        func reported(_ error: NATSError, text: String) {
            tell(.serverError(error))
            guard let (subject, queue) = ServerErrorText(text).refusedSubscription else { return }
            guard subject != "\(inbox)*" else {
                // The next request tries once more: what is allowed can change.
                state.withLock { $0.usesInbox = false }
                return requests.failAll(error)
            }
            for subscription in state.withLock({ Array($0.subscriptions.values) })
            where subscription.subject.rawValue == subject && subscription.queue == queue {
                subscription.end(error)
            }
        }

        /// A connection is gone.
        func lost(_ link: ServerLink, _ error: NATSError) {
            var fenced: [SubscriptionCore] = []
            var flushes: [CheckedContinuation<Result<Void, NATSError>, Never>] = []
            let (isCurrent, unconfirmed, room, action) = state.withLock {
                state -> (Bool, Int, [CheckedContinuation<Void, Never>], ConnectionMachine.Action) in
                guard state.link === link else { return (false, 0, [], .nothing) }
                state.link = nil
                state.pool.lost(after: .nanoseconds((NIODeadline.now() - state.connectedAt).nanoseconds))
                let unconfirmed = max(0, state.output.written - state.confirmed)
                state.output.connectionLost()
                for (waiter, _) in state.pongs {
                    switch waiter {
                    case .fence(let subscriptions): fenced += subscriptions
                    case .flush(let id): if let flush = state.flushes.removeValue(forKey: id) { flushes.append(flush) }
                    case .keepAlive, .drained, .move: break
                    }
                }
                state.pongs = []
                defer { state.roomWaiters = [:] }
                return (true, unconfirmed, Array(state.roomWaiters.values), state.machine.lost(error))
            }
            guard isCurrent else { return }
            for waiter in room { waiter.resume() }
            let unknown = NATSError(
                .disconnected, "the connection was lost before the server confirmed what was published",
                underlying: error)
            for flush in flushes { flush.resume(returning: .failure(unknown)) }
            for subscription in fenced { subscription.nothingMoreComes() }
            requests.connectionLost()
            tell(.disconnected(error, unconfirmed: unconfirmed))
            perform(action)
            perform(state.withLock { $0.endOfDrain() })
        }
    }

    extension ClientCore.State {
        /// Asks for a PONG.
        ///
        /// - Returns: whether the caller has to see to a flush.
        mutating func ping(_ waiter: ClientCore.PongWaiter) -> Bool {
            output.command("PING\r\n")
            pongs.append((waiter, output.position))
            return output.scheduleFlush()
        }

        /// Learns of the cluster's servers.
        ///
        /// - Returns: all of them, if one is new.
        fileprivate mutating func discover(_ info: NATSServerInfo, from link: ServerLink) -> [String] {
            // In random order, so that the clients of a server that is gone do not all come to the same one.
            let addresses = info.addresses.shuffled().compactMap {
                try? ServerAddress("\(link.address.isSecure ? "tls" : "nats")://\($0)")
            }
            guard pool.discovered(addresses, connected: link.address) else { return [] }
            return addresses.map(\.description)
        }

        /// What a drain does next if all subscriptions are done.
        mutating func endOfDrain() -> ConnectionMachine.Action {
            subscriptions.isEmpty ? machine.subscriptionsDone() : .nothing
        }
    }

    extension TimeAmount {
        /// What is longer than a century is a century: a time for ever must not be one that is over already.
        init(_ duration: Duration) {
            let century = Duration.seconds(100 * 365 * 86_400)
            let (seconds, attoseconds) = min(max(duration, .zero - century), century).components
            self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
    }
#endif
