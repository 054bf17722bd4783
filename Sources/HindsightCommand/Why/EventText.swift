import Hindsight

/// Events and values on a line.
enum EventText {
    /// An event's data, as much as fits.
    static func abridged(_ data: [UInt8], columns: Int) -> String {
        // Enough bytes for any number of columns of a terminal.
        let text = Table.onOneLine(String(decoding: data.prefix(4 * max(columns, 20)), as: UTF8.self))
        let limit = max(columns, 20)
        guard data.count > text.utf8.count || TerminalWidth.columns(of: text) > limit else { return text }
        return TerminalWidth.cut(text, to: limit - 2) + " …"
    }

    /// A column's value.
    static func value(_ text: String?) -> String { text.map(Table.onOneLine) ?? "null" }

    /// An event as members of a JSON object.
    static func fields(_ event: RecordedEvent) -> [(String, OutputValue)] {
        [
            ("position", .integer(event.position)), ("stream", .string(event.stream.rawValue)),
            ("version", .integer(event.version)), ("type", .string(event.type)),
            ("recorded_at", OutputValue(event.recordedAt)), ("data", .json(event.data)),
        ]
    }
}
