#if NATS
    /// When a request with several answers has had them all. The first of its limits ends it.
    ///
    /// Source: <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-47.md>
    public struct NATSReplyLimit: Sendable {
        /// How long it takes in all; the first answer has as long.
        public var total: Duration
        /// How many answers are taken; `nil` for any number.
        public var count: Int?
        /// How long may pass from one answer to the next; `nil` for any time.
        public var stall: Duration?
        /// An answer without payload ends it, and is not one of the answers.
        public var endsWithEmpty: Bool

        /// Limits of several kinds.
        ///
        /// - Parameters:
        ///   - total: how long it takes in all.
        ///   - count: how many answers are taken, 1 or more.
        ///   - stall: how long may pass from one answer to the next.
        ///   - endsWithEmpty: whether an answer without payload ends it.
        public init(total: Duration, count: Int? = nil, stall: Duration? = nil, endsWithEmpty: Bool = false) {
            self.total = total
            self.count = count
            self.stall = stall
            self.endsWithEmpty = endsWithEmpty
        }

        /// All answers that come in this time.
        public static func total(_ total: Duration) -> Self { Self(total: total) }

        /// So many answers, or those that come in time.
        public static func count(_ count: Int, within total: Duration) -> Self { Self(total: total, count: count) }

        /// Answers until none has come for a while.
        public static func stall(_ stall: Duration, within total: Duration) -> Self { Self(total: total, stall: stall) }

        /// Answers until one has no payload.
        public static func sentinel(within total: Duration) -> Self { Self(total: total, endsWithEmpty: true) }
    }
#endif
