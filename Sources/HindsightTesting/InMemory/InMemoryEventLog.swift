public import HindsightLog
import HindsightValues
public import ServiceLifecycle
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An event log in memory, for tests: it keeps the whole contract of ``EventLog`` and ends with the process.
///
/// Its commit order can differ from its position order: ``openAppend(_:)`` draws positions and leaves the append open,
/// like a transaction that is slow to commit; meanwhile others append behind it, and readers must not pass it.
///
/// ```swift
/// let log = InMemoryEventLog()
/// let slow = try log.openAppend([StreamAppend("order-1", [placed])])
/// try await log.append(shipped, to: "order-2")
/// // Nothing is visible yet: the frontier stands before the open append.
/// slow.commit()
/// // Both are, in the order of their positions.
/// ```
///
/// Searching takes time in proportion to the number of events, so the log is meant for thousands of events, not for
/// millions.
public final class InMemoryEventLog: EventLog, Service {
    /// The limits of an append.
    public let limits: EventLogLimits
    /// The abilities that the log declares. With fewer abilities than it has, it stands for a log that lacks them.
    public let abilities: LogAbilities

    let state = Mutex(InMemoryLogState())
    let signal: LogSignal
    private let id = UUID.version7(at: .now())
    /// Signalled when an open append has ended.
    private let ended = LogSignal()

    /// Creates an empty log.
    ///
    /// - Parameters:
    ///   - abilities: what it can do. Defaults to finding events by their ids, positions with holes, importing events
    ///     verbatim, and counting events. Without `holes`, no append can be held open, and the log proves ranges by its
    ///     density.
    ///   - limits: the limits of an append. Defaults to those of the PostgreSQL log.
    ///   - pollInterval: the longest time a reader waits while the log is not running. Defaults to one second.
    public init(
        abilities: LogAbilities = [.eventsByID, .holes, .verbatimImport, .size],
        limits: EventLogLimits = EventLogLimits(),
        pollInterval: Duration = .seconds(1)
    ) {
        self.abilities = abilities
        self.limits = limits
        signal = LogSignal(pollInterval: pollInterval)
    }

    /// The log's identity.
    public func identity() async throws -> UUID { id }

    // MARK: - Appending

    /// Appends events to several streams at once.
    @discardableResult
    public func append(_ appends: [StreamAppend]) async throws -> [AppendResult] {
        try limits.check(appends)
        return try await append(AppendCall(appends))
    }

    /// Appends events to one stream.
    @discardableResult
    public func append(
        _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion = .any
    ) async throws -> AppendResult {
        try await append([StreamAppend(stream, events, expected: expected)])[0]
    }

    /// Appends events of several streams in the given order.
    @discardableResult
    public func append(inOrder events: [StreamEvent]) async throws -> Int64 {
        let appends = Dictionary(grouping: events, by: \.stream).map { StreamAppend($0, $1.map(\.event)) }
        try limits.check(appends)
        return try await append(AppendCall(inOrder: events)).map(\.position).max() ?? 0
    }

    /// Appends events in the given order, exactly as another log or file has them.
    @discardableResult
    public func append(verbatim events: [StreamEvent]) async throws -> AppendResult {
        try abilities.require(.verbatimImport, to: "import events as they are, each once")
        let appends = Dictionary(grouping: events, by: \.stream).map { StreamAppend($0, $1.map(\.event)) }
        try limits.check(appends)
        let results = try await append(AppendCall(inOrder: events))
        return results.max { $0.position < $1.position } ?? AppendResult(position: 0, version: -1, isDuplicate: true)
    }

    /// Draws positions for events and leaves the append open: its events are not visible, and readers do not pass them,
    /// until it is committed or rolled back. Another append to the same streams waits for that.
    ///
    /// - Throws: ``EventLogError`` with `conflict`, `knownEvents` or `invalidAppend`; with `contention` if an open
    ///   append appends to the same streams; with `unsupported` from a log without ``LogAbilities/holes``.
    public func openAppend(_ appends: [StreamAppend]) throws -> OpenAppend {
        try abilities.require(.holes, to: "hold an append open")
        try limits.check(appends)
        let call = AppendCall(appends)
        switch try state.withLock({ state throws(EventLogError) in try state.begin(call, now: .now()) }) {
        case .opened(let key, let results): return OpenAppend(log: self, key: key, results: results)
        case .duplicate(let results): return OpenAppend(log: self, key: nil, results: results)
        case .busy:
            throw EventLogError(.contention, "an append to the same streams is open: commit it or roll it back first")
        }
    }

    /// Forgets everything above a position, like a log that is restored from an older copy.
    public func rewind(to position: Int64) {
        state.withLock { $0.rewind(to: position) }
        ended.notify()
        signal.notify()
    }

    private func append(_ call: AppendCall) async throws -> [AppendResult] {
        while true {
            try Task.checkCancellation()
            let seen = ended.generation
            let results = try state.withLock { state throws(EventLogError) -> [AppendResult]? in
                switch try state.begin(call, now: .now()) {
                case .opened(let key, let results):
                    state.commit(key)
                    return results
                case .duplicate(let results): return results
                case .busy: return nil
                }
            }
            if let results {
                signal.notify()
                return results
            }
            await LogChanges(ended).wait(after: seen)
        }
    }

    func end(_ key: Int, committing: Bool) {
        state.withLock { state in
            if committing { state.commit(key) } else { state.rollBack(key) }
        }
        ended.notify()
        signal.notify()
    }

    // MARK: - Running

    /// Wakes readers when events were appended.
    public func changes() -> LogChanges { LogChanges(signal) }

    /// Makes readers look again at every poll interval, until the task is cancelled or the service group shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [signal] in await signal.poll() }
    }
}
