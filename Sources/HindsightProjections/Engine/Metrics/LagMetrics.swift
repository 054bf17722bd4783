import HindsightLog
import Metrics

/// The metrics of how far behind a shard is, measured now and then: batches tell nothing of a shard that gets none.
struct LagMetrics: Sendable {
    private let events: Gauge
    private let seconds: Gauge
    private let age: Gauge
    private let parked: Gauge
    private var standstill = Standstill<Int64>()

    init(_ key: ShardKey) {
        let dimensions = ShardMetrics.dimensions(of: key)
        events = Gauge(label: "hindsight_lag_events", dimensions: dimensions)
        seconds = Gauge(label: "hindsight_lag_seconds", dimensions: dimensions)
        age = Gauge(label: "hindsight_checkpoint_age_seconds", dimensions: dimensions)
        parked = Gauge(label: "hindsight_parked_keys", dimensions: dimensions)
    }

    /// - Parameters:
    ///   - position: the position of the stored offset.
    ///   - lag: what lies behind it and is wanted.
    ///   - isFilledAnew: true while a rebuild fills its rows, and not the batches behind that position.
    mutating func measured(
        at position: Int64, _ lag: LogLag, isFilledAnew: Bool, now: ContinuousClock.Instant
    ) {
        standstill.note(position, hasWork: lag.events > 0 && !isFilledAnew, at: now)
        events.record(lag.events)
        seconds.record(lag.seconds)
        age.record(standstill.age(at: now).seconds)
    }

    /// The log or the database does not answer: nothing that was waiting has moved.
    func notMeasured(now: ContinuousClock.Instant) {
        age.record(standstill.age(at: now).seconds)
    }

    /// Another process has the shard, and tells of it. What this one said before would otherwise be its word forever.
    mutating func isElsewhere() {
        standstill = Standstill()
        for gauge in [events, seconds, age, parked] { gauge.record(0) }
    }
}
