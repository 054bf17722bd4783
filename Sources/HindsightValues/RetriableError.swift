/// An error that knows whether a retry of the same work may succeed.
///
/// Logs, databases and clients state it for their own errors; code that waits for errors to pass checks nothing else.
/// An error that does not conform is considered a bug, which is never retried.
public protocol RetriableError: Error {
    /// True if an unchanged retry may succeed without anyone's help: after a lost connection or a deadlock, for
    /// example.
    var isRetriable: Bool { get }
    /// True if the work may have been done although it failed with an error, as with a commit whose answer was lost. A
    /// retry may then do it twice, so find out first. Defaults to `false`.
    var isOutcomeUnknown: Bool { get }
}

extension RetriableError {
    /// False.
    public var isOutcomeUnknown: Bool { false }
}

extension Error {
    /// True for errors that may pass by themselves. The only place that decides this, for all of the engine.
    package var isPassing: Bool { (self as? any RetriableError)?.isRetriable ?? false }

    /// True for errors after which work can continue once their outcome is known: those that may pass by themselves,
    /// and a commit of unknown outcome.
    package var isInterruption: Bool {
        guard let error = self as? any RetriableError else { return false }
        return error.isRetriable || error.isOutcomeUnknown
    }
}
