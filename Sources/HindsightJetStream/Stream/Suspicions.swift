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
        /// What is suspected: that there is no event at a position.
        private struct Suspicion {
            var since: ContinuousClock.Instant
            var lastSeen: ContinuousClock.Instant
        }

        /// Of how many positions it is remembered that they are suspected. What is beyond is not believed.
        private static let capacity = 10_000

        private let suspicions = Mutex<[Int64: Suspicion]>([:])
        private let confirmationTime: Duration
        /// After such a time without a repetition a suspicion begins anew: two short lags are not one long one.
        private let lifetime: Duration

        init(confirmationTime: Duration) {
            self.confirmationTime = confirmationTime
            lifetime = max(confirmationTime * 6, .seconds(60))
        }

        /// Whether it is believed that there is no event at a position.
        ///
        /// - Parameters:
        ///   - position: where a leader sees none.
        ///   - info: what the leader says of its stream afterwards.
        ///   - now: the time.
        func isConfirmed(_ position: Int64, by info: StreamInfo, now: ContinuousClock.Instant) -> Bool {
            // Another leader has it, or it was stored in between.
            guard !Self.has(position, info.state) else {
                clear(position)
                return false
            }
            if info.isOnOneServer { return true }
            guard info.hasMajority else {
                // What a minority says does not count, not even as the beginning of a suspicion.
                clear(position)
                return false
            }
            return suspicions.withLock { suspicions in
                if suspicions[position] == nil, suspicions.count >= Self.capacity {
                    suspicions = suspicions.filter { $0.value.lastSeen.duration(to: now) <= lifetime }
                    guard suspicions.count < Self.capacity else { return confirmationTime <= .zero }
                }
                var suspicion = suspicions[position] ?? Suspicion(since: now, lastSeen: now)
                if suspicion.lastSeen.duration(to: now) > lifetime { suspicion.since = now }
                suspicion.lastSeen = now
                suspicions[position] = suspicion
                return suspicion.since.duration(to: now) >= confirmationTime
            }
        }

        /// There is an event there after all.
        func clear(_ position: Int64) {
            suspicions.withLock { $0.isEmpty ? () : ($0[position] = nil) }
        }

        /// Whether the state of a stream says that each position up to its last one holds a message, and this is one of them.
        private static func has(_ position: Int64, _ state: StreamState) -> Bool {
            state.deleted == 0 && UInt64(clamping: position) >= state.firstSequence
                && UInt64(clamping: position) <= state.lastSequence
        }
    }

    extension StreamInfo {
        /// Whether there is no other server that could know better.
        var isOnOneServer: Bool { cluster?.replicas.isEmpty ?? true }

        /// Whether the one who leads has heard of so many others that they are a majority together.
        var hasMajority: Bool {
            guard let cluster else { return true }
            guard cluster.leader != nil else { return false }
            let servers = cluster.replicas.count + 1
            let current = 1 + cluster.replicas.count { $0.isCurrent && !$0.isOffline && $0.lastHeard < .seconds(5) }
            return current > servers / 2
        }
    }
#endif
