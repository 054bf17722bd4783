/// An error that ended a subscription.
public struct SubscriptionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of a ``SubscriptionError``.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// Delivered events were not handled within the drain's time limit.
        public static let drainTimedOut = Code("drainTimedOut")
        /// Another reader has taken over the durable name.
        public static let takenOver = Code("takenOver")
        /// A handler did something else within its transaction for longer than the lease of the durable name, several times.
        public static let handlerTooSlow = Code("handlerTooSlow")
        /// The durable name has gone over to a copy of this log.
        public static let moved = Code("moved")
        /// The subscription has already ended, or is used in a way that its options do not allow.
        public static let misuse = Code("misuse")
        /// Nobody has ever read a subscription of this durable name.
        public static let unknown = Code("unknown")
    }

    /// What happened.
    public var code: Code
    /// A description of what happened.
    public var description: String

    /// Creates an error.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
