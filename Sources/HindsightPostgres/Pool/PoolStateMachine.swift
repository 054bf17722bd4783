package import HindsightValues

/// What a pool knows, and what it decides. ``PostgresPool`` acts on it.
///
/// A *slot* is the right to have one connection; there are as many as the pool is large. Whoever needs a connection gets an idle one, or
/// else a slot to make one itself, or else waits. Waiters are served in the order of their tickets. Somebody whose attempt to connect
/// failed keeps the slot, and waits with it for the next attempt or for a connection that becomes free before.
package struct PoolStateMachine<Connection: Sendable, Waiter: Sendable>: Sendable {
    /// A place in the queue; lower is earlier.
    package typealias Ticket = UInt64
    package typealias Instant = ContinuousClock.Instant

    /// What somebody who needs a connection gets.
    package enum Grant: Sendable {
        /// This connection.
        case lease(Connection)
        /// A slot, to be used from this time on if there is one.
        case connect(notBefore: Instant?)
        /// The pool is closed.
        case refuse
    }

    /// What to do for somebody who asks.
    package enum AcquireAction: Sendable {
        case grant(Grant)
        /// The waiter has been queued.
        case wait
    }

    /// A grant for somebody who waits.
    package struct Resumption: Sendable {
        package let waiter: Waiter
        package let grant: Grant
    }

    /// What to do about a connection that comes back.
    package struct ReleaseAction: Sendable {
        /// Whether the connection is to be closed.
        package var closes = false
        /// Who is served now.
        package var resumptions: [Resumption] = []
    }

    private struct QueueEntry {
        let ticket: Ticket
        let waiter: Waiter
        let hasSlot: Bool
    }

    private struct IdleConnection {
        let connection: Connection
        let since: Instant
    }

    private let slotCount: Int
    private var usedSlotCount = 0
    /// The most recently used one is last, and is used first.
    private var idle: [IdleConnection] = []
    private var queue: [QueueEntry] = []
    private var lastTicket: Ticket = 0
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
    package mutating func makeTicket() -> Ticket {
        lastTicket += 1
        return lastTicket
    }

    /// Somebody needs a connection and has no slot.
    ///
    /// - Parameter waiter: Queued if there is nothing to grant; without one, nothing is queued.
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

    /// Somebody with a slot waits for the next attempt to connect. A connection that is granted takes the slot's place.
    package mutating func acquireWithSlot(_ ticket: Ticket, _ waiter: Waiter) -> (AcquireAction, [Resumption]) {
        guard !isClosed else { return (.grant(.refuse), []) }
        if let last = idle.popLast() {
            return (.grant(.lease(last.connection)), giveBackSlot())
        }
        enqueue(ticket, waiter, hasSlot: true)
        return (.wait, [])
    }

    /// Takes somebody out of the queue, whose time is up or whose task was cancelled. The slot stays theirs if they had one.
    ///
    /// - Returns: The waiter, or `nil` if it has been granted something meanwhile.
    package mutating func leaveQueue(_ ticket: Ticket) -> Waiter? {
        guard let index = queue.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return queue.remove(at: index).waiter
    }

    /// The holder of a slot has connected. Returns whether the connection can be used: not if the pool was closed meanwhile.
    package mutating func connected() -> Bool {
        backoff.reset()
        retryTime = nil
        return !isClosed
    }

    /// The holder of a slot could not connect. Returns when to try again.
    package mutating func connectFailed(at now: Instant) -> Instant {
        let time = now + backoff.next()
        retryTime = time
        return time
    }

    /// The holder of a slot has no use for it any more.
    package mutating func giveBackSlot() -> [Resumption] {
        usedSlotCount -= 1
        guard let index = queue.firstIndex(where: { !$0.hasSlot }) else { return [] }
        usedSlotCount += 1
        return [Resumption(waiter: queue.remove(at: index).waiter, grant: .connect(notBefore: retryTime))]
    }

    /// A connection comes back.
    package mutating func release(_ connection: Connection, isUsable: Bool, at now: Instant) -> ReleaseAction {
        guard isUsable, !isClosed else {
            return ReleaseAction(closes: true, resumptions: giveBackSlot())
        }
        guard !queue.isEmpty else {
            idle.append(IdleConnection(connection: connection, since: now))
            return ReleaseAction()
        }
        let first = queue.removeFirst()
        var resumptions = [Resumption(waiter: first.waiter, grant: .lease(connection))]
        if first.hasSlot {
            resumptions += giveBackSlot()
        }
        return ReleaseAction(resumptions: resumptions)
    }

    /// Takes out the connections that nobody has used since a time; they are to be closed.
    package mutating func reap(unusedSince time: Instant) -> [Connection] {
        let old = idle.prefix { $0.since < time }
        idle.removeFirst(old.count)
        usedSlotCount -= old.count
        return old.map(\.connection)
    }

    /// Closes the pool. The idle connections are to be closed; those in use when they come back.
    package mutating func close() -> (connections: [Connection], resumptions: [Resumption]) {
        isClosed = true
        let connections = idle.map(\.connection)
        usedSlotCount -= idle.count
        idle.removeAll()
        let resumptions = queue.map { Resumption(waiter: $0.waiter, grant: .refuse) }
        queue.removeAll()
        return (connections, resumptions)
    }

    private mutating func enqueue(_ ticket: Ticket, _ waiter: Waiter?, hasSlot: Bool) {
        guard let waiter else { return }
        let index = queue.firstIndex { $0.ticket > ticket } ?? queue.endIndex
        queue.insert(QueueEntry(ticket: ticket, waiter: waiter, hasSlot: hasSlot), at: index)
    }
}
