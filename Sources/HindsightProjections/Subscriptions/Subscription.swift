public import HindsightLog
public import HindsightPostgres
import HindsightValues
public import Logging
import Synchronization

/// A reader of a log: it catches up from a place and then follows the log live, without a gap in between.
///
/// Events are delivered one at a time, in the order of their positions: each after the previous one has been handled. A
/// durable name remembers the last handled event across processes, and has one reader at a time: a second one waits
/// until the first has ended. However many durable subscriptions there are, they need one connection beside the pool's,
/// for the leases of their names.
///
/// ```swift
/// let subscription = Subscription(log: log, pool: pool, options: .init(name: "mailer"), logger: logger)
/// try await subscription.run { event in
///     try await mail(event)              // an error closes the subscription: nothing behind the event is handled
/// }
/// ```
///
/// A subscription is used once. ``drain(timeout:)`` and ``stop()`` end it from anywhere; ``closed`` says how it ended.
public final class Subscription: Sendable {
    private struct Shared {
        var state: SubscriptionState?
        var isStarted = false
        var isDrainRequested = false
        var isStopRequested = false
        var endedBy: (any Error)?
        var drainTimer: Task<Void, Never>?
        var changes: LogChanges?
    }

    private let log: any EventLog
    private let options: SubscriptionOptions
    private let durable: DurableOffset?
    private let shared = Mutex(Shared())
    private let end = SubscriptionEnd()

    /// Creates a subscription. Nothing happens before ``run(_:)`` or ``runInTransaction(_:)``.
    ///
    /// - Parameters:
    ///   - log: the log to read.
    ///   - pool: connections to the database that stores the offset of a durable name; it need not be the log's. Without a durable
    ///     name, none is used. It has to be open until the subscription has ended.
    ///   - schema: the engine's schema there.
    ///   - options: what to read, and where to start.
    public init(
        log: any EventLog, pool: PostgresPool, schema: String = "hindsight", options: SubscriptionOptions,
        logger: Logger
    ) {
        self.log = log
        self.options = options
        durable = options.name.map { name in
            DurableOffset(
                name: name, pool: pool, schema: schema, leaseDuration: options.leaseDuration, logger: logger)
        }
    }

    /// Handles events until the subscription is drained or stopped, the task is cancelled, or the handler throws.
    ///
    /// With a durable name each event is acknowledged when its handler returns. If the process dies in between, that
    /// one event is handled again; to handle each event exactly once, use ``runInTransaction(_:)``.
    ///
    /// - Throws: what the handler throws; the event is not acknowledged and is delivered first when the name is used
    ///   again. Lost connections are waited for. ``SubscriptionError`` with `takenOver` or `drainTimedOut`.
    public func run(_ handle: @escaping (RecordedEvent) async throws -> Void) async throws {
        try await consume { [durable] event in
            try await handle(event)
            try await durable?.advance(to: event.offset, handling: LogChecksum(of: event))
        }
    }

    /// Handles events exactly once: what the handler writes and the offset commit together, in the database of the
    /// offset.
    ///
    /// The stored offset is checked in the same transaction, so a reader that has lost its name commits nothing.
    ///
    /// - Throws: as ``run(_:)`` does; the transaction is rolled back.
    public func runInTransaction(
        _ handle: @escaping @Sendable (inout PostgresSession, RecordedEvent) throws -> Void
    ) async throws {
        guard let durable else {
            throw SubscriptionError(.misuse, "handling events exactly once needs a durable name")
        }
        try await consume { event in
            try await durable.advance(to: event.offset, handling: LogChecksum(of: event)) { session in
                try handle(&session, event)
            }
        }
    }

    /// Stops reading, handles the events that were already delivered, then closes. Returns immediately; await
    /// ``closed`` for the end.
    ///
    /// Events appended after this call are not delivered. Unhandled events are left to the next reader of the name.
    ///
    /// - Parameter timeout: how long the handlers may take; after that, the remaining events are dropped and the
    ///   subscription closes with `drainTimedOut`. Defaults to `nil`, which waits without limit.
    public func drain(timeout: Duration? = nil) {
        let isWaiting = shared.withLock { shared in
            shared.isDrainRequested = true
            shared.state?.drain()
            return shared.isStarted
        }
        guard isWaiting else { return finish(nil) }
        if let timeout {
            // The task outlives the call by design, and ends with the subscription.
            let timer = Task {
                do { try await Task.sleep(for: timeout) } catch { return }  // closed in time
                self.endNow(SubscriptionError(.drainTimedOut, "not drained within \(timeout)"))
            }
            shared.withLock { $0.drainTimer = timer }
        }
        wake()
    }

    /// Closes as soon as the event in flight has been handled; later events that were already delivered are dropped,
    /// and come first when the name is used again.
    public func stop() {
        let isStarted = shared.withLock { shared in
            shared.isStopRequested = true
            shared.state?.stop()
            return shared.isStarted
        }
        guard isStarted else { return finish(nil) }
        wake()
    }

