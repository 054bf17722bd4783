#if NATS
    /// How much is asked for.
    package struct PullAmount: Equatable, Sendable {
        package var messages: Int
        /// `nil` for any size.
        package var bytes: Int?

        package init(messages: Int, bytes: Int?) {
            self.messages = messages
            self.bytes = bytes
        }
    }
#endif
