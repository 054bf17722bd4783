#if NATS
    /// A client's life without network and tasks: connecting, connected, draining, closed.
    ///
    /// A connection drains in this order: its subscriptions, the requests that wait for an answer, what was published. Only then
    /// is it closed. What happens meanwhile, and how often it is asked for, changes only how soon.
    package struct ConnectionMachine {
        /// How far its life has come.
        package enum Phase: Equatable {
            /// Nothing was asked of it yet.
            case idle
            case connecting
            case connected
            /// It was connected and will be again.
            case reconnecting
            case draining(Stage)
            case closed
        }

        /// What a drain waits for.
        package enum Stage: Equatable {
            case subscriptions
            case requests
            case flushing
        }

        /// What is to be done.
        package enum Action {
            case nothing
            /// Tell the server to stop all subscriptions, and have what it sent handled.
            case drainSubscriptions
            case awaitRequests
            case flush
            /// No subscription gets anything more.
            case endOfMessages
            case close(NATSError?)
        }

        package private(set) var phase = Phase.idle
        /// Why the connection was lost while it was drained.
        private var loss: NATSError?
        /// Whether there is a connection that takes what is written.
        package private(set) var isLinked = false
        /// Whether it was ever connected.
        package private(set) var wasConnected = false

        package init() {}

        /// Whether it connects, again and again.
        package var wantsConnection: Bool {
            switch phase {
            case .connecting, .reconnecting: true
            case .idle, .connected, .draining, .closed: false
            }
        }

        /// Why nothing can be published.
        package var publishRefusal: NATSError? {
            switch phase {
            case .idle, .connecting, .connected, .reconnecting: nil
            case .draining(.subscriptions):
                loss.map {
                    NATSError(
                        .disconnected, "the connection was lost while the client drained, and will not be made again",
                        underlying: $0)
                }
            case .draining(.requests), .draining(.flushing):
                NATSError(.draining, "the client drains and takes nothing to publish")
            case .closed: Self.closed
            }
        }

        /// Why nobody can subscribe.
        package var subscribeRefusal: NATSError? {
            switch phase {
            case .idle, .connecting, .connected, .reconnecting: nil
            case .draining: NATSError(.draining, "the client drains and takes no subscriptions")
            case .closed: Self.closed
            }
        }

        package static let closed = NATSError(.closed, "the client is closed")

        /// It begins to connect.
        ///
        /// - Returns: `false` if it is closed already.
        package mutating func start() throws(NATSError) -> Bool {
            switch phase {
            case .idle:
                phase = .connecting
                return true
            case .closed:
                return false
            case .connecting, .connected, .reconnecting, .draining:
                throw NATSError(.invalidConfiguration, "the client runs already; run() is called once")
            }
        }

        /// A server has greeted it.
        ///
        /// - Returns: whether the connection is still wanted.
        package mutating func connected() -> Bool {
            guard wantsConnection else { return false }
            phase = .connected
            isLinked = true
            wasConnected = true
            return true
        }

        /// It is about to leave the server for another one, so what is written is for that.
        package mutating func unlink() {
            isLinked = false
        }

        /// The connection is gone.
        package mutating func lost(_ error: NATSError) -> Action {
            isLinked = false
            switch phase {
            case .connected:
                phase = .reconnecting
                return .nothing
            case .draining(.subscriptions):
                loss = error
                return .endOfMessages
            case .draining(.requests), .draining(.flushing):
                return close(error)
            case .idle, .connecting, .reconnecting, .closed:
                return .nothing
            }
        }

        /// It is asked to drain.
        ///
        /// - Parameter loses: whether something waits to be sent, which is lost without a connection.
        package mutating func drain(loses: Bool = false) -> Action {
            switch phase {
            case .idle:
                return close(nil)
            case .connecting where !loses:
                // It was never connected, so there is nothing to bring to its end.
                return close(nil)
            case .connecting, .reconnecting:
                return close(
                    NATSError(
                        .reconnecting, "the client was asked to drain while it had no connection, and closed instead"))
            case .connected:
                // About to leave the server for another one: no different from having left.
                guard isLinked else {
                    return close(
                        NATSError(.reconnecting, "the client was asked to drain while it changed servers, and closed"))
                }
                phase = .draining(.subscriptions)
                return .drainSubscriptions
            case .draining, .closed:
                return .nothing
            }
        }

        /// All subscriptions are drained.
        package mutating func subscriptionsDone() -> Action {
            guard phase == .draining(.subscriptions) else { return .nothing }
            if let loss { return close(loss) }
            phase = .draining(.requests)
            return .awaitRequests
        }

        /// No request waits for an answer.
        package mutating func requestsDone() -> Action {
            guard phase == .draining(.requests) else { return .nothing }
            phase = .draining(.flushing)
            return .flush
        }

        /// The server has all that was published.
        package mutating func flushed() -> Action {
            guard phase == .draining(.flushing) else { return .nothing }
            return close(nil)
        }

        /// The time for the drain is over.
        package mutating func drainTimedOut(_ timeout: Duration) -> Action {
            guard case .draining(let stage) = phase else { return .nothing }
            let rest =
                switch stage {
                case .subscriptions: "a handler is still at work"
                case .requests: "a request has no answer"
                case .flushing: "the server has not confirmed what was published"
                }
            return close(NATSError(.drainTimedOut, "the drain was not done after \(timeout): \(rest)"))
        }

        /// It closes now.
        package mutating func close(_ error: NATSError?) -> Action {
            guard phase != .closed else { return .nothing }
            phase = .closed
            isLinked = false
            return .close(error)
        }
    }
#endif
