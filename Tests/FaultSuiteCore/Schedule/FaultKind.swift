/// What can go wrong. The raw value is how the report calls it.
///
/// A new kind does not compile until it has a target, and until ``FaultInjector`` knows how to bring it about.
package enum FaultKind: String, Hashable, Sendable, CaseIterable {
    case killedAtHead = "node killed at the head"
    case killedInBatch = "node killed inside a batch's commit"
    case killedInHandler = "node killed inside a handler"
    case suspendedAtHead = "node suspended at the head"
    case suspendedInBatch = "node suspended inside a batch's commit"
    case suspendedInHandler = "node suspended inside a handler"
    case drained = "node drained by SIGTERM"
    case otherBuild = "event that only the other build can fold"
    case backendTerminated = "backend terminated"
    case restartedFast = "server restarted fast"
    case restartedImmediately = "server restarted immediately"
    case cutAnywhere = "connections cut"
    case cutInCopy = "connection cut inside COPY"
    case cutBeforeCommit = "connection cut before a commit"
    case cutAfterCommit = "connection cut between a commit and its answer"
    case fullDisk = "disk full"
    case rebuilt = "view rebuilt and swapped"
    case rolledBack = "swap rolled back"

    /// What a fault is done to: two that are done to the same do not happen at once.
    package enum Target: Hashable, Sendable {
        case nodes, server, connections, views
    }

    /// What it is done to.
    package var targets: Set<Target> {
        switch self {
        case .killedAtHead, .killedInBatch, .killedInHandler, .suspendedAtHead, .suspendedInBatch, .suspendedInHandler,
            .drained, .otherBuild:
            [.nodes]
        case .backendTerminated, .restartedFast, .restartedImmediately, .fullDisk: [.server]
        case .cutAnywhere, .cutBeforeCommit, .cutAfterCommit: [.connections]
        case .cutInCopy: [.connections, .views]
        case .rebuilt, .rolledBack: [.views]
        }
    }
}
