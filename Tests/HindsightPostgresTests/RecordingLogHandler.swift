import Logging

/// Keeps what is logged, metadata included.
struct RecordingLogHandler: LogHandler {
    let lines: Protected<[String]>
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = "\(event.message) \(String(reflecting: event.metadata ?? [:]))"
        lines.change { $0.append(line) }
    }

    static func logger(into lines: Protected<[String]>) -> Logger {
        Logger(label: "hindsight.test") { _ in RecordingLogHandler(lines: lines) }
    }
}
