import HindsightLog
import HindsightPostgres
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The progress of a group, shared between the group and the keeper of the leases.
final class GroupProgress: Sendable {
    private static let count = Atomic(0)

    /// Tells it from all other groups, also those that are gone.
    let id = GroupProgress.count.add(1, ordering: .relaxed).newValue

    /// What the keeper sees.
    struct Work: Sendable {
        let step: UInt64
        let members: [ProjectionMember]
        /// Those in the transaction in progress.
        let applying: [ProjectionMember]
        /// The events of that transaction, and the id of the last; nil while none is in progress.
        let events: BatchProgress.Events?
        let lastEvent: UUID?
        /// True while it waits for another group.
        let isQueued: Bool
    }

    private struct State {
        var isQueued = false
        var progress = BatchProgress()
        var members: [ProjectionMember] = []
        var applying: [ProjectionMember] = []
        var lastEvent: UUID?
    }

    private let state = Mutex(State())

    /// What the group has to do; nil if it has no batch.
    var work: Work? {
        state.withLock { state in
            guard state.progress.isBusy else { return nil }
            let events = state.progress.events
            return Work(
                step: state.progress.step, members: state.members, applying: events == nil ? [] : state.applying,
                events: events, lastEvent: state.lastEvent, isQueued: state.isQueued)
        }
    }

    /// The group has a batch.
    func enter(_ members: [ProjectionMember]) {
        state.withLock { state in
            state.members = members
            state.progress.enter()
        }
    }

    /// The group waits for another group, or no more.
    func queue(_ isQueued: Bool) {
        state.withLock { state in
            state.isQueued = isQueued
            state.progress.enter()
        }
    }

    /// The group is done with its batch, or tries it again later.
    func leave() {
        state.withLock { $0.progress.leave() }
    }

    /// A transaction begins, or several at once.
    ///
    /// - Parameter members: for whom; nil for all members of the work.
    func begin(_ work: BatchWork, for members: [ProjectionMember]? = nil) {
        guard let first = work.events.first, let last = work.events.last else { return }
        let events = BatchProgress.Events(
            positions: first.position...last.position, count: work.events.count, part: members?.first?.key.name ?? "")
        state.withLock { state in
            state.applying = members ?? work.members
            state.lastEvent = last.id
            state.progress.begin(events)
        }
    }

    /// The batch is given up.
    ///
    /// - Returns: false if the group has got on since.
    func giveUp(_ work: Work) -> Bool {
        state.withLock { $0.progress.giveUp(at: work.step) }
    }

    /// The transaction has ended.
    func end(_ error: (any Error)?, after elapsed: Duration, limit: Duration) {
        // The server may have said why, or have been gone before it could.
        let ranOut = error.map { $0.isConnectionLoss && elapsed >= limit } ?? false
        state.withLock { $0.progress.end(ranOut: ranOut) }
    }
}
