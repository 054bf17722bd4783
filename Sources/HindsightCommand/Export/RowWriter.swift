import Hindsight
import Synchronization

/// Writes a view's rows as they arrive. The text before the first row is written together with it, so that a query that
/// fails immediately writes nothing.
final class RowWriter: Sendable {
    private struct State {
        var count = 0
        var table: Table
        /// The position that the rows reflect; nil if nobody asked for it.
        var position: Int64?
    }

    private let rows: ViewRows
    private let format: RowFormat
    private let output: CommandOutput
    private let state: Mutex<State>

    /// - Parameter isVertical: whether a table has a line for each column of a row, also where rows fit on a line.
    init(_ rows: ViewRows, format: RowFormat, isVertical: Bool = false, output: CommandOutput) {
        self.rows = rows
        self.format = format
        self.output = output
        let columns = rows.columns.map {
            Table.Column(name: $0.name, alignment: $0.isNumber ? .right : .left)
        }
        let layout = output.rowLayout(isVertical: isVertical)
        state = Mutex(State(table: Table(columns, layout: layout) { try output.write($0) }))
    }

    /// Notes the position that the rows reflect, before the first one. JSON is then an object with it and the rows.
    func begin(at position: Int64) {
        state.withLock { $0.position = position }
    }

    func append(_ row: [String?]) throws {
        try state.withLock { state in
            try start(state)
            state.count += 1
            switch format {
            case .csv: try output.withBuffer { CSVWriter.append(row, to: &$0) }
            case .json: try output.withBuffer { rows.json(row).append(to: &$0) }
            case .table: try state.table.append(row.map { $0 ?? "" })
            }
        }
    }

    /// Writes the text after the last row.
    func finish() throws {
        try state.withLock { state in
            switch format {
            case .csv: if state.count == 0 { try start(state) }
            case .json:
                let end = state.position == nil ? "" : "}"
                try output.write((state.count == 0 ? Self.opening(state.position) + "]" : "\n]") + end)
            case .table:
                try state.table.finish()
                if let position = state.position { output.note("the rows reflect position \(position)") }
            }
        }
        try output.flush()
    }

    private func start(_ state: borrowing State) throws {
        let (count, position) = (state.count, state.position)
        switch format {
        case .csv:
            if count == 0 { try output.withBuffer { CSVWriter.append(rows.columns.map(\.name), to: &$0) } }
        case .json:
            try output.withBuffer { $0 += (count == 0 ? Self.opening(position) + "\n" : ",\n").utf8 }
        case .table: break
        }
    }

    /// The JSON text before the rows.
    private static func opening(_ position: Int64?) -> String {
        position.map { #"{"position":\#($0),"rows":["# } ?? "["
    }
}
