#if NATS
    /// How a stream is read in order.
    public struct OrderedOptions: Sendable {
        /// The last message that is wanted: the reading ends behind it, also if it was deleted or is not selected. `nil` to go on
        /// with what is stored later. Defaults to `nil`.
        public var end: UInt64?
        /// How many messages may be under way or waiting to be read. Defaults to 20,000.
        public var maximumMessages = 20_000
        /// How many bytes may be. Defaults to 8 MiB.
        public var maximumBytes = 8 << 20
        /// How often the server says that it is there while it has nothing to send. After twice that time without a word the
        /// reading begins anew behind the last message. At most half of ``requestLifetime``. Defaults to 5 seconds.
        public var heartbeat = Duration.seconds(5)
        /// How long one request for messages is valid. Defaults to 30 seconds.
        public var requestLifetime = Duration.seconds(30)
        /// How long the reader may be busy with what it has before a server deletes the consumer, which then is made anew. Defaults
        /// to 5 minutes.
        public var inactiveThreshold = Duration.seconds(300)
        /// For how long a consumer is tried to be made while nobody answers or there is no connection, before that is an error.
        /// Defaults to 15 seconds. After the error the reading can be gone on with.
        public var patience = Duration.seconds(15)
        /// How long a reader waits for the next message before that is an error, ``JetStreamError/Code/timedOut``, also if the servers
        /// are there and say that they have none. For who knows that there must be one. After the error the reading can be gone on
        /// with. Defaults to `nil`: it waits for ever.
        public var messageTimeout: Duration?
        /// Whether payloads are left out. Defaults to `false`.
        public var headersOnly = false
        /// What the consumers' names begin with, as the server's monitoring shows them; they end with a unique part. Defaults to
        /// `ordered`.
        public var name = "ordered"
        /// Gets to know each time that the reading had to begin anew, and why. It must not block.
        public var whenHealed: (@Sendable (JetStreamError) -> Void)?

        /// The defaults.
        public init(end: UInt64? = nil) {
            self.end = end
        }
    }
#endif
