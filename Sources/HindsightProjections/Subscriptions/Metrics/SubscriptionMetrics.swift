import HindsightLog
import Metrics

/// The metrics of a durable subscription that this process reads, for the system that the program has chosen (swift-metrics). None is
/// recorded once an event.
struct SubscriptionMetrics: Sendable {
    private let events: Counter
    private let position: Gauge
    private let lagEvents: Gauge
    private let lagSeconds: Gauge
    private let age: Gauge
    private let takeovers: Counter
    private let losses: Counter
    private let failures: Counter

    /// - Parameter name: the durable name.
    init(_ name: String) {
        let dimensions = [("subscription", name)]
        events = Counter(label: "hindsight_subscription_events_handled", dimensions: dimensions)
        position = Gauge(label: "hindsight_subscription_position", dimensions: dimensions)
        lagEvents = Gauge(label: "hindsight_subscription_lag_events", dimensions: dimensions)
        lagSeconds = Gauge(label: "hindsight_subscription_lag_seconds", dimensions: dimensions)
        age = Gauge(label: "hindsight_subscription_checkpoint_age_seconds", dimensions: dimensions)
        takeovers = Counter(label: "hindsight_subscription_leases_taken", dimensions: dimensions)
        losses = Counter(label: "hindsight_subscription_leases_lost", dimensions: dimensions)
        failures = Counter(label: "hindsight_subscription_failures", dimensions: dimensions)
    }

    /// This process has taken the name.
    func leaseTaken() { takeovers.increment() }

    /// It has ended, with this error.
    func ended(_ error: (any Error)?) {
        switch error {
        case nil, is CancellationError: break
        case let error as SubscriptionError where error.code == .takenOver: losses.increment()
        default: failures.increment()
        }
    }

    /// - Parameters:
    ///   - count: how many events were handled since this was last said.
    ///   - position: where the stored offset stands.
    func handled(_ count: Int64, at position: Int64) {
        if count > 0 { events.increment(by: count) }
        self.position.record(position)
    }

    /// - Parameter standstill: for how long the offset has stood still although events wait.
    func measured(_ lag: LogLag, standstill: Duration) {
        lagEvents.record(lag.events)
        lagSeconds.record(lag.seconds)
        age.record(standstill.seconds)
    }

    /// The log does not answer: nothing that was waiting has moved.
    func notMeasured(standstill: Duration) { age.record(standstill.seconds) }

    /// This process reads it no longer. What it said before would otherwise be its word forever.
    func isElsewhere() {
        for gauge in [lagEvents, lagSeconds, age] { gauge.record(0) }
    }
}
