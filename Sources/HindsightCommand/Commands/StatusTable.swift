import Hindsight

/// The status of projections, as a table or as JSON.
enum StatusTable {
    static func write(
        _ list: [ProjectionStatus], _ rebuilds: [RebuildStatus] = [], to output: CommandOutput
    ) throws {
        var table = Table([
            .init(name: "name"), .init(name: "version", alignment: .right), .init(name: "state"),
            .init(name: "offset", alignment: .right), .init(name: "head", alignment: .right),
            .init(name: "lag", alignment: .right), .init(name: "lag s", alignment: .right),
            .init(name: "applied", alignment: .right), .init(name: "rate/s", alignment: .right), .init(name: "node"),
            .init(name: "error"),
        ]) { try output.write($0) }
        for status in list {
            try table.append([
                status.name, "\(status.version)", status.state.rawValue, "\(status.offset)", "\(status.head)",
                lag(status), ProgressEstimate.text(status.lagSeconds), "\(status.eventsApplied)",
                "\(Int64(status.rate))", status.node ?? "", status.error ?? "",
            ])
        }
        for rebuild in rebuilds {
            try table.append([
                rebuild.name, "\(rebuild.version)", "rebuild: \(rebuild.phase.rawValue)", "\(rebuild.reached)",
                "\(rebuild.goal)", "\(max(0, rebuild.goal - rebuild.reached))", "", "\(rebuild.eventsApplied)",
                "\(Int64(rebuild.rate))", rebuild.node ?? "", rebuild.error ?? "",
            ])
        }
        try table.finish()
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
            "seconds": .number(rebuild.seconds), "node": OutputValue(rebuild.node), "error": OutputValue(rebuild.error),
        ])
    }

    static func fields(_ status: ProjectionStatus) -> OutputValue {
        .object([
            "name": .string(status.name), "version": OutputValue(status.version),
            "state": .string(status.state.rawValue),
            "offset": .integer(status.offset), "head": .integer(status.head), "lag_events": .integer(status.lagEvents),
            "lag_is_exact": .bool(status.lagIsExact),
            "lag_seconds": .number(status.lagSeconds), "events_applied": .integer(status.eventsApplied),
            "rate": .number(status.rate), "node": OutputValue(status.node), "error": OutputValue(status.error),
        ])
    }
}
