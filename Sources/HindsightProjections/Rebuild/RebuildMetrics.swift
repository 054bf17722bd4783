import Metrics

/// The metrics of a rebuild, for the system that the program has chosen (swift-metrics).
struct RebuildMetrics: Sendable {
    private let position: Gauge
    private let goal: Gauge
    private let rows: Gauge
    private let events: Gauge
    private let rate: Gauge

    init(_ definition: ProjectionDefinition) {
        let dimensions = [("projection", definition.name), ("version", "\(definition.version)")]
        position = Gauge(label: "hindsight_rebuild_position", dimensions: dimensions)
        goal = Gauge(label: "hindsight_rebuild_goal", dimensions: dimensions)
        rows = Gauge(label: "hindsight_rebuild_rows", dimensions: dimensions)
        events = Gauge(label: "hindsight_rebuild_events", dimensions: dimensions)
        rate = Gauge(label: "hindsight_rebuild_events_per_second", dimensions: dimensions)
    }

    func record(_ status: RebuildStatus) {
        position.record(status.reached)
        goal.record(status.goal)
        rows.record(status.rows)
        events.record(status.eventsApplied)
        rate.record(status.rate)
    }
}
