import HindsightLog
import Metrics

/// The metrics of a log's frontier, measured now and then.
struct FrontierMetrics: Sendable {
    private let position: Gauge
    private let age: Gauge
    private let holders: Gauge
    private var standstill = Standstill<Int64>()

    /// - Parameter log: the log's identity.
    init(log: String) {
        let dimensions = [("log", log)]
        position = Gauge(label: "hindsight_frontier_position", dimensions: dimensions)
        age = Gauge(label: "hindsight_frontier_age_seconds", dimensions: dimensions)
        holders = Gauge(label: "hindsight_frontier_holders", dimensions: dimensions)
    }

    /// - Parameter holders: how many open appends hold it back; nil if the log does not know.
    mutating func measured(_ frontier: Offset, holders count: Int?, at now: ContinuousClock.Instant) {
        position.record(frontier.position)
        guard let count else { return }
        standstill.note(frontier.position, hasWork: count > 0, at: now)
        holders.record(count)
        age.record(standstill.age(at: now).seconds)
    }

    /// The log does not answer: nothing that held the frontier back has ended.
    func notMeasured(now: ContinuousClock.Instant) {
        age.record(standstill.age(at: now).seconds)
    }
}
