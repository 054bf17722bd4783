import Hindsight

/// The status of projections, as a table or as JSON.
enum StatusTable {
    static func write(
        _ list: [ProjectionStatus], _ rebuilds: [RebuildStatus], _ runtime: AppRuntime
    ) throws {
        let output = runtime.output
        var table = Table(columns, layout: output.statusLayout) { try output.write($0) }
        for status in list { try table.append(cells(status)) }
        for rebuild in rebuilds { try table.append(cells(rebuild)) }
        try table.finish()
        for line in errors(list) { try output.write(line) }
        for status in list {
            if let pause = status.pause { try output.write("\(status.name): \(pause.description)") }
        }
        let notes = RebuildNotes(runtime)
        for rebuild in rebuilds { try output.write(notes.line(rebuild)) }
    }

    private static let columns: [Table.Column] = [
        .init(name: "name"), .init(name: "version", alignment: .right), .init(name: "state"),
        .init(name: "offset", alignment: .right), .init(name: "lag", alignment: .right),
        .init(name: "lag s", alignment: .right), .init(name: "parked", alignment: .right),
        .init(name: "applied", alignment: .right, isExpendable: true),
        .init(name: "head", alignment: .right, isExpendable: true),
        .init(name: "rate/s", alignment: .right, isExpendable: true), .init(name: "node", isExpendable: true),
    ]

    private static func cells(_ status: ProjectionStatus) -> [String] {
        [
            status.name, "\(status.version)", status.state.rawValue, "\(status.offset)", lag(status),
            status.lagSeconds > 0 ? ProgressEstimate.text(status.lagSeconds) : "",
            status.parked.keys > 0 ? "\(status.parked.keys)" : "", "\(status.eventsApplied)", "\(status.head)",
            rate(status.rate), status.node ?? "",
        ]
    }

    private static func cells(_ rebuild: RebuildStatus) -> [String] {
        [
            rebuild.name, "\(rebuild.version)", RebuildNotes.state(rebuild), "\(rebuild.reached)",
            "\(max(0, rebuild.goal - rebuild.reached))", "", "", "\(rebuild.eventsApplied)", "\(rebuild.goal)",
            rate(rebuild.rate), rebuild.node ?? "",
        ]
    }

    private static func rate(_ rate: Double) -> String { rate >= 1 ? "\(Int64(rate))" : "" }

    /// What went wrong, each error once, with the projections that have it.
    static func errors(_ list: [ProjectionStatus]) -> [String] {
        var errors: [(text: String, names: [String])] = []
        for status in list {
            guard let error = status.error else { continue }
            let text = status.state == .stopped ? "stopped\(error.hasPrefix("at ") ? "" : ":") \(error)" : error
            if let index = errors.firstIndex(where: { $0.text == text }) {
                errors[index].names.append(status.name)
            } else {
                errors.append((text, [status.name]))
            }
        }
        return errors.map { "\($0.names.joined(separator: ", ")): \($0.text)" }
    }

    private static func lag(_ status: ProjectionStatus) -> String {
        status.lagIsExact ? "\(status.lagEvents)" : "more than \(Table.grouped(status.lagEvents))"
    }

    static func fields(_ rebuild: RebuildStatus) -> OutputValue {
        .object([
            "name": .string(rebuild.name), "version": OutputValue(rebuild.version), "state": .string("rebuild"),
            "phase": .string(rebuild.phase.rawValue), "offset": .integer(rebuild.reached),
            "goal": .integer(rebuild.goal),
            "checkpoint": .integer(rebuild.checkpoint), "events_applied": .integer(rebuild.eventsApplied),
            "rows": .integer(rebuild.rows), "rate": .number(rebuild.rate), "fraction": .number(rebuild.fraction),
            "seconds": .number(rebuild.seconds), "is_abandoned": .bool(rebuild.isAbandoned),
            "idle_seconds": .number(rebuild.idleSeconds), "node": OutputValue(rebuild.node),
            "error": OutputValue(rebuild.error),
        ])
    }

    static func fields(_ status: ProjectionStatus) -> OutputValue {
        .object([
            "name": .string(status.name), "version": OutputValue(status.version),
            "state": .string(status.state.rawValue),
            "offset": .integer(status.offset), "head": .integer(status.head), "lag_events": .integer(status.lagEvents),
            "lag_is_exact": .bool(status.lagIsExact),
            "lag_seconds": .number(status.lagSeconds), "events_applied": .integer(status.eventsApplied),
            "parked_keys": OutputValue(status.parked.keys), "parked_events": .integer(status.parked.events),
            "rate": .number(status.rate), "node": OutputValue(status.node), "error": OutputValue(status.error),
            "paused": status.pause.map(fields) ?? .null,
        ])
    }

    private static func fields(_ pause: ProjectionStatus.Pause) -> OutputValue {
        .object([
            "since": OutputValue(pause.since), "role": .string(pause.role), "reason": OutputValue(pause.reason),
        ])
    }
}
