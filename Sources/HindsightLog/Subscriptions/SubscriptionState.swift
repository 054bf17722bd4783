import HindsightValues

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The life of a subscription and the events that it has read, decided without a log or a database: which event may be handled next,
/// what is stored once it has been, and how much is read ahead.
///
/// Events of one key are handled one after the other, in order, and of different keys side by side. The *hole* is the first event that
/// has not been handled. The offset stands in front of it; events that are handled beyond it are noted until the offset passes them.
package struct SubscriptionState: Sendable {
    /// How much is handled side by side and read ahead.
    package struct Limits: Sendable {
        /// How many events, of different keys, are in flight at once, 1 or more.
        package var keysInFlight: Int
        /// How many events there are from the hole on, 1 or more.
        package var events: Int
        /// How many bytes events may have that are not handled; a single one may have more.
        package var bytes: Int

        package init(keysInFlight: Int = 1, events: Int = 256, bytes: Int = EventBatch.defaultBytes) {
            self.keysInFlight = max(keysInFlight, 1)
            self.events = max(events, 1)
            self.bytes = max(bytes, 1)
        }
    }

    /// The next step of one who handles events; none: wait for a change.
    package enum Step: Sendable {
        /// Handle this event.
        case handle(RecordedEvent)
        /// Move the offset past events that were noted before.
        case advance
        /// Nothing is left to do.
        case end
    }

    /// The next step of the one who reads the log.
    package enum Reading: Hashable, Sendable {
        /// Read on after this offset, so many events and bytes at most.
        case read(after: Offset, limit: Int, bytes: Int)
        /// There is enough for now.
        case wait
        case end
    }

    /// What has been handled, as a number.
    package struct Count: Hashable, Sendable {
        /// Where the stored offset stands.
        package var position: Int64
        /// How many events, one that was handled again counted again.
        package var handled: Int64
        /// How many events are handled beyond the offset.
        package var beyond: Int64

        package init(position: Int64 = 0, handled: Int64 = 0, beyond: Int64 = 0) {
            self.position = position
            self.handled = handled
            self.beyond = beyond
        }
    }

    private enum Phase {
        case running
        case draining
        case closed
    }

    private enum Stage {
        case waiting
        case inFlight
        case handled
    }

    /// An event from the hole on.
    private struct Slot {
        let offset: Offset
        let key: String
        let byteCount: Int
        var event: RecordedEvent?
        var stage: Stage
        /// What is being stored for it.
        var mark: SubscriptionMark?
    }

    private let limits: Limits
    private let isDurable: Bool
    private var phase = Phase.running
    /// In the order of their positions.
    private var slots: ArraySlice<Slot> = []
    /// The positions of events that could be handled now: the first of each key of which none is in flight.
    private var ready: [Int64] = []
    /// By key, for those with an event that is in flight or ready: the events that wait behind it.
    private var queues: [String: ArraySlice<Int64>] = [:]
    private var inFlight = 0
    private var waiting = 0
    private var unhandledBytes = 0
    /// What is stored for certain.
    private var offset: Offset
    /// The move of the offset that is in progress; only one is at a time.
    private var advancing: SubscriptionMark?
    /// True if that move belongs to no event.
    private var isTrailing = false
    /// False once such a move has failed.
    private var canTrail = true
    /// Events that had been noted before they were read.
    private var noted: [Int64: UUID]
    /// The offset up to which the log has been read.
    private var readOffset: Offset
    private var isReading = false
    private var handledCount: Int64 = 0
    /// Where to begin again once nothing is in flight.
    private var goal: SubscriptionProgress?

    /// - Parameter isDurable: whether what has been handled is stored.
    package init(_ handled: SubscriptionProgress, isDurable: Bool = true, limits: Limits = Limits()) {
        self.limits = limits
        self.isDurable = isDurable
        offset = handled.offset
        readOffset = handled.offset
        noted = handled.beyond
    }

    /// The events that are in memory: those in flight, those that wait, and those that are handled beyond the hole.
    package var count: Int { slots.count }
    /// True if what was handled since some place has to be handled again; nothing is begun before that.
    package var isGoingBack: Bool { goal != nil }

    /// What has been handled so far.
    package var handledSoFar: Count {
        Count(
            position: offset.position, handled: handledCount,
            beyond: Int64(slots.count { $0.stage == .handled } + noted.count))
    }

    // MARK: - Reading

    /// What the reader of the log does next.
    package var reading: Reading {
        switch phase {
        case .draining, .closed: return .end
        case .running: break
        }
        let (room, bytes) = (limits.events - slots.count, limits.bytes - unhandledBytes)
        // Not for a single event each time one has been handled.
        guard goal == nil, room >= max(limits.events / 4, 1), bytes >= max(limits.bytes / 4, 1) else { return .wait }
        return .read(after: readOffset, limit: room, bytes: bytes)
    }

    /// Notes that the log is being read as ``reading`` says.
    package mutating func beginReading() { isReading = true }

    /// The id of the event that was noted as handled at a position, before it was read.
    package func noted(at position: Int64) -> UUID? { noted[position] }

    /// Takes in events that were read, with their keys. While draining, none are taken in: they are left to the next reader.
    package mutating func received(_ events: [(event: RecordedEvent, key: String)], through end: Offset) {
        // Not what was read before it was told to go back.
        guard case .running = phase, isReading, goal == nil else { return }
        isReading = false
        readOffset = end
        for (event, key) in events {
            if noted.removeValue(forKey: event.position) != nil {
                slots.append(Slot(offset: event.offset, key: key, byteCount: 0, event: nil, stage: .handled))
                continue
            }
            slots.append(
                Slot(offset: event.offset, key: key, byteCount: event.byteCount, event: event, stage: .waiting))
            waiting += 1
            unhandledBytes += event.byteCount
            if queues[key] == nil {
                queues[key] = []
                ready.append(event.position)
            } else {
                queues[key]?.append(event.position)
            }
        }
        passHandled()
    }

    // MARK: - Handling

    /// What somebody does next who handles events; nil: wait until something has changed.
    package mutating func next() -> Step? {
        if goal != nil {
            if case .closed = phase { return .end }
            return nil
        }
        if reserveAdvance() { return .advance }
        switch phase {
        case .closed: return .end
        case .draining where waiting == 0: return .end
        case .running, .draining: break
        }
        guard inFlight < limits.keysInFlight, !ready.isEmpty else { return nil }
        let position = ready.removeFirst()
        guard let index = index(of: position), let event = slots[index].event else { return nil }
        slots[index].stage = .inFlight
        slots[index].event = nil
        waiting -= 1
        inFlight += 1
        return .handle(event)
    }

    /// Lets one of those who handle events move the offset past events that were noted before, until that is stored or revoked.
    ///
    /// - Returns: false if there is nothing to pass, or somebody is moving the offset.
    package mutating func reserveAdvance() -> Bool {
        guard goal == nil, isDurable, canTrail, advancing == nil, slots.first?.stage == .handled else { return false }
        advancing = .advance(from: offset, to: offset, LogChecksum())
        isTrailing = true
        return true
    }

    /// What to store for an event whose handler is done, or, without a position, for those that were noted before.
    ///
    /// - Returns: nil if it is not to be stored, since it has to be handled again.
    package mutating func mark(_ position: Int64?) -> SubscriptionMark? {
        guard goal == nil else { return nil }
        guard let position else {
            guard isTrailing || advancing == nil, let mark = advance(past: nil) else { return nil }
            (advancing, isTrailing) = (mark, true)
            return mark
        }
        guard let index = index(of: position) else { return nil }
        let mark: SubscriptionMark
        if advancing == nil, let advance = advance(past: position), case .advance(_, let end, _) = advance,
            end.position >= position
        {
            mark = advance
            (advancing, isTrailing) = (advance, false)
        } else {
            mark = .note(slots[index].offset)
        }
        slots[index].mark = mark
        return mark
    }

    /// The move of the offset to the hole, as if the event at a position were handled as well.
    private func advance(past position: Int64?) -> SubscriptionMark? {
        var sum = LogChecksum()
        var end: Offset?
        for slot in slots {
            guard slot.stage == .handled || slot.offset.position == position else { break }
            sum.add(slot.offset.position)
            end = slot.offset
        }
        return end.map { .advance(from: offset, to: $0, sum) }
    }

    /// What was to be stored is stored.
    package mutating func stored(_ position: Int64?) {
        if let position, let index = index(of: position) {
            let mark = slots[index].mark
            slots[index].mark = nil
            handled(at: index)
            guard case .advance = mark else { return goBackIfPossible() }
        }
        if case .advance(_, let end, _) = advancing {
            offset = end
            slots = slots.drop { $0.offset.position <= end.position }
        }
        advancing = nil
        isTrailing = false
        goBackIfPossible()
    }

    /// An event has been handled, and there is nothing to store.
    package mutating func handled(_ position: Int64) {
        guard let index = index(of: position) else { return }
        handled(at: index)
        passHandled()
    }

    /// What was to be stored is not, for certain.
    package mutating func revoked(_ position: Int64?) {
        if let position {
            guard let index = index(of: position), let mark = slots[index].mark else { return }
            slots[index].mark = nil
            guard case .advance = mark else { return }
        } else if !isTrailing {
            return
        }
        advancing = nil
        isTrailing = false
        goBackIfPossible()
    }

    /// The handler of an event has failed, or what it did cannot be stored: nothing further is begun.
    package mutating func failed(_ position: Int64?) {
        if position == nil { canTrail = false }
        stop()
        abandoned(position)
    }

    /// An event is not handled, for now.
    package mutating func abandoned(_ position: Int64?) {
        revoked(position)
        if position != nil { inFlight -= 1 }
        goBackIfPossible()
    }

    private mutating func handled(at index: Int) {
        let key = slots[index].key
        slots[index].stage = .handled
        handledCount += 1
        unhandledBytes -= slots[index].byteCount
        inFlight -= 1
        guard let next = queues[key]?.popFirst() else {
            queues[key] = nil
            return
        }
        // The earliest first: it is the most likely to be the hole.
        ready.insert(next, at: ready.partitioningIndex { $0 > next })
    }

    /// Forgets handled events in front of the hole of which nothing is to be stored.
    private mutating func passHandled() {
        guard !isDurable else { return }
        slots = slots.drop { $0.stage == .handled }
    }

    private func index(of position: Int64) -> Int? {
        let index = slots.partitioningIndex { $0.offset.position >= position }
        return index < slots.endIndex && slots[index].offset.position == position ? index : nil
    }

    // MARK: - What is stored

    /// Whether what was to be stored for an event, or without one, is among what is stored.
    package func isStored(_ position: Int64?, in stored: SubscriptionProgress) -> Bool {
        let mark =
            position.map { position in index(of: position).flatMap { slots[$0].mark } }
            ?? (isTrailing ? advancing : nil)
        return mark?.isStored(stored) ?? false
    }

    /// Whether what is stored is what this subscription has stored, given that what is in progress may be stored or not.
    package func agrees(with stored: SubscriptionProgress) -> Bool {
        var places = [offset]
        if case .advance(_, let end, _) = advancing { places.append(end) }
        guard places.contains(stored.offset) else { return false }
        var unknown = stored.beyond
        for slot in slots where slot.offset.position > stored.offset.position {
            let isNoted = unknown.removeValue(forKey: slot.offset.position) != nil
            switch slot.stage {
            case .handled where !isNoted: return false
            case .waiting where isNoted: return false
            case .waiting, .inFlight, .handled: break
            }
        }
        return unknown == noted.filter { $0.key > stored.offset.position }
    }

    /// Begins again with what is stored, once nothing is in flight any more.
    package mutating func goBack(to stored: SubscriptionProgress) {
        goal = stored
        goBackIfPossible()
    }

    private mutating func goBackIfPossible() {
        guard let goal, inFlight == 0, advancing == nil else { return }
        self.goal = nil
        drop()
        slots = []
        unhandledBytes = 0
        offset = goal.offset
        readOffset = goal.offset
        noted = goal.beyond
        isReading = false
    }

    // MARK: - Ending

    /// Stops reading; the events that were read are still handled.
    package mutating func drain() {
        switch phase {
        case .running: phase = .draining
        case .draining, .closed: break
        }
    }

    /// Begins to handle nothing further.
    package mutating func stop() {
        phase = .closed
        drop()
    }

    /// Forgets the events that wait.
    private mutating func drop() {
        for index in slots.indices where slots[index].stage == .waiting { slots[index].event = nil }
        ready = []
        queues = [:]
        waiting = 0
    }
}
