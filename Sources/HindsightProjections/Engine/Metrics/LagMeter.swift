import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging
import Metrics

/// Measures for the metrics system what no batch tells: how far behind each projection is, and for how long it and the log's
/// frontier have stood still.
struct LagMeter: Sendable {
    let log: any EventLog
    let definitions: [ProjectionDefinition]
    let catalog: ProjectionCatalog
    let events: EventRegistry
    let roster: EngineRoster
    let interval: Duration
    let logger: Logger

    /// Up to how many events a lag is counted. Counting these takes the database about a millisecond.
    static let limit: Int64 = 10_000
    /// How long a measurement may take, if that is longer than the interval.
    private static let patience = Duration.seconds(5)

    /// What is measured.
    private struct Board: Sendable {
        var frontier: FrontierMetrics
        var shards: [Shard]
    }

    private struct Shard: Sendable {
        let key: ShardKey
        let filter: EventFilter
        var metrics: LagMetrics
    }

    /// Runs until the task is cancelled. Without a metrics system nothing is measured.
    func run() async {
        guard !(MetricsSystem.factory is NOOPMetricsHandler) else { return }
        var board = Board(
            frontier: FrontierMetrics(log: "\(catalog.log)".lowercased()),
            shards: definitions.flatMap { definition in
                let filter = EventFilter.types(definition.storedTypes(events).sorted())
                return [ShardKey.Kind.projection, .kept].map { kind in
                    let key = catalog.key(definition, kind)
                    return Shard(key: key, filter: filter, metrics: LagMetrics(key))
                }
            })
        while true {
            do {
                try await Task.sleep(for: interval)
                // A statement that waits for somebody's lock must not keep the ages as they are.
                let measured = try await withTimeLimit(max(interval, Self.patience)) { [board] in
                    var board = board
                    try await measure(&board)
                    return board
                }
                if let measured { board = measured } else { notMeasured(board, "no answer in time") }
            } catch {
                guard !Task.isCancelled else { return }
                notMeasured(board, "\(error)")
            }
        }
    }

    private func notMeasured(_ board: Board, _ reason: String) {
        logger.debug("lag not measured", metadata: ["error.message": "\(reason)"])
        let now = ContinuousClock.now
        board.frontier.notMeasured(now: now)
        for shard in board.shards { shard.metrics.notMeasured(now: now) }
    }

    private func measure(_ board: inout Board) async throws {
        let frontier = try await log.frontier()
        let holders = try await log.frontierHolders()
        board.frontier.measured(frontier, holders: holders?.count, at: .now)
        guard let look = roster.look else { return }
        for index in board.shards.indices {
            do {
                try await measure(&board.shards[index], look, frontier)
            } catch {
                // The others are measured all the same.
                try Task.checkCancellation()
                logger.debug(
                    "lag of a projection not measured",
                    metadata: [
                        "projection.name": "\(board.shards[index].key.name)", "error.message": "\(error)",
                    ])
                board.shards[index].metrics.notMeasured(now: .now)
            }
        }
    }

    /// A shard that nobody has is everybody's, so that its lag is seen.
    private func measure(_ shard: inout Shard, _ look: LeaseLook, _ frontier: Offset) async throws {
        guard look.builds[shard.key] != nil, let stored = look.shards[shard.key]?.state else { return }
        let phase = roster.phase(of: shard.key)
        guard phase != nil || stored.owner == nil else { return shard.metrics.isElsewhere() }
        let position = stored.offset.position
        let lag =
            frontier.position > position
            ? try await log.lag(
                after: position, through: frontier.position, filter: shard.filter, limit: Self.limit) : .none
        shard.metrics.measured(at: position, lag, isFilledAnew: phase == .replaying, now: .now)
    }
}
