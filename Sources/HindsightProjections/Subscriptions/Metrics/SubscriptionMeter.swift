import HindsightLog
import HindsightPostgres
import HindsightValues
import Logging
import Metrics

/// Measures for the metrics system, now and then, how far a durable subscription of this process is.
struct SubscriptionMeter: Sendable {
    let log: any EventLog
    let options: SubscriptionOptions
    let metrics: SubscriptionMetrics
    /// What it has handled.
    let count: @Sendable () -> SubscriptionState.Count
    let logger: Logger

    /// How long a measurement may take, if that is longer than the interval.
    private static let patience = Duration.seconds(5)

    private struct Board: Sendable {
        var handled: Int64 = 0
        var standstill = Standstill<SubscriptionState.Count>()
    }

    /// Runs until the task is cancelled. Without a metrics system nothing is measured.
    func run() async {
        guard !(MetricsSystem.factory is NOOPMetricsHandler) else { return }
        var board = Board()
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: options.metricsInterval)
                let found = count()
                note(found, &board)
                // A statement that waits for somebody's lock must not keep the age as it is.
                let measured = try await withTimeLimit(max(options.metricsInterval, Self.patience)) {
                    try await lag(found)
                }
                guard let lag = measured else { throw PostgresError(.timeout, "no answer in time") }
                board.standstill.note(found, hasWork: lag.events > 0, at: .now)
                metrics.measured(lag, standstill: board.standstill.age(at: .now))
            } catch {
                guard !Task.isCancelled else { break }
                logger.debug("lag of a subscription not measured", metadata: ["error.message": "\(error)"])
                metrics.notMeasured(standstill: board.standstill.age(at: .now))
            }
        }
        note(count(), &board)
        metrics.isElsewhere()
    }

    private func note(_ found: SubscriptionState.Count, _ board: inout Board) {
        metrics.handled(found.handled - board.handled, at: found.position)
        board.handled = found.handled
    }

    private func lag(_ found: SubscriptionState.Count) async throws -> LogLag {
        let head = try await log.frontier().position
        guard head > found.position else { return .none }
        var lag = try await log.lag(
            after: found.position, through: head, filter: options.filter, limit: LagMeter.limit)
        lag.events = max(0, lag.events - found.beyond)
        return lag.events > 0 ? lag : .none
    }
}
