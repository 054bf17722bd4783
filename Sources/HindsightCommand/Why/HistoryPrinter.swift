import Hindsight
import Synchronization

/// Shows the history of a row as text or as one JSON object, step by step as it is folded.
final class HistoryPrinter: Sendable {
    private let name: String
    private let key: [String]
    private let columns: [ViewShape.Column]
    private let keyCount: Int
    private let showsWholeRows: Bool
    private let output: CommandOutput
    private let app: String
    /// How many steps are shown.
    private let count = Mutex(0)

    /// - Parameter showsWholeRows: whether columns that did not change are shown too.
    init(_ definition: ProjectionDefinition, key: [String], showsWholeRows: Bool, _ runtime: AppRuntime) {
        name = definition.name
        self.key = key
        switch definition.kind {
        case .view(let view): (columns, keyCount) = (view.shape.columns, view.shape.keyCount)
        case .sql: (columns, keyCount) = ([], 0)
        }
        self.showsWholeRows = showsWholeRows
        output = runtime.output
        app = runtime.name
    }

    /// Shows a step.
    func show(_ step: RowStep) throws {
        let isFirst = count.withLock { count in
            count += 1
            return count == 1
        }
        guard !output.isJSON else {
            if isFirst { try begin() }
            return try output.withBuffer { bytes in
                bytes += (isFirst ? "\n" : ",\n").utf8
                fields(step).append(to: &bytes)
            }
        }
        let event = step.event
        if !isFirst { try output.write("") }
        try output.write(line(event))
        try output.write("  \(EventText.abridged(event.data, columns: width - 2))")
        for line in try changes(step) { try output.write("  \(line)") }
    }

    /// Shows the row, and whether it is the one that is stored.
    func finish(_ explanation: RowExplanation) throws {
        let shown = count.withLock { $0 }
        guard !output.isJSON else {
            if shown == 0 { try begin() }
            return try end(explanation, isEmpty: shown == 0)
        }
        if shown > 0 { try output.write("") }
        if let failure = explanation.failure {
            try output.write(line(failure.event))
            try output.write("  \(EventText.abridged(failure.event.data, columns: width - 2))")
            try output.write("  cannot be applied: \(failure.error)")
            try output.write("")
        }
        if let row = explanation.row {
            let cells: [Table.Column] = columns.map { .init(name: $0.name) }
            var table = Table(cells, layout: output.rowLayout(isVertical: true)) { [output] in try output.write($0) }
            try table.append(row.map { $0 ?? "" })
            try table.finish()
            try output.write("")
        }
        for line in HistoryVerdict(explanation, app: app, columns: columns).lines { try output.write(line) }
        try output.flush()
    }

    private var width: Int { StandardOutput.terminalWidth ?? 120 }

    // MARK: - Text

    private func line(_ event: RecordedEvent) -> String {
        "position \(event.position)  \(event.type)  \(event.stream.rawValue) version \(event.version)  \(event.recordedAt)"
    }

    private func changes(_ step: RowStep) throws -> [String] {
        if showsWholeRows { return try wholeRows(step) }
        guard let after = step.after else { return [step.before == nil ? "there is no row" : "the row is deleted"] }
        guard !step.changes.isEmpty else { return ["nothing changes"] }
        return step.changes.map { index in
            let value = EventText.value(after[index])
            guard let before = step.before else { return "\(columns[index].name): \(value)" }
            return "\(columns[index].name): \(EventText.value(before[index])) -> \(value)"
        }
    }

    private func wholeRows(_ step: RowStep) throws -> [String] {
        let lines = Mutex<[String]>([])
        var table = Table([.init(name: "column"), .init(name: "before"), .init(name: "after")]) { line in
            lines.withLock { $0.append(line) }
        }
        for (index, column) in columns.enumerated() {
            func text(_ row: [String?]?) -> String { row.map { EventText.value($0[index]) } ?? "" }
            try table.append([column.name, text(step.before), text(step.after)])
        }
        try table.finish()
        return lines.withLock { $0 }
    }

    // MARK: - JSON

    /// Begins an object whose steps are written one by one.
    private func begin() throws {
        let key = OutputValue.object(members: zip(columns.prefix(keyCount), key).map { ($0.name, .string($1)) })
        try output.withBuffer { bytes in
            bytes += "{\"name\":".utf8
            OutputValue.string(name).append(to: &bytes)
            bytes += ",\"key\":".utf8
            key.append(to: &bytes)
            bytes += ",\"steps\":[".utf8
        }
    }

    private func end(_ explanation: RowExplanation, isEmpty: Bool) throws {
        let rest = HistoryVerdict(explanation, app: app, columns: columns).fields
        try output.withBuffer { bytes in
            bytes += (isEmpty ? "]" : "\n]").utf8
            // The rest of the object, without its opening brace.
            var object: [UInt8] = []
            rest.append(to: &object)
            object[0] = UInt8(ascii: ",")
            bytes += object
            bytes.append(UInt8(ascii: "\n"))
        }
        try output.flush()
    }

    private func fields(_ step: RowStep) -> OutputValue {
        var members = EventText.fields(step.event)
        members.append(("before", step.before.map { ViewRows.json($0, columns) } ?? .null))
        members.append(("after", step.after.map { ViewRows.json($0, columns) } ?? .null))
        members.append(("changed", .array(step.changes.map { .string(columns[$0].name) })))
        return .object(members: members)
    }
}
