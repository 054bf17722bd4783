#if NATS
    import Synchronization

    /// Decides whether an answer is believed that would stop readers: that an event is not there, or that the log ends below a place
    /// where a reader has been.
    ///
    /// A server that restarts is behind for a while, and a leader that was cut off from the others goes on answering as if all were
    /// well. So such an answer is a suspicion. It is believed once a leader repeats it, with a majority of the servers up to date, after
    /// a time that is longer than an election; on a server alone at once, as there is nobody else to ask.
    package final class Suspicions: Sendable {
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

        /// - Parameters:
        ///   - confirmationTime: for how long it must be repeated.
        ///   - pause: how long a reader may take from one attempt to the next.
        package init(confirmationTime: Duration, pause: Duration = .zero) {
            self.confirmationTime = confirmationTime
            lifetime = max(confirmationTime * 6, pause * 3, .seconds(60))
        }

        /// Whether it is believed that there is no event at a position.
        ///
        /// - Parameters:
        ///   - position: where a leader sees none.
        ///   - testimony: what the leader says of its stream afterwards.
        ///   - now: the time.
        package func isConfirmed(
            _ position: Int64, by testimony: Testimony, now: ContinuousClock.Instant = .now
        ) -> Bool {
            switch testimony {
            case .onlyServer: return true
            case .holdsIt, .minority:
                // What a minority says does not count, not even as the beginning of a suspicion.
                clear(position)
                return false
            case .majority: break
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
        package func clear(_ position: Int64) {
            suspicions.withLock { $0.isEmpty ? () : ($0[position] = nil) }
        }
    }
#endif
