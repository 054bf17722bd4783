import Metrics

/// The metrics of a rebuild, for the system that the program has chosen (swift-metrics).
enum RebuildMetrics {
    static func record(_ status: RebuildStatus) {
        let dimensions = [("projection", status.name), ("version", "\(status.version)")]
        Gauge(label: "hindsight_rebuild_position", dimensions: dimensions).record(status.reached)
        Gauge(label: "hindsight_rebuild_goal", dimensions: dimensions).record(status.goal)
        Gauge(label: "hindsight_rebuild_rows", dimensions: dimensions).record(status.rows)
        Gauge(label: "hindsight_rebuild_events", dimensions: dimensions).record(status.eventsApplied)
        Gauge(label: "hindsight_rebuild_events_per_second", dimensions: dimensions).record(status.rate)
    }
}
