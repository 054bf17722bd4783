#if NATS
    /// How much is fetched.
    public struct FetchLimit: Sendable, Equatable {
        let amount: PullAmount
        let waits: Bool

        /// So many messages.
        public static func messages(_ count: Int) -> Self {
            Self(amount: PullAmount(messages: max(1, count), bytes: nil), waits: true)
        }

        /// As many messages as have so many bytes in all, subjects and headers included. One that does not fit stays.
        public static func bytes(_ bytes: Int) -> Self {
            Self(amount: PullAmount(messages: 1_000_000, bytes: max(1, bytes)), waits: true)
        }

        /// So many messages of those that are there: nothing is waited for.
        public static func now(_ count: Int) -> Self {
            Self(amount: PullAmount(messages: max(1, count), bytes: nil), waits: false)
        }
    }
#endif
