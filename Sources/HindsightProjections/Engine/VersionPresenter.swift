import HindsightLog
import HindsightPostgres
import Logging

/// Puts versions that the engine has filled behind their stable names, as soon as no reader would notice: not while somebody
/// reads by a snapshot of before, and never back in time.
struct VersionPresenter: Sendable {
    /// How far the showing of a version has come.
    struct Progress: Sendable {
        /// When it was last tried.
        var attempt: ContinuousClock.Instant?
        /// How often what is shown was further by the time.
        var late = 0
    }

    let pool: PostgresPool
    let catalog: ProjectionCatalog
    let roster: EngineRoster
    let node: String
    let logger: Logger

    /// How long to wait between two attempts.
    static let interval = Duration.milliseconds(50)
    /// How often an attempt may come too late before what is shown is held still for a moment.
    private static let patience = 5
    /// For how long it is held still at most.
    private static let hold = Duration.seconds(5)
    /// How long the server lets this process be silent while readers wait for it.
    private static let silence = Duration.seconds(1)

    private var store: OffsetStore { catalog.store }

    /// Shows the version of a member that stands at the head, unless somebody is in the way. It keeps being fed either way.
    func show(_ member: ProjectionMember) async {
        guard member.showing.attempt.map({ .now - $0 > Self.interval }) ?? true else { return }
        member.showing.attempt = .now
        do {
            var outcome = try await attempt(member)
            if case .behind = outcome.readiness {
                try await complete(member, outcome.shown)
                outcome = try await attempt(member)
            }
            switch outcome.readiness {
            case .ready:
                member.isSettled = true
                roster.noteShowFailure(of: member.definition.name, nil)
            case .lost:
                member.markLost()
            case .behind, .waiting:
                break
            }
        } catch let error where error.isLockConflict {
            // Somebody reads; soon enough.
        } catch {
            // Not at each look: it needs somebody's help, or some time.
            member.showing.attempt = .now + .seconds(5)
            roster.noteShowFailure(of: member.definition.name, "\(error)")
            logger.warning(
                "stable name still shows the version before",
                metadata: ["projection": "\(member.definition.name)", "error": "\(error)"])
        }
    }

    private func attempt(
        _ member: ProjectionMember
    ) async throws -> (readiness: OffsetStore.Readiness, shown: ShardKey?) {
        let (key, epoch, position) = (member.key, member.epoch, member.committed.position)
        return try await pool.withTransaction(.readCommitted) { [catalog, store] session in
            try session.execute(store.workOn([key], atMost: Self.silence))
            try session.execute("set local lock_timeout = '100ms'")
            return try catalog.showIfNewer(key, epoch: epoch, at: position, in: &session)
        }
    }

    /// Records when the rows became complete. Where what is shown keeps being further than that, it is held still, so that the
    /// readers of before have time to end.
    private func complete(_ member: ProjectionMember, _ shown: ShardKey?) async throws {
        member.showing.late += 1
        let (key, epoch, node) = (member.key, member.epoch, node)
        let held = member.showing.late % Self.patience == 0 ? shown : nil
        try await pool.withSession { [store] session in
            if let held { _ = try store.hold(held, owner: node, for: Self.hold, from: 0, in: &session) }
            _ = try store.complete(key, epoch: epoch, in: &session)
        }
    }
}
