public import HindsightLog
public import HindsightPostgres
import HindsightTracing
import HindsightValues
public import Logging
import Synchronization

/// A reader of a log: it catches up from a place and then follows the log live, without a gap in between.
///
/// Events are delivered one at a time, in the order of their positions: each after the previous one has been handled. A
/// durable name remembers the handled events across processes, and has one reader at a time: a second one waits
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
/// **Several keys in flight** (``SubscriptionOptions/keysInFlight``) are for handlers that wait. Events of one key are still handled one
/// after the other, in order; those of other keys meanwhile, up to ``SubscriptionOptions/bufferSize`` events ahead. With a durable name
/// the offset stands in front of the first event that is not handled, and each event that is handled beyond it is noted, so that the
/// next reader of the name leaves it out. After an error no further event is begun; those in flight are finished and stored.
///
/// A subscription is used once. ``drain(timeout:)`` and ``stop()`` end it from anywhere; ``closed`` says how it ended.
public final class Subscription: Sendable {
    typealias Handler = @Sendable (RecordedEvent) async throws -> Void

    private struct Shared {
        var state: SubscriptionState?
        /// The epoch of the lease by which is known what is stored.
        var epoch: Int64 = 0
        /// Those who handle events and have nothing to do.
        var idle: [CheckedContinuation<SubscriptionState.Step, Never>] = []
        /// The reader of the log, while it waits for room.
        var reader: CheckedContinuation<SubscriptionState.Reading, Never>?
        var failure: (any Error)?
        var isStarted = false
        var isDrainRequested = false
        var isStopRequested = false
        var endedBy: (any Error)?
        var drainTimer: Task<Void, Never>?
        var changes: LogChanges?

        /// What to read; nil while there is no room.
        mutating func beginReading() -> SubscriptionState.Reading? {
            let reading = state?.reading ?? .end
            switch reading {
            case .read: state?.beginReading()
            case .wait: return nil
            case .end: break
            }
            return reading
        }
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

    /// Creates a subscription without a durable name: it remembers nothing, and needs no database.
    ///
    /// - Parameters:
    ///   - log: the log to read.
    ///   - options: what to read, and where to start. With a name, running it throws ``SubscriptionError`` with `misuse`.
    public init(log: any EventLog, options: SubscriptionOptions) {
        self.log = log
        self.options = options
        durable = nil
    }

    /// Handles events until the subscription is drained or stopped, the task is cancelled, or the handler throws.
    ///
    /// With a durable name each event is acknowledged when its handler returns. If the process dies in between, the server crashes or
    /// the name is lost, the events in flight are handled again: one, unless the options say more. To handle each event exactly once,
    /// use ``runInTransaction(_:)``.
    ///
    /// - Throws: what the handler throws; the event is not acknowledged and is delivered first when the name is used
    ///   again. Lost connections are waited for. ``SubscriptionError`` with `takenOver` or `drainTimedOut`.
    public func run(_ handle: @escaping @Sendable (RecordedEvent) async throws -> Void) async throws {
        try await consume(handlers: options.keysInFlight) { event in
            try await handle(event)
            guard let durable = self.durable else { return self.update { $0.handled(event.position) } }
            try await durable.commit(event.position, of: self)
        }
    }

