import Hindsight
import HindsightTestSupport

/// Brings a fault about, and undoes it.
struct FaultInjector: Sendable {
    /// What became of a fault.
    enum Outcome: Hashable, Sendable {
        /// It came about; with a few words on whom it hit.
        case done(String)
        /// The moment for it did not come.
        case missed
    }

    let database: SuiteDatabase
    let fleet: Fleet
    let cluster: PrivateTestCluster
    /// Nil where there is no such fault.
    let disk: FullDisk?
    let moments: Moments
    /// Operates by way of a proxy of its own.
    let operations: ViewOperations
    let appender: LoadAppender

    /// How long to wait for the moment of a fault.
    static let patience = Duration.seconds(5)

    /// Brings a fault about and undoes it.
    ///
    /// - Throws: ``FaultFailure`` if the others do not go on meanwhile, or a node does not end as it should.
    func inject(_ fault: Fault) async throws -> Outcome {
        switch fault.kind {
        case .killedAtHead, .suspendedAtHead: try await hitAtHead(fault)
        case .killedInBatch, .suspendedInBatch: try await hitInBatch(fault)
        case .killedInHandler, .suspendedInHandler: try await hitInHandler(fault)
        case .drained: try await drain(fault)
        case .otherBuild: try await needOtherBuild(fault)
        case .backendTerminated:
            try await database.terminate(fault.choice).map { .done("of \($0)") } ?? .missed
        case .restartedFast: try await restart(immediate: false)
        case .restartedImmediately: try await restart(immediate: true)
        case .fullDisk: try await fillDisk(for: fault.duration)
        case .cutAnywhere: try await cut(fault)
        case .cutInCopy: try await cutInCopy(fault)
        case .cutBeforeCommit: try await cut(fault, at: .beforeCommit)
        case .cutAfterCommit: try await cut(fault, at: .afterCommit)
        case .rebuilt: .done(try await operations.rebuild(fault))
        case .rolledBack: .done(try await operations.rollBack(fault))
        }
    }

    /// The place of the node that a fault hits: mostly one that has work.
    func victim(of fault: Fault) async throws -> Int {
        guard !fault.choice.isMultiple(of: 4) else { return fault.node }
        let owners = try await database.patiently { try await database.look().places.compactMap(\.value.owner) }
        guard !owners.isEmpty else { return fault.node }
        return await fleet.place(of: fault.pick(owners.sorted())) ?? fault.node
    }

    // MARK: - The server

    private func restart(immediate: Bool) async throws -> Outcome {
        try await cluster.restart(immediate: immediate)
        return .done("")
    }

    private func fillDisk(for duration: Duration) async throws -> Outcome {
        guard let disk else { return .missed }
        try disk.fill()
        do {
            try await Task.sleep(for: duration)
        } catch {
            try disk.clear()
            throw error
        }
        try disk.clear()
        return .done("for \(duration)")
    }
}
