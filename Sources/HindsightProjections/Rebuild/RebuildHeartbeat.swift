import HindsightPostgres
import HindsightValues
import Logging
import Synchronization

/// Runs beside a rebuild: keeps its leases, and publishes its progress.
struct RebuildHeartbeat: Sendable {
    let members: [RebuildMember]
    let group: GroupRebuild
    let start: ContinuousClock.Instant
    let logger: Logger
    let onProgress: @Sendable ([RebuildStatus]) -> Void

    private static let interval: Duration = .milliseconds(200)

    /// Runs until it is cancelled.
    ///
    /// - Throws: ``RebuildLost`` when another process has taken a rebuild over.
    func run() async throws {
        let controller = ThrottleController(
            throttle: group.throttle, pool: group.pool, log: group.log, catalog: group.catalog, logger: logger)
        let metrics = members.map { RebuildMetrics($0.definition) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await controller.run() }
            tasks.addTask {
                while true {
                    try await Task.sleep(for: Self.interval)
                    try await beat(metrics)
                }
            }
            try await tasks.waitForAll()
        }
    }

    private func beat(_ metrics: [RebuildMetrics]) async throws {
        let statuses = members.map(status)
        onProgress(statuses)
        for (metrics, status) in zip(metrics, statuses) { metrics.record(status) }
        for member in members where member.phase != .verified {
            let isKept: Bool
            do {
                isKept = try await group.pool.withSession { session in
                    try group.store.heartbeat(member, in: &session)
                }
            } catch let error where error.isInterruption {
                // The rebuild's own statements notice soon enough.
                logger.debug("rebuild's lease not renewed", metadata: ["error.message": "\(error)"])
                continue
            }
            // A rebuild that was swapped in or has stopped no longer has a lease.
            guard !isKept, member.phase != .swapping, member.phase != .verified, !member.isStopped else { continue }
            throw RebuildLost()
        }
    }

    private func status(_ member: RebuildMember) -> RebuildStatus {
        let progress = member.progress.withLock { $0 }
        return RebuildStatus(
            name: member.definition.name, version: member.definition.version, phase: progress.phase,
            reached: progress.reached, goal: progress.goal, checkpoint: progress.checkpoint,
            eventsApplied: progress.eventsApplied, rows: progress.rows, rate: progress.rate.eventsPerSecond,
            seconds: (ContinuousClock.now - start).seconds, node: group.configuration.node,
            idleSeconds: 0, error: nil)
    }
}
