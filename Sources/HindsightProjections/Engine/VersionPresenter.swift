import HindsightLog
import HindsightPostgres
import Logging

/// Puts versions that the engine has filled behind their stable names, as soon as no reader would notice: not while a
/// reader still has an older snapshot, and never back in time.
struct VersionPresenter: Sendable {
    /// The progress of showing a version.
    struct Progress: Sendable {
        /// When it was last tried.
        var attempt: ContinuousClock.Instant?
        /// How often the rows that are shown had moved ahead by then.
        var late = 0
    }

    let pool: PostgresPool
    let catalog: ProjectionCatalog
    let roster: EngineRoster
    let node: String
    let logger: Logger

    /// How long to wait between two attempts.
    static let interval = Duration.milliseconds(50)
    /// How often an attempt may come too late before the rows that are shown are held still for a moment.
    private static let patience = 5
    /// The longest time for which they are held still.
    private static let hold = Duration.seconds(5)
    /// How long the server tolerates a silent process while readers wait for it.
    private static let silence = Duration.seconds(1)

    private var store: OffsetStore { catalog.store }

    /// Shows the version of a member that stands at the head, unless a reader is in the way. The member is fed either
    /// way.
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
            // Readers are in the way; a later attempt is soon enough.
        } catch {
            // Not at each look: someone has to step in, or it takes some time.
            member.showing.attempt = .now + .seconds(5)
            roster.noteShowFailure(of: member.definition.name, "\(error)")
            logger.warning(
                "stable name still shows the version before",
                metadata: ["projection.name": "\(member.definition.name)", "error.message": "\(error)"])
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

    /// Records when the rows became complete. If the rows that are shown keep getting ahead of that, they are held
    /// still, so that readers with older snapshots have time to end.
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