    /// Handles events exactly once: what the handler writes and that it was handled commit together, in the database of
    /// the offset.
    ///
    /// The lease is checked in the same transaction, so a reader that has lost its name commits nothing. Each handler has a
    /// connection of the pool while it runs. With several keys in flight, at most one less than the pool has are at work.
    ///
    /// - Throws: as ``run(_:)`` does; the transaction is rolled back. ``SubscriptionError`` with `handlerTooSlow` if a handler does
    ///   something else within its transaction for longer than ``SubscriptionOptions/leaseDuration``, three times: the server ends such a
    ///   transaction, since nobody could tell it from that of a process that hangs.
    public func runInTransaction(
        _ handle: @escaping @Sendable (inout PostgresSession, RecordedEvent) throws -> Void
    ) async throws {
        guard let durable else {
            throw SubscriptionError(.misuse, "handling events exactly once needs a durable name")
        }
        try await consume(handlers: min(options.keysInFlight, durable.handlersAtOnce)) { event in
            try await durable.commit(event.position, of: self) { session in try handle(&session, event) }
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
            return shared.isStarted
        }
        update { $0.drain() }
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

    /// Closes as soon as what is in flight has been handled; later events that were already delivered are dropped,
    /// and come first when the name is used again.
    public func stop() {
        let isStarted = shared.withLock { shared in
            shared.isStopRequested = true
            return shared.isStarted
        }
        update { $0.stop() }
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

    private func consume(handlers: Int, _ handle: @escaping Handler) async throws {
        guard options.name == nil || durable != nil else {
            throw SubscriptionError(
                .misuse, "a durable name needs a pool of connections, in which its offset is stored")
        }
        let isFirst = shared.withLock { shared in
            defer { shared.isStarted = true }
            return !shared.isStarted && !shared.isDrainRequested && !shared.isStopRequested
        }
        guard isFirst else { throw SubscriptionError(.misuse, "a subscription runs once") }
        let metrics = options.name.map { SubscriptionMetrics($0) }
        var failure: (any Error)?
        do {
            try await deliver(handlers: max(handlers, 1), metrics, handle)
        } catch {
            failure = error
        }
        await durable?.close()
        let ending = shared.withLock { $0.endedBy } ?? failure
        metrics?.ended(ending)
        finish(ending)
        if let ending { throw ending }
    }

    private func deliver(handlers: Int, _ metrics: SubscriptionMetrics?, _ handle: @escaping Handler) async throws {
        let changes = log.changes()
        shared.withLock { $0.changes = changes }
        defer { shared.withLock { $0.changes = nil } }
        let start = try await findStart()
        if start.epoch > 0 { metrics?.leaseTaken() }
        shared.withLock { shared in
            var state = SubscriptionState(
                start.handled, isDurable: durable != nil,
                limits: SubscriptionState.Limits(
                    keysInFlight: handlers, events: options.bufferSize, bytes: options.bufferBytes))
            if shared.isDrainRequested { state.drain() }
            // The name may have been lost since it was taken.
            if shared.isStopRequested || shared.endedBy != nil { state.stop() }
            shared.state = state
            shared.epoch = start.epoch
        }
        var consumer = SubscriptionConsumer(subscription: self, hasHandled: start.hasHandled)
        await measuring(metrics) {
            await withTaskGroup(of: Void.self) { tasks in
                for _ in 0..<handlers { tasks.addTask { await self.work(handle) } }
                do {
                    let feed = EventFeed(
                        log: log, changes: changes, heldInterval: .milliseconds(3),
                        pauses: .within(lease: options.leaseDuration))
                    try await feed.run(&consumer)
                } catch {
                    note(error)
                    update { $0.stop() }
                }
                await tasks.waitForAll()
            }
        }
        if let failure = shared.withLock(\.failure) { throw failure }
    }

    /// Measures how far the subscription is while events are handled.
    private func measuring(_ metrics: SubscriptionMetrics?, _ body: () async -> Void) async {
        guard let metrics, let durable else { return await body() }
        let meter = SubscriptionMeter(
            log: log, options: options, metrics: metrics, count: { self.handledSoFar }, logger: durable.logger)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await meter.run() }
            await body()
            tasks.cancelAll()
        }
    }

    private var handledSoFar: SubscriptionState.Count {
        shared.withLock { $0.state?.handledSoFar } ?? SubscriptionState.Count()
    }

    // MARK: - Handling

    /// Handles events until there are none left to handle.
    private func work(_ handle: @escaping Handler) async {
        let spans = HandlingSpans(subscription: options.name)
        while true {
            switch await step() {
            case .handle(let event):
                await attempt(event.position) {
                    try Task.checkCancellation()
                    try await spans.around(event, handle)
                }
            case .advance:
                await attempt(nil) {
                    try Task.checkCancellation()
                    try await self.durable?.commit(nil, of: self)
                }
            case .end:
                return
            }
        }
    }

    private func attempt(_ position: Int64?, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is OffsetWentBack {
            update { $0.abandoned(position) }
        } catch {
            note(await durable?.cause(of: error) ?? error)
            update { $0.failed(position) }
            wake()
        }
    }

