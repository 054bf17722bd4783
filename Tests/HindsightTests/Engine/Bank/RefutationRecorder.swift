import Logging

/// Keeps the names of the projections whose presumption of new rows was refuted.
struct RefutationRecorder: LogHandler {
    typealias Names = Recorder<String>

    let names: Names
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.message == "rows presumed to be new are looked up for a while",
            let value = event.metadata?["projection.names"]
        else { return }
        names.note("\(value)")
    }

    static func logger(into names: Names) -> Logger {
        Logger(label: "hindsight.test") { _ in RefutationRecorder(names: names) }
    }
}
