#if NATS
    /// What happens to a client's connection, for whoever watches. More can be added in later versions: have a `default`.
    public enum NATSEvent: Sendable {
        /// It is connected, for the first time or again.
        case connected(NATSServerInfo)
        /// The connection is gone, and why. `unconfirmed` messages were written and not followed by an answer of the server: it
        /// may have them or not, and they are not sent again.
        case disconnected(NATSError, unconfirmed: Int)
        /// An attempt to connect failed.
        case connectFailed(server: String, NATSError)
        /// The server is about to shut down. The client moves to another one if it knows one.
        case lameDuck
        /// A server told of others that were not known.
        case discoveredServers([String])
        /// A subscription's pending limit is reached. `dropped` messages are lost so far; with
        /// ``NATSSubscriptionOptions/Overflow/suspend`` none are.
        case slowConsumer(subject: String, dropped: Int)
        /// Messages that were published without a connection are larger than the new server takes, and are lost.
        case discarded(messages: Int)
        /// The server reported an error, such as a violation of permissions.
        case serverError(NATSError)
        /// The client is closed, once, and why if it was not asked to.
        case closed(NATSError?)
    }
#endif
