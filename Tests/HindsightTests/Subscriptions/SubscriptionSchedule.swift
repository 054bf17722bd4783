import Hindsight
import HindsightLog
import HindsightTestSupport

/// A subscription with several keys in flight, its handlers and its store, in an order that a seed decides: transactions whose answer is
/// lost, processes that die, handlers that fail, and servers that forget their last commits.
struct SubscriptionSchedule {
    /// What was expected and is not so.
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    /// What a database keeps.
    private struct Database {
        var stored = SubscriptionProgress(offset: .beginning)
        var sum = LogChecksum()
        var effects: [Int64] = []
        var epoch = 1
    }

    private enum Work {
        case handling(Int64)
        /// Its handler is done, in a transaction that was begun under this epoch.
        case storing(Int64?, SubscriptionMark, epoch: Int)
    }

    private let events: [ScheduledEvent]
    private let limits: SubscriptionState.Limits
    private var generator: SeededGenerator
    private var database = Database()
    private var flushed = Database()
    private var state: SubscriptionState
    private var tasks: [Work] = []
    private var isReading: (offset: Offset, limit: Int)?
    /// Ends by itself, however often something goes wrong.
    private var faults = 12

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let keys = Int.random(in: 1...6, using: &generator)
        var position: Int64 = 0
        events = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
            position += Int64.random(in: 1...3, using: &generator)
            return ScheduledEvent(position: position, key: "\(Int.random(in: 1...keys, using: &generator))")
        }
        limits = SubscriptionState.Limits(
            keysInFlight: Int.random(in: 1...5, using: &generator), events: Int.random(in: 1...20, using: &generator))
        self.generator = generator
        state = SubscriptionState(database.stored, limits: limits)
    }

    /// Runs until all is handled, and checks that each event had its effect once, in the order of its key.
    mutating func run() throws {
        var steps = 0
        while database.stored.offset.position < events.last!.position || !tasks.isEmpty {
            steps += 1
            try require(steps < 20_000, "it does not come to an end")
            try require(state.count <= limits.events, "\(state.count) events are in memory")
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<4: read()
            case 4..<10: try begin()
            case 10..<18: try goOn()
            default: try fault()
            }
        }
        try require(database.stored.beyond.isEmpty, "notes are left of \(database.stored.beyond.keys.sorted())")
        try require(database.effects.sorted() == events.map(\.position), "not each event had its effect once")
        var sum = LogChecksum()
        for event in events { sum.add(event.position) }
        try require(database.sum == sum, "the offset did not pass each event once")
        for key in Set(events.map(\.key)) {
            let positions = Set(events.filter { $0.key == key }.map(\.position))
            let effects = database.effects.filter { positions.contains($0) }
            try require(effects == effects.sorted(), "key \(key) was handled in the order \(effects)")
        }
    }

    private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        guard !condition else { return }
        throw Violation(description: message())
    }

    private mutating func read() {
        if let (offset, limit) = isReading {
            isReading = nil
            let found = events.filter { $0.position > offset.position }.prefix(limit)
            state.received(found.map { ($0.event, key: $0.key) }, through: found.last?.event.offset ?? offset)
        } else if case .read(let offset, let limit, _) = state.reading {
            state.beginReading()
            isReading = (offset, limit)
        }
    }

    private mutating func begin() throws {
        switch state.next() {
        case .handle(let event):
            let key = events.first { $0.position == event.position }!.key
            let before = events.filter { $0.key == key && $0.position < event.position }
            try require(
                before.allSatisfy { database.effects.contains($0.position) },
                "event \(event.position) is begun before an earlier one of its key is handled")
            try require(tasks.count <= limits.keysInFlight, "\(tasks.count + 1) are in flight")
            tasks.append(.handling(event.position))
        case .advance:
            try mark(nil)
        case .end:
            guard tasks.isEmpty else { return }
            restart()
        case nil:
            return
        }
    }

    private mutating func mark(_ position: Int64?) throws {
        guard let mark = state.mark(position) else {
            try require(state.isGoingBack || position == nil, "event \(position ?? 0) is not to be stored")
            return state.abandoned(position)
        }
        tasks.append(.storing(position, mark, epoch: database.epoch))
    }

    /// Lets one of the tasks do its next step.
    private mutating func goOn() throws {
        guard !tasks.isEmpty else { return }
        switch tasks.remove(at: Int.random(in: tasks.indices, using: &generator)) {
        case .handling(let position):
            try mark(position)
        case .storing(let position, let mark, let epoch):
            guard epoch == database.epoch else {
                // Refused by the store.
                state.revoked(position)
                return try again(position)
            }
            try commit(position, mark)
            if faults > 0, Int.random(in: 0..<8, using: &generator) == 0 {
                faults -= 1
                try loseAnswer(position)
            } else {
                state.stored(position)
            }
        }
    }

    private mutating func again(_ position: Int64?) throws {
        if let position { tasks.append(.handling(position)) } else { try mark(nil) }
    }

    private mutating func commit(_ position: Int64?, _ mark: SubscriptionMark) throws {
        switch mark {
        case .advance(let old, let new, let sum):
            try require(
                database.stored.offset == old,
                "the offset is at \(database.stored.offset.position), not at \(old.position)")
            database.stored.offset = new
            database.stored.beyond = database.stored.beyond.filter { $0.key > new.position }
            database.sum.add(sum)
        case .note(let place):
            database.stored.beyond[place.position] = place.anchor
        }
        if let position { database.effects.append(position) }
        let missing = events.first { !database.effects.contains($0.position) }
        try require(
            missing.map { $0.position > database.stored.offset.position } ?? true, "the offset has passed the hole")
        // Every now and then the disk has it.
        if Bool.random(using: &generator) { flushed = database }
    }

    /// The answer to a commit is lost, so the lease is taken anew, and the store says whether it was committed.
    private mutating func loseAnswer(_ position: Int64?) throws {
        try takeAnew()
        guard !state.isGoingBack else { return state.abandoned(position) }
        try require(state.isStored(position, in: database.stored), "what was committed is not found")
        state.stored(position)
    }

    private mutating func takeAnew() throws {
        database.epoch += 1
        flushed.epoch = database.epoch
        if !state.agrees(with: database.stored) { state.goBack(to: database.stored) }
    }

    private mutating func fault() throws {
        guard faults > 0 else { return }
        faults -= 1
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            // The process dies, or another one takes over.
            restart()
        case 1:
            // The server crashes.
            database = flushed
            try takeAnew()
        case 2:
            // The connection of the leases breaks.
            let wasGoingBack = state.isGoingBack
            try takeAnew()
            try require(
                state.isGoingBack == wasGoingBack, "what is stored is not what this process has stored")
        case 3:
            guard let index = tasks.firstIndex(where: { if case .handling = $0 { true } else { false } }),
                case .handling(let position) = tasks.remove(at: index)
            else { return }
            state.failed(position)
        default:
            if Bool.random(using: &generator) { state.drain() } else { state.stop() }
        }
    }

    private mutating func restart() {
        database.epoch += 1
        flushed.epoch = database.epoch
        tasks = []
        isReading = nil
        state = SubscriptionState(database.stored, limits: limits)
    }
}
