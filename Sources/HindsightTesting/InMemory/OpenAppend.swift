public import HindsightLog
import Synchronization

/// An append whose positions are drawn and that nobody sees yet.
public final class OpenAppend: Sendable {
    /// The results that the append has once it is committed.
    public let results: [AppendResult]
    private let log: InMemoryEventLog
    /// Nil once it has ended.
    private let key: Mutex<Int?>

    init(log: InMemoryEventLog, key: Int?, results: [AppendResult]) {
        self.log = log
        self.key = Mutex(key)
        self.results = results
    }

    /// One that is forgotten is rolled back.
    deinit { end(committing: false) }

    /// Makes the events visible. It counts once; an append that has ended stays as it is.
    public func commit() { end(committing: true) }

    /// Gives the events up; their positions stay holes.
    public func rollBack() { end(committing: false) }

    private func end(committing: Bool) {
        let open = key.withLock { key in
            defer { key = nil }
            return key
        }
        if let open { log.end(open, committing: committing) }
    }
}
