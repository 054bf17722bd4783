/// The life of a shard in the process that has its lease, decided without a database.
package struct ShardLife: Hashable, Sendable {
    /// The state of a shard.
    package enum Phase: Hashable, Sendable {
        /// This process waits for the lease: another one has it, or nobody yet.
        case waiting
        /// A new table is filled beside its current one, by the fast path of a rebuild.
        case replaying
        /// It is far behind the head and catches up alone.
        case catchingUp
        /// It is fed together with all other shards at the head.
        case live
        /// It has stopped at an event. Only `resume`, a new start or a new version ends that.
        case stopped
        /// Somebody has paused its projection: this process has given it back. Only `resume` ends that.
        case paused
        /// Another process has its lease or is to have it, or it is held still for a moment: this process releases it,
        /// and may take it again.
        case lost
    }

    /// What to do next.
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
        /// True if its rows can be filled beside those that are there: a view, in the newest version that the program
        /// declares, over which no process has died.
        package var canReplay: Bool

        package init(position: Int64, head: Int64, canReplay: Bool) {
            self.position = position
            self.head = head
            self.canReplay = canReplay
        }
    }

    /// How many positions behind the head a shard counts as far behind.
    private let catchUpThreshold: Int64
    /// How many positions behind the head refilling it is worthwhile.
    private let replayThreshold: Int64
    package private(set) var phase = Phase.waiting

    /// - Parameters:
    ///   - catchUpThreshold: how many positions behind the head a shard catches up alone.
    ///   - replayThreshold: how many positions behind the head it is refilled.
    package init(catchUpThreshold: Int64, replayThreshold: Int64) {
        self.catchUpThreshold = catchUpThreshold
        self.replayThreshold = replayThreshold
    }

    /// Decides what to do after the lease was taken, or a replay was given up.
    package mutating func begin(_ situation: Situation) -> Course {
        let behind = situation.head - situation.position
        // A replay reads the log from its beginning, several times as fast: that is worthwhile if at least half of the
        // log is still to be read.
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

    /// Notes that it has come near the head.
    package mutating func arrive() {
        switch phase {
        case .waiting, .replaying, .catchingUp, .live: phase = .live
        case .stopped, .paused, .lost: break
        }
    }

    /// Notes that an event could not be applied.
    package mutating func stop() {
        switch phase {
        case .waiting, .replaying, .catchingUp, .live, .stopped: phase = .stopped
        // Its current owner decides.
        case .paused, .lost: break
        }
    }

    /// Notes that the lease is gone.
    package mutating func lose() {
        switch phase {
        case .waiting, .replaying, .catchingUp, .live, .lost: phase = .lost
        case .stopped, .paused: break
        }
    }

    /// Notes that it was given back because its projection is paused.
    package mutating func pause() {
        switch phase {
        case .waiting, .replaying, .catchingUp, .live, .paused: phase = .paused
        case .stopped, .lost: break
        }
    }

    /// True if another process may have it after the batch in progress: what fills it by a replay would be lost on that
    /// process.
    package var isMovable: Bool {
        switch phase {
        case .catchingUp, .live: true
        case .waiting, .replaying, .stopped, .paused, .lost: false
        }
    }
}
