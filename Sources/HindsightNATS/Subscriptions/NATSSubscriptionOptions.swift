#if NATS
    /// How much a subscription keeps for a slow reader, and what happens beyond.
    public struct NATSSubscriptionOptions: Sendable {
        /// What happens to messages beyond the limit.
        public enum Overflow: Sendable {
            /// They are lost, counted, and reported once for each time that the limit is reached.
            case dropAndReport
            /// The connection is not read until half of what is kept has been taken. Nothing is lost here, but all
            /// subscriptions of the client stand still meanwhile, and so do answers; a server that cannot write for its
            /// `write_deadline` closes the connection.
            case suspend
        }

        /// How many messages are kept. Defaults to 524,288.
        public var pendingMessages = 512 * 1024
        /// How many bytes of payload and headers are kept. Defaults to 64 MiB.
        public var pendingBytes = 64 << 20
        /// What happens beyond. Defaults to ``Overflow/dropAndReport``.
        public var overflow = Overflow.dropAndReport

        /// The defaults.
        public init() {}

        /// For a subscription to which only comes what was asked for.
        static var unlimited: Self {
            var options = Self()
            options.pendingMessages = .max
            options.pendingBytes = .max
            return options
        }
    }

    /// What a subscription has received and not yet handed over.
    public struct NATSPending: Sendable, Equatable {
        /// Messages that wait.
        public var messages: Int
        /// Their bytes, payload and headers.
        public var bytes: Int
        /// Messages that were lost because the limit was reached.
        public var dropped: Int
        /// Messages that were handed over.
        public var delivered: Int
    }
#endif
