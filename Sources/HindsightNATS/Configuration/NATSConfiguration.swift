#if NATS
    /// Where the servers are and how a client treats them.
    ///
    /// ```swift
    /// var configuration = NATSConfiguration()
    /// configuration.servers = ["nats://a.example:4222", "nats://b.example:4222"]
    /// configuration.credentials = .file("/run/secrets/orders.creds")
    /// ```
    public struct NATSConfiguration: Sendable {
        /// The servers, as `nats://HOST:PORT` or `tls://HOST:PORT`, without user and password. They are tried in random order,
        /// and so are the ones that they tell of. Defaults to `nats://127.0.0.1:4222`.
        public var servers = ["nats://127.0.0.1:4222"]
        /// Who the client is. Defaults to ``NATSCredentials/none``.
        public var credentials = NATSCredentials.none
        /// Whether and how the connection is encrypted. Defaults to ``NATSTransportSecurity/ifAsked``.
        public var tls = NATSTransportSecurity.ifAsked
        /// The name by which the server's monitoring shows the connection. Defaults to none.
        public var name: String?
        /// Whether the client gets what it publishes itself, if it has subscribed to it. Defaults to `true`.
        public var echo = true
        /// How long connecting to one server may take, with TLS and the greeting. Defaults to 5 seconds.
        public var connectTimeout = Duration.seconds(5)
        /// How often the server is asked whether it is there. Defaults to 20 seconds.
        public var pingInterval = Duration.seconds(20)
        /// How many questions may be without an answer before the connection is given up. Defaults to 2.
        public var unansweredPings = 2
        /// Whether the client goes on trying if no server can be reached in the first round. Without it ``NATSClient/run()``
        /// throws then. Defaults to `false`.
        public var keepsTryingToConnect = false
        /// How long it waits between rounds through the servers once it was connected. It tries for ever.
        public var reconnectBackoff = NATSBackoff()
        /// How much can be published while there is no connection, in bytes. Beyond it publishing throws
        /// ``NATSError/Code/disconnected``; with 0 it does so at once. Defaults to 8 MiB.
        public var reconnectBufferBytes = 8 << 20
        /// How much may wait for the network before publishers wait, in bytes. Defaults to 1 MiB.
        public var outputBufferBytes = 1 << 20
        /// How long a drain may take. Defaults to 30 seconds.
        public var drainTimeout = Duration.seconds(30)
        /// What the subjects begin with that answers go to. Defaults to `_INBOX`.
        public var inboxPrefix = "_INBOX"

        /// The defaults: a server on this machine.
        public init() {}

        /// Throws if a client could not work with it.
        func check() throws(NATSError) {
            func require(_ isUsable: Bool, _ what: String) throws(NATSError) {
                if !isUsable { throw NATSError(.invalidConfiguration, "\(what) cannot be used") }
            }
            try require(connectTimeout > .zero, "a connectTimeout of \(connectTimeout)")
            try require(pingInterval >= .milliseconds(1), "a pingInterval of \(pingInterval)")
            try require(reconnectBufferBytes >= 0, "a reconnectBufferBytes of \(reconnectBufferBytes)")
            try require(outputBufferBytes > 0, "an outputBufferBytes of \(outputBufferBytes)")
            try require(
                reconnectBackoff.shortest >= .zero && reconnectBackoff.longest >= .zero,
                "a reconnectBackoff of less than nothing")
        }
    }

    /// How long to wait between attempts: twice as long each time, up to a limit, and a part of it by chance, so that the clients
    /// of a server that comes back do not all come at once.
    public struct NATSBackoff: Sendable, Equatable {
        /// The first wait. Defaults to 50 milliseconds.
        public var shortest = Duration.milliseconds(50)
        /// The longest wait. Defaults to 5 seconds.
        public var longest = Duration.seconds(5)
        /// How much of a wait is by chance, from 0 to 1. Defaults to 0.5.
        public var jitter = 0.5

        /// The defaults.
        public init() {}

        /// The wait before a round: none before the first one.
        ///
        /// - Parameters:
        ///   - round: how many rounds have failed.
        ///   - chance: a number from 0 to 1.
        package func wait(beforeRound round: Int, chance: Double) -> Duration {
            guard round > 0 else { return .zero }
            let whole = min(longest, shortest * (1 << min(round - 1, 20)))
            let part = min(max(jitter, 0), 1)
            return whole * (1 - part * chance)
        }
    }
#endif
