public import HindsightLog
import Synchronization

/// An append whose positions are drawn but whose events are not yet visible.
public final class OpenAppend: Sendable {
    /// The append's results once it is committed.
    public let results: [AppendResult]
    private let log: InMemoryEventLog
    /// Nil once it has ended.
    private let key: Mutex<Int?>

    init(log: InMemoryEventLog, key: Int?, results: [AppendResult]) {
        self.log = log
        self.key = Mutex(key)
        self.results = results
    }

    /// An append that is released without an end is rolled back.
    deinit { end(committing: false) }

    /// Makes the events visible. Only the first call counts; an append that has ended stays as it is.
    public func commit() { end(committing: true) }

    /// Discards the events; their positions stay holes.
    public func rollBack() { end(committing: false) }

    private func end(committing: Bool) {
        let open = key.withLock { key in
            defer { key = nil }
            return key
        }
        if let open { log.end(open, committing: committing) }
    }
}
