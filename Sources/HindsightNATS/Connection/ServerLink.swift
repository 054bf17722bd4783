#if NATS
    import NIOCore

    /// One connection to one server.
    final class ServerLink: Sendable {
        let address: ServerAddress
        let channel: any Channel
        /// When it is gone, and why.
        let ended = Completion()

        init(address: ServerAddress, channel: any Channel) {
            self.address = address
            self.channel = channel
        }
    }
#endif
