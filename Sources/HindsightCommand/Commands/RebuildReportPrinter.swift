import Hindsight

/// The outcome of a rebuild, as text or as JSON.
enum RebuildReportPrinter {
    static func write(_ report: RebuildReport, to output: CommandOutput) throws {
        let estimate = ProgressEstimate(count: report.eventsApplied, elapsed: report.duration)
        guard !output.isJSON else { return try output.write(fields(report, estimate)) }
        if let comparison = report.comparison { try write(comparison, of: report, to: output) }
        if let reason = report.notCompared { try output.write("\(report.name): not compared, \(reason)") }
        let events = Table.grouped(report.eventsApplied)
        let rows = Table.grouped(report.rows)
        switch report.outcome {
        case .swapped:
            try output.write(
                """
                \(report.name) version \(report.version) is shown: \(rows) rows from \(events) events up to position \
                \(report.offset), the log's count and checksum agree; \(estimate.secondsText) s
                """)
        case .verified:
            try output.write(
                """
                \(report.name) version \(report.version) waits: \(rows) rows from \(events) events up to position \
                \(report.offset), the log's count and checksum agree; rebuild it again to swap it in
                """)
        case .differs:
            try output.write(
                """
                \(report.name) version \(report.version) waits: \(rows) rows from \(events) events up to position \(report.offset), \
                which differ from those that are shown
                """)
        case .doneElsewhere:
            try output.write("\(report.name) version \(report.version) was rebuilt by another process")
        }
        if report.parked.keys > 0 {
            try output.write(
                """
                \(report.name): \(Table.grouped(Int64(report.parked.keys))) of these rows lack events, because one could not be folded \
                (`projections parked \(report.name)` shows them)
                """)
        }
    }

    /// Only how the rows compare.
    static func writeComparison(_ report: RebuildReport, to output: CommandOutput) throws {
        let estimate = ProgressEstimate(count: report.eventsApplied, elapsed: report.duration)
        guard !output.isJSON else { return try output.write(fields(report, estimate)) }
        if let comparison = report.comparison { try write(comparison, of: report, to: output) }
        if let reason = report.notCompared { try output.write("\(report.name): not compared, \(reason)") }
    }

    static func write(_ report: PartialRebuildReport, to output: CommandOutput) throws {
        try output.result(
            [
                "name": .string(report.name), "version": OutputValue(report.version), "keys": OutputValue(report.keys),
                "offset": .integer(report.offset),
            ],
            text: """
                \(report.name) version \(report.version): \(Table.grouped(Int64(report.keys))) keys folded anew up to position \
                \(report.offset)
                """)
    }

    private static func write(
        _ comparison: RowComparison, of report: RebuildReport, to output: CommandOutput
    ) throws {
        try output.write(
            """
            \(report.name): \(Table.grouped(comparison.equal)) rows equal, \(Table.grouped(comparison.changed)) changed, \
            \(Table.grouped(comparison.added)) added, \(Table.grouped(comparison.missing)) missing
            """)
        if comparison.oldOffset != comparison.newOffset {
            try output.write(
                "  the old rows are at position \(comparison.oldOffset), the new ones at \(comparison.newOffset)")
        }
        try write("new column", comparison.newColumns, to: output)
        try write("gone column", comparison.goneColumns, to: output)
        try write("column with another type, not compared", comparison.retypedColumns, to: output)
        for example in comparison.examples {
            let values = [example.old, example.new].compactMap { $0 }.joined(separator: " -> ")
            try output.write("  \(example.change.rawValue) \(example.key): \(values)")
        }
    }

    private static func write(_ what: String, _ columns: [String], to output: CommandOutput) throws {
        for column in columns { try output.write("  \(what): \(column)") }
    }

    private static func fields(_ report: RebuildReport, _ estimate: ProgressEstimate) -> OutputValue {
        .object([
            "name": .string(report.name), "version": OutputValue(report.version),
            "outcome": .string(report.outcome.rawValue), "offset": .integer(report.offset),
            "events_applied": .integer(report.eventsApplied), "rows": .integer(report.rows),
            "parked_keys": OutputValue(report.parked.keys),
            "seconds": .number(estimate.seconds), "rate": .number(estimate.rate.rounded()),
            "comparison": report.comparison.map(fields) ?? .null, "not_compared": OutputValue(report.notCompared),
        ])
    }

    private static func fields(_ comparison: RowComparison) -> OutputValue {
        .object([
            "equal": .integer(comparison.equal), "changed": .integer(comparison.changed),
            "added": .integer(comparison.added), "missing": .integer(comparison.missing),
            "columns": .array(comparison.columns.map { .string($0) }),
            "other_columns": .array(comparison.otherColumns.map { .string($0) }),
            "new_columns": .array(comparison.newColumns.map { .string($0) }),
            "gone_columns": .array(comparison.goneColumns.map { .string($0) }),
            "retyped_columns": .array(comparison.retypedColumns.map { .string($0) }),
            "old_offset": .integer(comparison.oldOffset), "new_offset": .integer(comparison.newOffset),
            "examples": .array(
                comparison.examples.map { example in
                    .object([
                        "change": .string(example.change.rawValue), "key": .string(example.key),
                        "old": OutputValue(example.old), "new": OutputValue(example.new),
                    ])
                }),
        ])
    }
}
