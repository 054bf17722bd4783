#if NATS
    /// How the messages of a consumer are read.
    public struct ConsumeOptions: Sendable {
        /// How a message is acknowledged behind a handler.
        public enum Acknowledging: Sendable {
            /// The server is told.
            case told
            /// The server is told until it has confirmed it, for so long at most.
            case confirmed(within: Duration)
        }

        /// How many messages may be under way, waiting or being handled. With 1 there is one at a time: none waits here while another
        /// reader could have it. Defaults to 500.
        public var maximumMessages = 500
        /// How many bytes may be under way or waiting; `nil` for any number. Defaults to `nil`.
        public var maximumBytes: Int?
        /// How often the server says that it is there while it has nothing to send. After twice that time without a word it is asked
        /// again. At most half of ``requestLifetime``. Defaults to 5 seconds.
        public var heartbeat = Duration.seconds(5)
        /// How long one request for messages is valid. Defaults to 30 seconds.
        public var requestLifetime = Duration.seconds(30)
        /// For how long it is tried to reach the consumer before that is an error; `nil` for ever. Defaults to `nil`.
        public var patience: Duration?
        /// How a message is acknowledged when its handler has returned. Defaults to ``Acknowledging/told``.
        public var acknowledging = Acknowledging.told
        /// How long the server waits before it delivers a message again whose handler has thrown; `nil` for not at all. Defaults to
        /// `nil`.
        public var delayAfterFailure: Duration?
        /// Gets to know of each time that something was wrong and reading went on: missed heartbeats, another connection, an ack that
        /// could not be sent. It must not block.
        public var whenTroubled: (@Sendable (JetStreamError) -> Void)?

        /// The defaults.
        public init() {}
    }
#endif
