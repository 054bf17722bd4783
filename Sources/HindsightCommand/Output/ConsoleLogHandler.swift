import Logging

/// Log messages as lines on standard error: program, level, message, metadata.
struct ConsoleLogHandler: LogHandler {
    let console: Console
    var logLevel: Logger.Level = .notice
    var metadata: Logger.Metadata = [:]

    init(console: Console) {
        self.console = console
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        console.line("\(console.program): \(event.level.rawValue): \(event.message)\(pairs)")
    }
}
