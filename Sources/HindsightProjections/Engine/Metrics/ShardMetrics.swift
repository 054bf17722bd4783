import HindsightLog
import HindsightValues
import Metrics

/// The metrics of a shard at work, for the system that the program has chosen (swift-metrics). All are recorded once a batch or
/// less often, never once an event.
struct ShardMetrics: Sendable {
    private let batches: Counter
    private let events: Counter
    private let batchTime: Timer
    private let position: Gauge
    private let age: Gauge
    private let parked: Gauge
    private let retries: Counter
    private let takeovers: Counter
    private let losses: Counter
    private let givenUp: Counter
    private let stops: Counter

    static func dimensions(of key: ShardKey) -> [(String, String)] {
        [("projection", key.name), ("version", "\(key.version)"), ("kind", key.kind.rawValue)]
    }

    init(_ key: ShardKey) {
        let dimensions = Self.dimensions(of: key)
        batches = Counter(label: "hindsight_batches", dimensions: dimensions)
        events = Counter(label: "hindsight_events_applied", dimensions: dimensions)
        batchTime = Timer(label: "hindsight_batch_time", dimensions: dimensions)
        position = Gauge(label: "hindsight_position", dimensions: dimensions)
        age = Gauge(label: "hindsight_lag_seconds", dimensions: dimensions)
        parked = Gauge(label: "hindsight_parked_keys", dimensions: dimensions)
        retries = Counter(label: "hindsight_retries", dimensions: dimensions)
        takeovers = Counter(label: "hindsight_leases_taken", dimensions: dimensions)
        losses = Counter(label: "hindsight_leases_lost", dimensions: dimensions)
        givenUp = Counter(label: "hindsight_batches_given_up", dimensions: dimensions)
        stops = Counter(label: "hindsight_stops", dimensions: dimensions)
    }

    /// A batch is committed.
    ///
    /// - Parameters:
    ///   - count: how many of its events the projection wanted.
    ///   - start: when work on it began.
    ///   - last: its last event.
    func applied(_ count: Int64, since start: ContinuousClock.Instant, last: RecordedEvent?, parkedKeys: Int) {
        batches.increment()
        events.increment(by: count)
        batchTime.record(duration: .now - start)
        parked.record(parkedKeys)
        guard let last else { return }
        position.record(last.position)
        let seconds = Double(Timestamp.now().microsecondsSince1970 - last.recordedAt.microsecondsSince1970) / 1e6
        age.record(max(0, seconds))
    }

    /// Nothing is left to be applied.
    func caughtUp(at position: Int64) {
        self.position.record(position)
        age.record(0)
    }

    /// A batch failed for a reason that may pass, and is tried again.
    func retried() { retries.increment() }

    /// It has stopped, at an event or because its offset does not fit the log.
    func stopped() { stops.increment() }

    /// This process has taken the lease.
    func leaseTaken() { takeovers.increment() }

    /// Its batch did not end, and was given up.
    func batchGivenUp() { givenUp.increment() }

    /// Another process has the lease, or the shard was swapped, reset or moved.
    func leaseLost() { losses.increment() }
}
