#if NATS
    import HindsightNATS

    /// What the word of a stream's leader is worth that there is no event at a position.
    package enum Testimony: Sendable {
        /// By its own account there is one: another server led when it was not found, or it was stored in between.
        case holdsIt
        /// It has not heard of most of the servers for a while.
        case minority
        case majority
        /// There is no other server that could know better.
        case onlyServer
    }

    extension StreamInfo {
        func testimony(on position: Int64) -> Testimony {
            let position = UInt64(clamping: position)
            if state.deleted == 0, position >= state.firstSequence, position <= state.lastSequence { return .holdsIt }
            if isOnOneServer { return .onlyServer }
            return hasMajority ? .majority : .minority
        }

        /// Whether there is no other server that could know better.
        var isOnOneServer: Bool { cluster?.replicas.isEmpty ?? true }

        /// Whether the one who leads has heard of so many others that they are a majority together. One that was cut off finds that
        /// out some seconds later.
        var hasMajority: Bool {
            guard let cluster else { return true }
            guard cluster.leader != nil else { return false }
            let servers = cluster.replicas.count + 1
            let current = 1 + cluster.replicas.count { $0.isCurrent && !$0.isOffline && $0.lastHeard < .seconds(5) }
            return current > servers / 2
        }
    }
#endif
