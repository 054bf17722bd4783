/// An error that knows whether the same work may succeed if it is done again.
///
/// Logs, databases and clients say it of their own errors; whoever waits for trouble to pass asks nothing else. An error that
/// does not say it is taken for a bug, which is never tried again.
public protocol RetriableError: Error {
    /// True when doing the same again, unchanged, may succeed without anybody's help: a lost connection, a deadlock.
    var isRetriable: Bool { get }
    /// True when the work may have been done although an error came back: a commit whose answer was lost. Doing the same again
    /// may then do it twice, so whoever goes on first finds out. Defaults to false.
    var isOutcomeUnknown: Bool { get }
}

extension RetriableError {
    /// False.
    public var isOutcomeUnknown: Bool { false }
}

extension Error {
    /// True for trouble that may pass by itself. The one place that decides it, for all of the engine.
    package var isPassing: Bool { (self as? any RetriableError)?.isRetriable ?? false }

    /// True for trouble after which work can go on once it is known what became of it: what may pass by itself, and a commit of
    /// unknown outcome.
    package var isInterruption: Bool {
        guard let error = self as? any RetriableError else { return false }
        return error.isRetriable || error.isOutcomeUnknown
    }
}