    /// Waits until the subscription has ended: returns after a drain or stop, and otherwise throws the error that ended
    /// it.
    public var closed: Void {
        get async throws { try await end.wait() }
    }

    /// Waits until the subscription has ended, but no longer than this.
    ///
    /// - Returns: false if the time was up first; the subscription then continues.
    /// - Throws: the error that ended the subscription.
    public func closed(within duration: Duration) async throws -> Bool {
        try await end.wait(atMost: duration)
    }

    // MARK: -

    private func consume(_ handle: @escaping (RecordedEvent) async throws -> Void) async throws {
        let isFirst = shared.withLock { shared in
            defer { shared.isStarted = true }
            return !shared.isStarted && !shared.isDrainRequested && !shared.isStopRequested
        }
        guard isFirst else { throw SubscriptionError(.misuse, "a subscription runs once") }
        var failure: (any Error)?
        do {
            try await deliver(handle)
        } catch {
            failure = error
        }
        await durable?.close()
        let ending = shared.withLock { $0.endedBy } ?? failure
        finish(ending)
        if let ending { throw ending }
    }

    private func deliver(_ handle: @escaping (RecordedEvent) async throws -> Void) async throws {
        let changes = log.changes()
        shared.withLock { $0.changes = changes }
        defer { shared.withLock { $0.changes = nil } }
        let (start, hasHandled) = try await startOffset()
        shared.withLock { shared in
            var state = SubscriptionState(start: start)
            if shared.isDrainRequested { state.drain() }
            if shared.isStopRequested { state.stop() }
            shared.state = state
        }
        var consumer = SubscriptionConsumer(subscription: self, hasHandled: hasHandled, handle: handle)
        do {
            try await EventFeed(log: log, changes: changes, heldInterval: .milliseconds(3)).run(&consumer)
        } catch {
            // A handler's error says more than a cancellation that came with it.
            throw consumer.failure ?? error
        }
        if let failure = consumer.failure { throw failure }
    }

    /// The durable name; nil if it has none.
    var name: String? { options.name }

    /// The next event to handle of those that were read; nil if none is left, or the subscription has ended.
    func nextEvent() -> RecordedEvent? {
        shared.withLock { shared in
            guard case .deliver(let event) = shared.state?.next() else { return nil }
            return event
        }
    }

    /// What to read next.
    var demand: FeedStep {
        guard case .read(let offset) = shared.withLock({ $0.state?.next() ?? .close }) else { return .end }
        return .read(
            FeedDemand(
                offset: offset, filter: options.filter, limit: options.bufferSize, maximumBytes: options.bufferBytes))
    }

    /// Takes a batch that was read.
    func accept(_ batch: EventBatch) {
        shared.withLock { $0.state?.received(batch.events, through: batch.through) }
    }

    /// Goes back to handle the events after an offset again.
    func restart(at offset: Offset) {
        shared.withLock { $0.state?.restart(at: offset) }
    }

    /// An event that is read may stand before the start: positions and times are resolved to the nearest event below. A
    /// durable name that has handled events resumes where it stopped, wherever it would start now.
    func isWanted(_ event: RecordedEvent) -> Bool {
        switch options.start {
        case .beginning, .now: true
        case .position(let position): event.position >= position
        case .time(let time): event.recordedAt >= time
        }
    }

    /// - Returns: where to start, and whether the durable name has handled events before.
    private func startOffset() async throws -> (Offset, hasHandled: Bool) {
        var backoff = Backoff()
        while !isGivenUp {
            do {
                let found = try await findStart()
                try await log.verify(found.0)
                return found
            } catch let error where error.isPassing {
                try await Task.sleep(for: backoff.next())
            }
        }
        return (.beginning, false)
    }

    private var isGivenUp: Bool { shared.withLock { $0.isDrainRequested || $0.isStopRequested } }

    private func findStart() async throws -> (Offset, hasHandled: Bool) {
        let first: @Sendable () async throws -> Offset = { [log, options] in
            switch options.start {
            case .beginning: .beginning
            case .now: try await log.frontier()
            case .position(let position): try await log.offset(before: position)
            case .time(let time): try await log.offset(recordedBefore: time)
            }
        }
        guard let durable else { return (try await first(), false) }
        return try await durable.take(
            log: try await log.identity(), start: first,
            isGivenUp: { [weak self] in self?.isGivenUp ?? true },
            onLoss: { [weak self] error in self?.endNow(error) })
    }

    private func wake() {
        shared.withLock { $0.changes }?.wake()
    }

    /// Ends the subscription without waiting for the running handler.
    private func endNow(_ error: any Error) {
        shared.withLock { shared in
            shared.endedBy = shared.endedBy ?? error
            shared.state?.stop()
        }
        end.finish(.failure(error))
        wake()
    }

    private func finish(_ error: (any Error)?) {
        shared.withLock { $0.drainTimer }?.cancel()
        end.finish(error.map { .failure($0) } ?? .success(()))
    }
}
