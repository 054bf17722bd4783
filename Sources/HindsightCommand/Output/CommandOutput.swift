import Logging
import Synchronization

/// Where a command's results, notes and progress go.
///
/// Results go to standard output: as text for people, or as JSON when the command was called with `--json`. Everything
/// else goes to standard error.
public final class CommandOutput: Sendable {
    /// True if results are meant for programs.
    public let isJSON: Bool
    let console: Console
    private let standardOutput = Mutex(StandardOutput())

    init(program: String, isJSON: Bool) {
        self.isJSON = isJSON
        console = Console(program: program)
    }

    /// Writes a result: the object as one line with `--json`, the text otherwise.
    ///
    /// - Throws: an error that ends the command if the output cannot be written or has no reader any more.
    public func result(_ fields: KeyValuePairs<String, OutputValue>, text: @autoclosure () -> String) throws {
        if isJSON {
            try write(.object(fields))
        } else {
            try write(text())
        }
        try flush()
    }

    /// Writes a line of text to standard output.
    public func write(_ text: String) throws {
        try withBuffer { bytes in
            bytes += text.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// Writes a JSON value as a line to standard output.
    public func write(_ value: OutputValue) throws {
        try withBuffer { bytes in
            value.append(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// The layout of a table that says how things are: columns without content are left out, and those that matter least
    /// where there is no room. A file has room for 80 characters.
    var statusLayout: TableLayout {
        let width = StandardOutput.terminalWidth
        return TableLayout(width: width ?? 80, omitsEmptyColumns: true, mayTurnVertical: width != nil)
    }

    /// The layout of a table with rows of data: all columns are there. A file has room for any line.
    func rowLayout(isVertical: Bool) -> TableLayout {
        TableLayout(width: StandardOutput.terminalWidth, isVertical: isVertical, mayTurnVertical: true)
    }

    /// Writes a line for people to standard error; nothing with `--json`.
    public func note(_ text: String) {
        if !isJSON { console.line(text) }
    }

    /// Begins to show progress: a bar if standard error is a terminal, one JSON line per second with `--json`, nothing
    /// otherwise.
    ///
    /// - Parameters:
    ///   - activity: a description of the activity, one word or two.
    ///   - unit: what is counted, in the plural.
    public func progress(_ activity: String, unit: String) -> ProgressReport {
        ProgressReport(activity: activity, unit: unit, isJSON: isJSON, console: console)
    }

    /// Appends to the buffer, which is written when it is large enough.
    func withBuffer(_ body: (inout [UInt8]) -> Void) throws {
        try standardOutput.withLock { try $0.write(body) }
    }

    /// Writes the rest of the buffer.
    func flush() throws {
        try standardOutput.withLock { try $0.flush() }
    }

    func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: console.program) { [console] _ in ConsoleLogHandler(console: console) }
        logger.logLevel = level
        return logger
    }
}
