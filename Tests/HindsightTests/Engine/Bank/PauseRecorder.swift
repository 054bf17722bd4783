import Logging

/// Keeps the pauses that are logged between attempts.
struct PauseRecorder: LogHandler {
    /// The pauses after a message, in order.
    typealias Pauses = Recorder<(message: String, pause: Duration)>

    let pauses: Pauses
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard case .stringConvertible(let value)? = event.metadata?["retry.pause"], let pause = value as? Duration
        else {
            return
        }
        pauses.note((event.message.description, pause))
    }

    static func logger(into pauses: Pauses) -> Logger {
        Logger(label: "hindsight.test") { _ in PauseRecorder(pauses: pauses) }
    }
}

extension Recorder<(message: String, pause: Duration)> {
    /// The pauses after messages that begin like this.
    func after(_ beginning: String) -> [Duration] {
        all.filter { $0.message.hasPrefix(beginning) }.map(\.pause)
    }
}
