#if NATS
    /// How the messages of a consumer are acknowledged.
    public enum ConsumerAcknowledgement: String, Sendable, JSONConvertible {
        /// Each one.
        case explicit
        /// One stands for all before it.
        case all
        /// Not at all: what was delivered counts as handled.
        case none
    }
#endif