    /// What to do next; waits until there is something.
    private func step() async -> SubscriptionState.Step {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let step = shared.withLock { shared -> SubscriptionState.Step? in
                    if Task.isCancelled { shared.state?.stop() }
                    let step = shared.state?.next()
                    if step == nil { shared.idle.append(continuation) }
                    return step
                }
                if let step { continuation.resume(returning: step) }
            }
        } onCancel: {
            update { $0.stop() }
        }
    }

    /// Changes the state, and lets those go on who have something to do then.
    private func update(_ change: (inout SubscriptionState) -> Void) {
        var resumed: [(CheckedContinuation<SubscriptionState.Step, Never>, SubscriptionState.Step)] = []
        let reader = shared.withLock {
            shared -> (CheckedContinuation<SubscriptionState.Reading, Never>, SubscriptionState.Reading)? in
            guard shared.state != nil else { return nil }
            change(&shared.state!)
            while !shared.idle.isEmpty, let step = shared.state!.next() {
                resumed.append((shared.idle.removeFirst(), step))
            }
            guard let reader = shared.reader, let reading = shared.beginReading() else { return nil }
            shared.reader = nil
            return (reader, reading)
        }
        for (continuation, step) in resumed { continuation.resume(returning: step) }
        if let (reader, reading) = reader { reader.resume(returning: reading) }
    }

    /// Notes what the subscription ends with: what was thrown first. A cancellation says less than an error that came with it.
    private func note(_ error: any Error) {
        shared.withLock { shared in
            if shared.failure == nil || shared.failure is CancellationError { shared.failure = error }
        }
    }

    // MARK: - Storing

    /// True if events are handled again; until then nothing is stored.
    var isGoingBack: Bool { shared.withLock { $0.state?.isGoingBack ?? false } }

    /// What to store for an event, or for those that were noted before.
    func mark(_ position: Int64?) -> SubscriptionMark? { shared.withLock { $0.state?.mark(position) } }

    func reserveAdvance() -> Bool { shared.withLock { $0.state?.reserveAdvance() ?? false } }

    func stored(_ position: Int64?) { update { $0.stored(position) } }

    func revoked(_ position: Int64?) { update { $0.revoked(position) } }

    /// Takes note of whether something has been stored of which that was not known.
    func settle(_ position: Int64?, by handled: SubscriptionProgress) -> Bool {
        let isStored = shared.withLock { $0.state?.isStored(position, in: handled) ?? false }
        if isStored { stored(position) } else { revoked(position) }
        return isStored
    }

    /// Compares what is stored with what this subscription has stored, when its lease was taken anew.
    ///
    /// - Throws: ``SubscriptionError`` with `takenOver` if another reader has handled events meanwhile.
    func adopt(_ lease: SubscriptionLease) throws {
        try shared.withLock { shared in
            guard lease.epoch > shared.epoch, let state = shared.state else { return }
            let isOwn = lease.epoch <= shared.epoch + 1
            shared.epoch = lease.epoch
            guard !state.agrees(with: lease.handled) else { return }
            guard isOwn else { throw SubscriptionError.takenOver(options.name ?? "") }
            // The server has crashed and lost unflushed commits, including what handlers wrote in them.
            shared.state?.goBack(to: lease.handled)
        }
        update { _ in }
    }

    // MARK: - Reading

    /// What to read next; waits until there is room for it.
    func demand() async -> FeedStep {
        let reading = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let reading = shared.withLock { shared -> SubscriptionState.Reading? in
                    if Task.isCancelled { shared.state?.stop() }
                    let reading = shared.beginReading()
                    if reading == nil { shared.reader = continuation }
                    return reading
                }
                if let reading { continuation.resume(returning: reading) }
            }
        } onCancel: {
            update { $0.stop() }
        }
        switch reading {
        case .read(let offset, let limit, let bytes):
            return .read(FeedDemand(offset: offset, filter: options.filter, limit: limit, maximumBytes: bytes))
        case .wait, .end:
            return .end
        }
    }

    /// Takes in events that were read.
    func accept(_ events: [RecordedEvent], through end: Offset) throws {
        let isKeyed = options.keysInFlight > 1
        let keyed = events.map { ($0, key: isKeyed ? options.key($0) : "") }
        let noted = shared.withLock { shared in events.map { shared.state?.noted(at: $0.position) } }
        for (event, id) in zip(events, noted) where id.map({ $0 != event.id }) ?? false {
            throw EventLogError.anchorMismatch(
                Offset(position: event.position, anchor: id), found: event.id, log: "that was handled from")
        }
        update { $0.received(keyed, through: end) }
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

    /// - Returns: where to start, by which lease, and whether the durable name has handled events before.
    private func findStart() async throws -> SubscriptionLease {
        var backoff = Backoff.within(lease: options.leaseDuration)
        while !isGivenUp {
            do {
                if let found = try await takeStart() {
                    try await log.verify(found.handled.offset)
                    return found
                }
            } catch let error where error.isPassing {
                try await Task.sleep(for: backoff.next())
            }
        }
        return SubscriptionLease(epoch: 0, hasHandled: false, handled: SubscriptionProgress(offset: .beginning))
    }

    private var isGivenUp: Bool { shared.withLock { $0.isDrainRequested || $0.isStopRequested } }

    private func takeStart() async throws -> SubscriptionLease? {
        let first: @Sendable () async throws -> Offset = { [log, options] in
            switch options.start {
            case .beginning: .beginning
            case .now: try await log.frontier()
            case .position(let position): try await log.offset(before: position)
            case .time(let time): try await log.offset(recordedBefore: time)
            }
        }
        guard let durable else {
            let start = SubscriptionProgress(offset: try await first())
            return SubscriptionLease(epoch: 0, hasHandled: false, handled: start)
        }
        return try await durable.take(
            log: try await log.identity(), filter: options.filter, start: first,
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
        }
        update { $0.stop() }
        end.finish(.failure(error))
        wake()
    }

    private func finish(_ error: (any Error)?) {
        shared.withLock { $0.drainTimer }?.cancel()
        end.finish(error.map { .failure($0) } ?? .success(()))
    }
}
