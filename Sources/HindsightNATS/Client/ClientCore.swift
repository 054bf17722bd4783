#if NATS
    import Logging
    import NIOCore
    import NIOPosix
    import Synchronization

    /// What a client, its subscriptions and its messages share.
    final class ClientCore: Sendable {
        /// Who waits for a PONG.
        enum PongWaiter {
            case keepAlive
            case flush(UInt64)
            /// Subscriptions that were told to stop: nothing of theirs comes after it.
            case fence([SubscriptionCore])
            case drained
            /// The server has all that was written, so another one can be turned to.
            case move
        }

        struct State {
            var machine = ConnectionMachine()
            var pool: ServerPool
            var info: NATSServerInfo?
            var link: ServerLink?
            var output = OutputBuffer()
            var subscriptions: [UInt64: SubscriptionCore] = [:]
            /// The first one is the inbox of requests.
            var nextSubscription: UInt64 = ClientCore.inboxSubscription + 1
            /// Whether anybody has ever requested something.
            var usesInbox = false
            /// In the order of their PINGs, each with what was written before it.
            var pongs: [(waiter: PongWaiter, position: Int)] = []
            /// How many messages the server is known to have of those that were written on this connection.
            var confirmed = 0
            var nextWaiter: UInt64 = 0
            /// With a connection each has its place in ``pongs``; without, they wait for the next one.
            var flushes: [UInt64: CheckedContinuation<Result<Void, NATSError>, Never>] = [:]
            var roomWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
            /// Ends the attempt to connect that is under way.
            var abortAttempt: (@Sendable () -> Void)?
            /// How many times in a row the server was asked whether it is there while an answer was still missing.
            var unanswered = 0
            /// How many subscriptions want the connection not to be read.
            var suspensions = 0
            /// When the connection came.
            var connectedAt = NIODeadline.now()
            /// The last error of an attempt to connect.
            var lastFailure: NATSError?
        }

        static let inboxSubscription: UInt64 = 1

        let configuration: NATSConfiguration
        let logger: Logger
        let eventLoop: any EventLoop
        let events = EventHub()
        let closed = Completion()
        /// It was connected for the first time, or closed before.
        let ready = Completion()
        let requests: RequestTable
        /// What the subjects of this client's requests are answered to begin with, with a dot at the end.
        let inbox: String
        let state: Mutex<State>

        init(_ configuration: NATSConfiguration, logger: Logger) throws(NATSError) {
            try configuration.check()
            var addresses: [ServerAddress] = []
            for server in configuration.servers { addresses.append(try ServerAddress(server)) }
            guard !addresses.isEmpty else {
                throw NATSError(.invalidConfiguration, "no server is given: name one as nats://HOST:PORT")
            }
            try NATSSubject(configuration.inboxPrefix).checkLiteral()
            self.configuration = configuration
            self.logger = logger
            eventLoop = MultiThreadedEventLoopGroup.singleton.next()
            requests = RequestTable(eventLoop: eventLoop)
            inbox = "\(configuration.inboxPrefix).\(Self.unique()).".withUTF8Contiguous()
            state = Mutex(State(pool: ServerPool(addresses.shuffled(), backoff: configuration.reconnectBackoff)))
        }

        /// Letters that no other client has.
        static func unique() -> String {
            let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
            return String((0..<22).map { _ in alphabet.randomElement() ?? "0" })
        }

        /// A subject for answers that nobody else has.
        func newInbox() -> String { "\(configuration.inboxPrefix).\(Self.unique())" }

        /// Tells whoever watches, and the log.
        func tell(_ event: NATSEvent) {
            events.tell(event)
            switch event {
            case .connected(let info):
                logger.info(
                    "connected to NATS", metadata: ["nats.server": "\(info.name)", "nats.version": "\(info.version)"])
            case .disconnected(let error, let unconfirmed):
                logger.warning(
                    "the connection to NATS is lost",
                    metadata: ["error.message": "\(error)", "nats.unconfirmed": "\(unconfirmed)"])
            case .connectFailed(let server, let error):
                logger.warning(
                    "could not connect to NATS", metadata: ["nats.server": "\(server)", "error.message": "\(error)"])
            case .lameDuck: logger.notice("the NATS server is about to shut down")
            case .discoveredServers(let servers):
                logger.debug("other NATS servers", metadata: ["nats.servers": "\(servers)"])
            case .slowConsumer(let subject, let dropped):
                logger.warning(
                    "a subscription is slower than its messages",
                    metadata: ["nats.subject": "\(subject)", "nats.dropped": "\(dropped)"])
            case .discarded(let messages):
                logger.error(
                    "messages are too large for the new NATS server", metadata: ["nats.lost": "\(messages)"])
            case .serverError(let error):
                logger.error("the NATS server reports an error", metadata: ["error.message": "\(error)"])
            case .closed: break
            }
        }
    }

    extension String {
        fileprivate func withUTF8Contiguous() -> String {
            var copy = self
            copy.makeContiguousUTF8()
            return copy
        }
    }
#endif
