/// Who waits for which view to come to which position, and what is known of the views: decided without a database.
///
/// `tell` says how far a view has come, as its commits say it. It may be told late or not at all, so whoever waits is also
/// woken by what ``note(_:asked:before:at:)`` is given now and then: what the database says.
package struct ReadBoard<Waiter: Sendable>: Sendable {
    package typealias Instant = ContinuousClock.Instant
    package typealias Ticket = PositionWaiters<Waiter>.Ticket

    /// What is known of one version of a view.
    private struct Line: Sendable {
        /// How far it is, according to whoever spoke last.
        var position: Int64 = 0
        /// When that was told, as a count of what was told; 0: it was not told, but read.
        var toldAt: UInt64 = 0
        /// How far an engine of this process has come with it in memory, if that is further than in the database: there was
        /// nothing to apply.
        var idlePosition: Int64?
        /// What the database said last.
        var standing: ViewStanding?
        /// Since when it has been seen that no process works on it, without any in between.
        var unheldSince: Instant?
        var waiters = PositionWaiters<Waiter>()
    }

    /// What waiting can lead to.
    package enum Prospect: Hashable, Sendable {
        case open
        /// It has stopped at an event.
        case stopped
        /// No process has worked on it for longer than a lease.
        case abandoned
    }

    private var lines: [ShownVersion: Line] = [:]
    /// Which version each name shows, as the database said last.
    private var shown: [String: ShownVersion] = [:]
    /// A count of what was told so far.
    package private(set) var stamp: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { lines.values.allSatisfy(\.waiters.isEmpty) }
    package var count: Int { lines.values.reduce(0) { $0 + $1.waiters.count } }

    /// The names of the views that somebody waits for.
    package var names: Set<String> { Set(lines.lazy.filter { !$0.value.waiters.isEmpty }.map(\.key.name)) }

    /// True if somebody waits for a view that is not in the hands of any of these processes.
    package func waitsForOthers(than nodes: some Collection<String>) -> Bool {
        lines.values.contains { line in
            !line.waiters.isEmpty && line.standing?.owner.map { !nodes.contains($0) } ?? true
        }
    }

    // MARK: - Waiting

    /// The version that a name shows, if it has not come to a position yet and its next commit is going to be told here. To
    /// look before that would find nothing.
    ///
    /// It may be out of date: whoever goes by it waits for a moment, not for ever.
    ///
    /// - Parameters:
    ///   - nodes: the nodes whose commits are told without fail, those of this process.
    ///   - stamp: ``stamp`` when the others began to be heard; nil if they are not.
    package func expected(
        _ name: String, at position: Int64, by nodes: some Sequence<String>, heardSince stamp: UInt64?
    ) -> ShownVersion? {
        guard let view = shown[name], let line = lines[view], line.position < position, let standing = line.standing,
            standing.stoppedAt == nil, let owner = standing.owner
        else { return nil }
        let isHeard = stamp.map { line.toldAt > $0 } ?? false
        return isHeard || nodes.contains(owner) ? view : nil
    }

    /// True if the view has come to a position, as far as is known.
    package func hasReached(_ view: ShownVersion, _ position: Int64) -> Bool {
        lines[view].map { $0.position >= position } ?? false
    }

    /// Adds a waiter.
    ///
    /// - Returns: true if an engine of this process has come to the position and need only store that.
    package mutating func add(
        _ waiter: Waiter, ticket: Ticket, for view: ShownVersion, to position: Int64
    ) -> Bool {
        var line = lines.removeValue(forKey: view) ?? Line()
        line.waiters.add(waiter, ticket: ticket, for: position)
        let storesIdle = line.idlePosition.map { $0 >= position } ?? false
        if storesIdle { line.idlePosition = nil }
        lines[view] = line
        return storesIdle
    }

    /// Removes a waiter; nil if it has been woken already.
    package mutating func remove(_ ticket: Ticket, of view: ShownVersion) -> Waiter? {
        lines[view]?.waiters.remove(ticket)
    }

    /// Removes those for whom a condition holds.
    package mutating func removeAll(where condition: (Waiter) -> Bool) -> [Waiter] {
        Array(lines.keys).flatMap { lines[$0]?.waiters.removeAll(where: condition) ?? [] }
    }

    /// Goes through all who wait.
    package func forEach(_ body: (Waiter) -> Void) {
        for line in lines.values { line.waiters.forEach(body) }
    }

    /// Removes any one of them.
    package mutating func removeAny() -> Waiter? {
        for view in Array(lines.keys) {
            if let waiter = lines[view]?.waiters.removeFirst() { return waiter }
        }
        return nil
    }

    // MARK: - News

    /// A version of a view has come to a position, or begins there anew.
    ///
    /// - Returns: those who waited for it.
    package mutating func tell(_ view: ShownVersion, _ position: Int64) -> [Waiter] {
        stamp += 1
        var line = lines.removeValue(forKey: view) ?? Line()
        line.position = position
        line.toldAt = stamp
        line.idlePosition = nil
        let reached = line.waiters.removeAll(through: position)
        lines[view] = line
        return reached
    }

    /// The same, as another process tells it: what nobody has asked for is not kept.
    package mutating func hear(_ view: ShownVersion, _ position: Int64) -> [Waiter] {
        lines[view] == nil ? [] : tell(view, position)
    }

    /// An engine of this process has come to a position with nothing to apply, and asks whether to store that at once.
    package mutating func mustStore(_ view: ShownVersion, _ position: Int64) -> Bool {
        var line = lines.removeValue(forKey: view) ?? Line()
        let isAwaited = line.waiters.lowest().map { $0 <= position } ?? false
        line.idlePosition = isAwaited ? nil : position
        lines[view] = line
        return isAwaited
    }

    /// Notes what the database says of a view.
    ///
    /// - Parameter stamp: the count before it was asked: what was told since then is newer.
    package mutating func note(_ standing: ViewStanding, before stamp: UInt64, at now: Instant) {
        var line = lines.removeValue(forKey: standing.view) ?? Line()
        if line.toldAt <= stamp { line.position = standing.position }
        let isSame = line.standing?.epoch == standing.epoch && line.standing?.renewals == standing.renewals
        if standing.isHeld == true || !isSame { line.unheldSince = nil }
        if standing.isHeld == false, line.unheldSince == nil { line.unheldSince = now }
        line.standing = standing
        lines[standing.view] = line
        shown[standing.view.name] = standing.view
    }

    /// Notes what the database says of the views that somebody waits for.
    ///
    /// - Parameters:
    ///   - asked: the names for which it was asked.
    ///   - lease: how long nobody may work on a view before it counts as abandoned, for a waiter.
    /// - Returns: those who should look for themselves: the view is there, shows another version, or does not get there.
    package mutating func note(
        _ standings: [ViewStanding], asked: Set<String>, before stamp: UInt64, at now: Instant,
        lease: (Waiter) -> Duration
    ) -> [Waiter] {
        for standing in standings { note(standing, before: stamp, at: now) }
        let shown = Dictionary(standings.map { ($0.view.name, $0) }, uniquingKeysWith: { first, _ in first })
        // The names in an array of their own: the lines are changed in place.
        return Array(lines.keys.filter { asked.contains($0.name) }).flatMap { view -> [Waiter] in
            guard let standing = shown[view.name], standing.view == view, standing.stoppedAt == nil else {
                return lines[view]?.waiters.removeAll(through: .max) ?? []
            }
            let reached = lines[view]?.waiters.removeAll(through: standing.position) ?? []
            guard let since = lines[view]?.unheldSince else { return reached }
            return reached + (lines[view]?.waiters.removeAll { now - since >= lease($0) } ?? [])
        }
    }

    /// What waiting for a view can lead to that has not come to the position.
    package func prospect(of standing: ViewStanding, at now: Instant, lease: Duration) -> Prospect {
        if standing.stoppedAt != nil { return .stopped }
        guard standing.isHeld == false, let since = lines[standing.view]?.unheldSince, now - since >= lease else {
            return .open
        }
        return .abandoned
    }

    /// What the database said last of a view.
    package func standing(of view: ShownVersion) -> ViewStanding? { lines[view]?.standing }
}
