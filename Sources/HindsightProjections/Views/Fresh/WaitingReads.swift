import HindsightLog
import HindsightPostgres
import Metrics
import Synchronization

/// The reads of this process that wait for a view to come to a position. Shared by all who use a pool.
///
/// Nobody holds a connection while waiting. Those who wait are woken by what an engine of this process or a notification of
/// another one tells. Beside that, one task for all of them asks the database now and then: that of a service
/// (``serve(_:as:waking:)``), or else that of one of those who wait.
final class WaitingReads: Sendable {
    /// What a waiter is told.
    enum Signal: Sendable {
        /// Read again.
        case look
        /// There is nobody who asks the database for all: do it yourself.
        case lead
        case timeUp
        case cancelled
    }

    /// What somebody waits for.
    struct Wish: Sendable {
        let view: ShownVersion
        let position: Int64
        let deadline: ContinuousClock.Instant
        /// How long nobody may work on the view before it counts as abandoned.
        let lease: Duration
    }

    struct Waiter: Sendable {
        let continuation: CheckedContinuation<Signal, Never>
        let wish: Wish
    }

    /// An engine of this process.
    struct LocalEngine: Sendable {
        let node: String
        /// Makes it store offsets that only its memory has.
        let wake: @Sendable () -> Void
    }

    struct State: Sendable {
        var board = ReadBoard<Waiter>()
        var lastTicket: UInt64 = 0
        /// True if one of those who wait asks the database.
        var isLed = false
        /// How many services ask the database.
        var services = 0
        var engines: [UInt64: LocalEngine] = [:]
        /// When somebody last waited for a process other than this one.
        var waitedForOthers: ContinuousClock.Instant?
        /// The board's count when other processes began to be heard; nil while they are not.
        var heardSince: UInt64?

        /// True if somebody waits for a process other than this one.
        var waitsForOthers: Bool { board.waitsForOthers(than: engines.values.map(\.node)) }

        mutating func ticket() -> UInt64 {
            lastTicket += 1
            return lastTicket
        }
    }

    let names: SchemaNames
    let state = Mutex(State())
    /// Notified when the first waiter comes, and when one comes that waits for another process.
    let demand = LogSignal()
    /// How many reads of this process wait.
    private let waiting = Meter(label: "hindsight_waiting_reads")

    /// How often the database is asked while somebody waits: what a lost notification costs at most.
    static let interval = Duration.milliseconds(50)

    init(names: SchemaNames) {
        self.names = names
    }

    /// Those of a pool's users, for the engine in a schema.
    static func of(_ pool: PostgresPool, schema: String) -> WaitingReads {
        pool.companion(schema) { WaitingReads(names: SchemaNames(schema: schema)) }
    }

    // MARK: - Waiting

    /// The version that a name shows, if this process is about to be told that it comes to a position, see
    /// ``ReadBoard/expected(_:at:by:heardSince:)``.
    func expected(_ name: String, at position: Int64) -> ShownVersion? {
        state.withLock { state in
            state.board.expected(
                name, at: position, by: state.engines.values.lazy.map(\.node), heardSince: state.heardSince)
        }
    }

    /// A count of what was told. Take it before reading.
    var stamp: UInt64 { state.withLock(\.board.stamp) }

    /// Notes how a view stands that has been read, and says what waiting for it can lead to.
    ///
    /// - Parameter stamp: the count before it was read.
    func note(
        _ standing: ViewStanding, before stamp: UInt64, lease: Duration
    ) -> ReadBoard<Waiter>.Prospect {
        let now = ContinuousClock.now
        return state.withLock { state in
            state.board.note(standing, before: stamp, at: now)
            return state.board.prospect(of: standing, at: now, lease: lease)
        }
    }

    /// What is known of a view.
    func standing(of view: ShownVersion) -> ViewStanding? {
        state.withLock { $0.board.standing(of: view) }
    }

    /// Waits until a view has probably come to a position, or will not.
    ///
    /// - Returns: false when the time is up.
    /// - Throws: `CancellationError`.
    func wait(for wish: Wish, _ pool: PostgresPool) async throws -> Bool {
        waiting.increment()
        defer { waiting.decrement() }
        var signal = await suspend(wish, leads: false)
        while case .lead = signal { signal = await lead(wish, pool) }
        switch signal {
        case .look, .lead: return true
        case .timeUp: return false
        case .cancelled: throw CancellationError()
        }
    }

    /// Asks the database for all until this waiter is woken; then another one does.
    private func lead(_ wish: Wish, _ pool: PostgresPool) async -> Signal {
        let signal = await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.watch(pool) }
            let signal = await suspend(wish, leads: true)
            tasks.cancelAll()
            return signal
        }
        state.withLock { $0.isLed = false }
        appoint()
        return signal
    }

    /// Lets one of those who wait ask the database, if nobody does.
    func appoint() {
        let waiter = state.withLock { state -> Waiter? in
            guard !state.isLed, state.services == 0, let waiter = state.board.removeAny() else { return nil }
            state.isLed = true
            return waiter
        }
        waiter?.continuation.resume(returning: .lead)
    }

    private func suspend(_ wish: Wish, leads: Bool) async -> Signal {
        let ticket = state.withLock { $0.ticket() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(continuation: continuation, wish: wish)
                if let signal = admit(waiter, ticket, wish, leads: leads) { continuation.resume(returning: signal) }
            }
        } onCancel: {
            state.withLock { $0.board.remove(ticket, of: wish.view) }?.continuation.resume(returning: .cancelled)
        }
    }

    /// - Returns: what the waiter is told at once; nil if it waits.
    private func admit(_ waiter: Waiter, _ ticket: UInt64, _ wish: Wish, leads: Bool) -> Signal? {
        let now = ContinuousClock.now
        let (signal, isNews, engines) = state.withLock { state -> (Signal?, Bool, [LocalEngine]) in
            guard !Task.isCancelled else { return (.cancelled, false, []) }
            guard now < wish.deadline else { return (.timeUp, false, []) }
            guard !state.board.hasReached(wish.view, wish.position) else { return (.look, false, []) }
            if !leads, !state.isLed, state.services == 0 {
                state.isLed = true
                return (.lead, false, [])
            }
            let (wasEmpty, waitedForOthers) = (state.board.isEmpty, state.waitsForOthers)
            let storesIdle = state.board.add(waiter, ticket: ticket, for: wish.view, to: wish.position)
            if state.waitsForOthers { state.waitedForOthers = now }
            return (
                nil, wasEmpty || state.waitsForOthers && !waitedForOthers,
                storesIdle ? Array(state.engines.values) : []
            )
        }
        if isNews { demand.notify() }
        for engine in engines { engine.wake() }
        return signal
    }

    // MARK: - News

    /// A version of a view has come to a position, or begins there anew.
    func tell(_ view: ShownVersion, _ position: Int64) {
        for waiter in state.withLock({ $0.board.tell(view, position) }) { waiter.continuation.resume(returning: .look) }
    }

    /// The same, as another process tells it.
    func hear(_ view: ShownVersion, _ position: Int64) {
        for waiter in state.withLock({ $0.board.hear(view, position) }) { waiter.continuation.resume(returning: .look) }
    }

    /// An engine of this process has come to a position with nothing to apply, and asks whether to store that at once.
    func mustStore(_ view: ShownVersion, _ position: Int64) -> Bool {
        state.withLock { $0.board.mustStore(view, position) }
    }
}
