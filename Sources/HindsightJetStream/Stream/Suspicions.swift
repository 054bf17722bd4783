#if NATS
    import HindsightLog
    import HindsightNATS
    import Synchronization

    /// Decides whether an answer is believed that would stop readers: that an event is not there, or that the log ends below a place
    /// where a reader has been.
    ///
    /// A server that restarts is behind for a while, and a leader that was cut off from the others goes on answering as if all were
    /// well. So such an answer is a suspicion. It is believed once a leader repeats it, with a majority of the servers up to date, after
    /// a time that is longer than an election; on a server alone at once, as there is nobody else to ask.
    final class Suspicions: Sendable {
        /// What is suspected: that there is no event at this position.
        private struct State {
            var since: [Int64: ContinuousClock.Instant] = [:]
        }

        private let state = Mutex(State())
        private let confirmationTime: Duration

        init(confirmationTime: Duration) {
            self.confirmationTime = confirmationTime
        }

        /// Whether it is believed that there is no event at a position.
        ///
        /// - Parameters:
        ///   - position: where a leader sees none.
        ///   - info: what the leader says of its stream.
        ///   - now: the time.
        func isConfirmed(_ position: Int64, by info: StreamInfo, now: ContinuousClock.Instant) -> Bool {
            guard let cluster = info.cluster, !cluster.replicas.isEmpty else { return true }
            guard Self.isMajority(cluster) else {
                // What a minority says does not count, not even as the beginning of a suspicion.
                state.withLock { $0.since[position] = nil }
                return false
            }
            return state.withLock { state in
                if state.since.count > 1_000 { state.since = [:] }
                guard let since = state.since[position] else {
                    state.since[position] = now
                    return confirmationTime <= .zero
                }
                return since.duration(to: now) >= confirmationTime
            }
        }

        /// There is an event there after all.
        func clear(_ position: Int64) {
            state.withLock { $0.since.isEmpty ? () : ($0.since[position] = nil) }
        }

        /// Whether the one who leads has heard of so many others that they are a majority together.
        static func isMajority(_ cluster: StreamCluster) -> Bool {
            guard cluster.leader != nil else { return false }
            let servers = cluster.replicas.count + 1
            let current = 1 + cluster.replicas.count { $0.isCurrent && !$0.isOffline && $0.lastHeard < .seconds(5) }
            return current > servers / 2
        }
    }
#endif
