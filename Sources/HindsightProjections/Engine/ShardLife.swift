/// The life of a shard in the process that has its lease, decided without a database.
package struct ShardLife: Hashable, Sendable {
    /// Where it is in its life.
    package enum Phase: Hashable, Sendable {
        /// Somebody has the lease, or nobody yet.
        case waiting
        /// Its table is filled anew beside the one that it has, by the fast path of a rebuild.
        case replaying
        /// It is far behind the head and gets there by itself.
        case catchingUp
        /// It is fed together with all others at the head.
        case live
        /// It has stopped at an event. Only `resume`, a new start or a new version ends that.
        case stopped
        /// Another process has its lease, or it is held still for a moment: this process lets go of it, and may take it anew.
        case lost
    }

    /// What is to be done next.
    package enum Course: Hashable, Sendable {
        case replay
        case catchUp
        case join
    }

    /// What the decision depends on.
    package struct Situation: Hashable, Sendable {
        /// Where the shard stands, and where the log ends.
        package var position: Int64
        package var head: Int64
        /// True if its rows can be filled beside those that are there: a view, in the newest version that the program declares,
        /// over which no process has died.
        package var canReplay: Bool

        package init(position: Int64, head: Int64, canReplay: Bool) {
            self.position = position
            self.head = head
            self.canReplay = canReplay
        }
    }

    /// From how many positions on a shard counts as far behind.
    private let catchUpThreshold: Int64
    /// From how many positions on it is worth to fill it anew.
    private let replayThreshold: Int64
    package private(set) var phase = Phase.waiting

    /// - Parameters:
    ///   - catchUpThreshold: how far behind the head a shard catches up by itself.
    ///   - replayThreshold: how far behind the head it is filled anew.
    package init(catchUpThreshold: Int64, replayThreshold: Int64) {
        self.catchUpThreshold = catchUpThreshold
        self.replayThreshold = replayThreshold
    }

    /// The lease was taken, or a replay was given up.
    package mutating func begin(_ situation: Situation) -> Course {
        let behind = situation.head - situation.position
        // A replay reads the log from its beginning, several times as fast: worth it where at least half of the log is ahead.
        if situation.canReplay, behind > replayThreshold, behind >= situation.position {
            phase = .replaying
            return .replay
        }
        if behind > catchUpThreshold {
            phase = .catchingUp
            return .catchUp
        }
        phase = .live
        return .join
    }

    /// It has come near the head.
    package mutating func arrive() {
        switch phase {
        case .waiting, .replaying, .catchingUp, .live: phase = .live
        case .stopped, .lost: break
        }
    }

    /// An event could not be applied.
    package mutating func stop() {
        switch phase {
        case .waiting, .replaying, .catchingUp, .live, .stopped: phase = .stopped
        // Whoever has it now decides.
        case .lost: break
        }
    }

    /// The lease is gone.
    package mutating func lose() {
        switch phase {
        case .waiting, .replaying, .catchingUp, .live, .lost: phase = .lost
        case .stopped: break
        }
    }
}
