import Hindsight
import Synchronization

/// Shows events as lines of JSON or as a table, up to a limit.
final class EventPrinter: Sendable {
    private struct State {
        var table: Table
        var left: Int
    }

    private let output: CommandOutput
    private let isLive: Bool
    private let state: Mutex<State>

    /// - Parameter isLive: whether each event is shown immediately.
    init(output: CommandOutput, limit: Int?, isLive: Bool) {
        self.output = output
        self.isLive = isLive
        let columns: [Table.Column] = [
            .init(name: "position", alignment: .right), .init(name: "stream"),
            .init(name: "version", alignment: .right),
            .init(name: "type"), .init(name: "at"), .init(name: "data"),
        ]
        let layout = output.rowLayout(isVertical: false)
        let table = Table(columns, layout: layout, sampleSize: isLive ? 1 : 1_000) { try output.write($0) }
        state = Mutex(State(table: table, left: limit ?? .max))
    }

    /// How many more events are wanted.
    var left: Int { state.withLock { $0.left } }

    /// Shows an event. False: no more events are wanted.
    func show(_ event: RecordedEvent) throws -> Bool {
        try state.withLock { state in
            guard state.left > 0 else { return false }
            state.left -= 1
            if output.isJSON {
                try output.withBuffer { EventLine.append(event, as: .read, to: &$0) }
            } else {
                try state.table.append([
                    "\(event.position)", event.stream.rawValue, "\(event.version)", event.type, "\(event.occurredAt)",
                    String(decoding: event.data, as: UTF8.self),
                ])
            }
            if isLive { try output.flush() }
            return state.left > 0
        }
    }

    /// Shows the events that have been held back.
    func finish() throws {
        guard !output.isJSON else { return }
        try state.withLock { try $0.table.finish() }
    }
}
