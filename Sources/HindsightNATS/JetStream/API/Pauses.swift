#if NATS
    import NIOCore

    /// The pauses between attempts: longer each time up to half a second, a part of each by chance, and in all no longer than
    /// was agreed.
    struct Pauses {
        private static let shortest = Duration.milliseconds(25)
        private static let longest = Duration.milliseconds(500)

        private let end: ContinuousClock.Instant
        private var pause = Self.shortest

        init(within patience: Duration) {
            end = ContinuousClock.now + patience
        }

        /// How long to wait before the next attempt; `nil` if the time is over.
        mutating func next() -> Duration? {
            let wait = pause * Double.random(in: 0.5...1)
            guard ContinuousClock.now + wait < end else { return nil }
            pause = min(pause * 2, Self.longest)
            return wait
        }

        static func wait(_ pause: Duration) async throws(JetStreamError) {
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw JetStreamError(.cancelled, "the task was cancelled while it waited for JetStream")
            }
        }
    }
#endif
