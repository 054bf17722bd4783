import Logging

/// Keeps the names of the limits of which a warning says that they are lower than a program's.
struct LimitRecorder: LogHandler {
    let names: Recorder<String>
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if let name = event.metadata?["limit.name"] { names.note("\(name)") }
    }

    static func logger(into names: Recorder<String>) -> Logger {
        Logger(label: "hindsight.test") { _ in LimitRecorder(names: names) }
    }
}
