import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The projections that this process works on, and those waiting to join the groups at the head.
///
/// Its lock orders the hand-over of members between groups.
final class EngineRoster: Sendable {
    private struct State {
        var held: [ShardKey: ProjectionMember] = [:]
        var joiners: [ProjectionMember] = []
        var isDraining = false
        var showFailures: [String: String] = [:]
        var arrived: [ShardKey: ProjectionDefinition] = [:]
        var nodeID: UUID?
        var look: LeaseLook?
        var watched: [GroupProgress] = []
    }

    private let state = Mutex(State())

    /// True once the engine has been asked to end: work in flight is finished, and no new work begins.
    var isDraining: Bool { state.withLock(\.isDraining) }

    func drain() { state.withLock { $0.isDraining = true } }

    /// True while this process works on the projection.
    func holds(_ key: ShardKey) -> Bool { state.withLock { $0.held[key] != nil } }

    /// The state of a projection that this process works on; nil if it does not.
    func phase(of key: ShardKey) -> ShardLife.Phase? { state.withLock { $0.held[key]?.life.phase } }

    /// Those that this process is about to give back.
    var leaving: Set<ShardKey> { state.withLock { Set($0.held.values.filter(\.isLeaving).map(\.key)) } }

    /// Those that this process could give back after a batch.
    var movable: Set<ShardKey> {
        state.withLock { Set($0.held.values.filter { $0.life.isMovable && !$0.isLost && !$0.isLeaving }.map(\.key)) }
    }

    /// The registered node of this engine; nil while there is none.
    var nodeID: UUID? { state.withLock(\.nodeID) }

    /// What this node has seen when it last looked; nil before that.
    var look: LeaseLook? { state.withLock(\.look) }

    func noteLook(_ look: LeaseLook) { state.withLock { $0.look = look } }

    func noteNode(_ id: UUID) { state.withLock { $0.nodeID = id } }

    /// True if some projection is kept up to date at the head.
    var hasLive: Bool { state.withLock { $0.held.values.contains { $0.life.phase == .live } } }

    /// The groups that are watched.
    var watched: [GroupProgress] { state.withLock(\.watched) }

    /// A group begins.
    func watch(_ progress: GroupProgress) { state.withLock { $0.watched.append(progress) } }

    /// A group has ended.
    func unwatch(_ progress: GroupProgress) { state.withLock { $0.watched.removeAll { $0 === progress } } }

    /// The projections that this process works on.
    var members: [ProjectionMember] { state.withLock { Array($0.held.values) } }

    /// Records why the stable name could not be pointed at the projection's version; nil once it could.
    func noteShowFailure(of name: String, _ error: String?) {
        state.withLock { $0.showFailures[name] = error }
    }

    /// The projections whose stable name could not be pointed at their version, and why.
    var showFailures: [String: String] { state.withLock(\.showFailures) }

    /// Adds a projection: this process works on it from now on.
    func add(_ member: ProjectionMember) {
        state.withLock { $0.held[member.key] = member }
    }

    /// Removes a projection that has stopped: this process no longer works on it.
    func stop(_ member: ProjectionMember) {
        state.withLock { _ in member.life.stop() }
        remove(member)
    }

    /// Removes a projection: this process no longer works on it.
    func remove(_ member: ProjectionMember) {
        state.withLock { state in
            switch member.departure {
            case .paused: member.life.pause()
            case .none, .handedOver: member.life.lose()
            }
            if state.held[member.key] === member { state.held[member.key] = nil }
        }
    }

    /// Queues projections that are near enough to the head to join those that are there.
    func join(_ members: [ProjectionMember]) {
        state.withLock { state in
            for member in members { member.life.arrive() }
            state.joiners += members
            for member in members where member.key.kind == .projection { state.arrived[member.key] = member.definition }
        }
    }

    /// The projections that have come to the head since this was asked.
    func takeArrived() -> [ShardKey: ProjectionDefinition] {
        state.withLock { state in
            defer { state.arrived = [:] }
            return state.arrived
        }
    }

    /// Something is left to be done for projections that have come to the head.
    func noteArrived(_ arrived: [ShardKey: ProjectionDefinition]) {
        state.withLock { $0.arrived.merge(arrived) { _, newer in newer } }
    }

    /// Takes over all members that wait to join, because nobody else will.
    func takeJoiners() -> [ProjectionMember] {
        state.withLock { state in
            defer { state.joiners = [] }
            return state.joiners
        }
    }

    /// Takes over the members waiting to join: those that run statements of their own, or the others.
    func takeJoiners(withStatements: Bool) -> [ProjectionMember] {
        state.withLock { state in
            let joiners = state.joiners
            state.joiners = joiners.filter { $0.definition.kind.runsStatements != withStatements }
            return joiners.filter { $0.definition.kind.runsStatements == withStatements }
        }
    }
}
