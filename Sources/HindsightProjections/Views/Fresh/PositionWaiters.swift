/// Those who wait for positions, in the order of these: a heap. Telling of a position costs nothing for those who wait for
/// a higher one.
package struct PositionWaiters<Waiter: Sendable>: Sendable {
    package typealias Ticket = UInt64

    private struct Place: Sendable {
        let position: Int64
        let ticket: Ticket
    }

    private var waiters: [Ticket: Waiter] = [:]
    /// A heap with the lowest position first. Places of those who have left stay until they come to the top, or outnumber
    /// the others.
    private var places: [Place] = []

    package init() {}

    package var isEmpty: Bool { waiters.isEmpty }
    package var count: Int { waiters.count }
    /// How many places are kept, for tests of what is left behind.
    package var placeCount: Int { places.count }

    /// The lowest position that somebody waits for.
    package mutating func lowest() -> Int64? {
        dropDeparted()
        return places.first?.position
    }

    /// Adds a waiter under a ticket that is not in use.
    package mutating func add(_ waiter: Waiter, ticket: Ticket, for position: Int64) {
        waiters[ticket] = waiter
        places.append(Place(position: position, ticket: ticket))
        rise(from: places.count - 1)
    }

    /// Removes a waiter; nil if it has been removed already.
    package mutating func remove(_ ticket: Ticket) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: ticket) else { return nil }
        if places.count > 2 * waiters.count + 64 { compact() }
        return waiter
    }

    /// Removes those who wait for a position up to this one.
    package mutating func removeAll(through position: Int64) -> [Waiter] {
        var reached: [Waiter] = []
        while let first = places.first, first.position <= position {
            dropFirst()
            if let waiter = waiters.removeValue(forKey: first.ticket) { reached.append(waiter) }
        }
        return reached
    }

    /// Removes those for whom a condition holds.
    package mutating func removeAll(where condition: (Waiter) -> Bool) -> [Waiter] {
        let tickets = waiters.filter { condition($0.value) }.map(\.key)
        return tickets.compactMap { remove($0) }
    }

    /// Goes through all who wait.
    package func forEach(_ body: (Waiter) -> Void) {
        for waiter in waiters.values { body(waiter) }
    }

    /// Removes any one of them.
    package mutating func removeFirst() -> Waiter? {
        waiters.first.flatMap { remove($0.key) }
    }

    // MARK: - The heap

    private mutating func dropDeparted() {
        while let first = places.first, waiters[first.ticket] == nil { dropFirst() }
    }

    private mutating func compact() {
        places.removeAll { waiters[$0.ticket] == nil }
        // A sorted array is a heap.
        places.sort { $0.position < $1.position }
    }

    private mutating func dropFirst() {
        places.swapAt(0, places.count - 1)
        places.removeLast()
        sink(from: 0)
    }

    private mutating func rise(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard places[child].position < places[parent].position else { return }
            places.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func sink(from start: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < places.count else { return }
            if child + 1 < places.count, places[child + 1].position < places[child].position { child += 1 }
            guard places[child].position < places[parent].position else { return }
            places.swapAt(child, parent)
            parent = child
        }
    }
}
