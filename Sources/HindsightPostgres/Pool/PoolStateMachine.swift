package import HindsightValues

/// The state and the decisions of a pool. ``PostgresPool`` acts on them.
///
/// A *slot* is the right to have one connection; there are as many slots as the pool's size. A caller that needs a
/// connection gets an idle one, or else a slot to make one itself, or else waits. Waiters are served in the order of
/// their tickets, urgent ones first; after several urgent ones it is another one's turn. A caller whose attempt to connect failed keeps the slot, and waits with it for the next attempt or
/// for a connection that becomes free earlier.
package struct PoolStateMachine<Connection: Sendable, Waiter: Sendable>: Sendable {
    /// A place in the queue; lower is earlier.
    package typealias Ticket = Int64
    package typealias Instant = ContinuousClock.Instant

    /// What a caller that needs a connection gets.
    package enum Grant: Sendable {
        /// This connection.
        case lease(Connection)
        /// A slot; if a time is given, to be used from then on.
        case connect(notBefore: Instant?)
        /// The pool is closed.
        case refuse
    }

    /// What to do for a caller that asks.
    package enum AcquireAction: Sendable {
        case grant(Grant)
        /// The waiter has been queued.
        case wait
    }

    /// A grant for a waiter.
    package struct Resumption: Sendable {
        package let waiter: Waiter
        package let grant: Grant
    }

    /// What to do with a returned connection.
    package struct ReleaseAction: Sendable {
        /// Whether to close the connection.
        package var closes = false
        /// The waiters that are served now.
        package var resumptions: [Resumption] = []
    }

    private struct QueueEntry {
        let ticket: Ticket
        let waiter: Waiter
        let hasSlot: Bool

        var isUrgent: Bool { ticket < 0 }
    }

    private struct IdleConnection {
        let connection: Connection
        let since: Instant
    }

    private let slotCount: Int
    private var usedSlotCount = 0
    /// The most recently used connection is last, and is used first.
    private var idle: [IdleConnection] = []
    private var queue: [QueueEntry] = []
    private var lastTicket: Ticket = 0
    /// How many urgent waiters in a row were served before others.
    private var precedences = 0
    private static var maximumPrecedences: Int { 8 }
    private var backoff: Backoff
    private var retryTime: Instant?
    package private(set) var isClosed = false

    package init(slotCount: Int, backoff: Backoff) {
        self.slotCount = slotCount
        self.backoff = backoff
    }

    /// Whether the pool is closed and every connection has come back.
    package var isDrained: Bool { isClosed && usedSlotCount == 0 }
    package var idleCount: Int { idle.count }
    package var waiterCount: Int { queue.count }

    /// A place at the end of the queue.
    ///
    /// - Parameter isUrgent: before all places that are not urgent.
    package mutating func makeTicket(isUrgent: Bool = false) -> Ticket {
        lastTicket += 1
        return isUrgent ? lastTicket - Ticket.max : lastTicket
    }

    /// Handles a caller that needs a connection and has no slot.
    ///
    /// - Parameter waiter: queued if there is nothing to grant; without one, nothing is queued.
    package mutating func acquire(_ ticket: Ticket, _ waiter: Waiter?) -> AcquireAction {
        guard !isClosed else { return .grant(.refuse) }
        if let last = idle.popLast() {
            return .grant(.lease(last.connection))
        }
        if usedSlotCount < slotCount {
            usedSlotCount += 1
            return .grant(.connect(notBefore: retryTime))
        }
        enqueue(ticket, waiter, hasSlot: false)
        return .wait
    }

    /// Handles the holder of a slot that waits for the next attempt to connect. A granted connection takes the slot's
    /// place.
    package mutating func acquireWithSlot(_ ticket: Ticket, _ waiter: Waiter) -> (AcquireAction, [Resumption]) {
        guard !isClosed else { return (.grant(.refuse), []) }
        if let last = idle.popLast() {
            return (.grant(.lease(last.connection)), giveBackSlot())
        }
        enqueue(ticket, waiter, hasSlot: true)
        return (.wait, [])
    }

    /// Removes a waiter from the queue whose time is up or whose task was cancelled. A waiter with a slot keeps it.
    ///
    /// - Returns: the waiter, or `nil` if it has been granted something in the meantime.
    package mutating func leaveQueue(_ ticket: Ticket) -> Waiter? {
        guard let index = queue.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return queue.remove(at: index).waiter
    }

    /// Handles a successful attempt to connect. Returns whether the connection can be used: not if the pool was closed
    /// in the meantime.
    package mutating func connected() -> Bool {
        backoff.reset()
        retryTime = nil
        return !isClosed
    }

    /// Handles a failed attempt to connect. Returns when to try again.
    package mutating func connectFailed(at now: Instant) -> Instant {
        let time = now + backoff.next()
        retryTime = time
        return time
    }

    /// Handles the holder of a slot that no longer needs it.
    package mutating func giveBackSlot() -> [Resumption] {
        usedSlotCount -= 1
        guard let next = takeNext({ !$0.hasSlot }) else { return [] }
        usedSlotCount += 1
        return [Resumption(waiter: next.waiter, grant: .connect(notBefore: retryTime))]
    }

    /// Handles the return of a connection.
    package mutating func release(_ connection: Connection, isUsable: Bool, at now: Instant) -> ReleaseAction {
        guard isUsable, !isClosed else {
            return ReleaseAction(closes: true, resumptions: giveBackSlot())
        }
        guard let first = takeNext({ _ in true }) else {
            idle.append(IdleConnection(connection: connection, since: now))
            return ReleaseAction()
        }
        var resumptions = [Resumption(waiter: first.waiter, grant: .lease(connection))]
        if first.hasSlot {
            resumptions += giveBackSlot()
        }
        return ReleaseAction(resumptions: resumptions)
    }

    /// Removes the connections that have not been used since a time, to be closed.
    package mutating func reap(unusedSince time: Instant) -> [Connection] {
        let old = idle.prefix { $0.since < time }
        idle.removeFirst(old.count)
        usedSlotCount -= old.count
        return old.map(\.connection)
    }

    /// Closes the pool. Idle connections must be closed now, those in use when they are returned.
    package mutating func close() -> (connections: [Connection], resumptions: [Resumption]) {
        isClosed = true
        let connections = idle.map(\.connection)
        usedSlotCount -= idle.count
        idle.removeAll()
        let resumptions = queue.map { Resumption(waiter: $0.waiter, grant: .refuse) }
        queue.removeAll()
        return (connections, resumptions)
    }

    /// The waiter that is served next, of those that may be.
    private mutating func takeNext(_ mayBe: (QueueEntry) -> Bool) -> QueueEntry? {
        guard let first = queue.firstIndex(where: mayBe) else { return nil }
        let other = queue.firstIndex { !$0.isUrgent && mayBe($0) }
        guard queue[first].isUrgent, let other else {
            precedences = 0
            return queue.remove(at: first)
        }
        guard precedences < Self.maximumPrecedences else {
            precedences = 0
            return queue.remove(at: other)
        }
        precedences += 1
        return queue.remove(at: first)
    }

    private mutating func enqueue(_ ticket: Ticket, _ waiter: Waiter?, hasSlot: Bool) {
        guard let waiter else { return }
        let index = queue.firstIndex { $0.ticket > ticket } ?? queue.endIndex
        queue.insert(QueueEntry(ticket: ticket, waiter: waiter, hasSlot: hasSlot), at: index)
    }
}
