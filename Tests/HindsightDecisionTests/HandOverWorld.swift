import HindsightProjections
import HindsightTestSupport

/// One shard and the nodes that would have it, by chance and on a virtual clock: they come, hang, go on, die, drain, pause and stop it, and
/// the server's clock is set.
///
/// The store is as `take_shard()` and `advance_shard()` are; who may take what, and what a node still does with what it has, is decided
/// by ``RenewalWatch`` and ``ShardLife``.
struct HandOverWorld {
    /// What the offset store knows of the shard. Times are milliseconds.
    private struct Store {
        var epoch: Int64 = 0
        var renewals: Int64 = 0
        /// The node's number; 0: a rebuild that holds the rows still.
        var owner: Int?
        var isConnected = true
        /// By the server's clock.
        var leasedUntil = 0
        var position: Int64 = 0
        var isStopped = false
        var isPaused = false
        /// When the owner last renewed it, by the true time.
        var renewedAt = 0
    }

    private struct Renewal: Hashable {
        var epoch: Int64
        var renewals: Int64
    }

    private struct Node {
        let number: Int
        /// How far its clock is from the true time.
        let clock: Int
        var watch = RenewalWatch<Int, Renewal>(duration: .milliseconds(HandOverWorld.lease))
        var life = HandOverWorld.newLife()
        var epoch: Int64 = -1
        var position: Int64 = 0
        var isHanging = false

        /// True if it would apply a batch.
        var isAtWork: Bool {
            switch life.phase {
            case .replaying, .catchingUp, .live: true
            case .waiting, .stopped, .paused, .lost: false
            }
        }
    }

    static let lease = 1_000
    private static let catchUpThreshold: Int64 = 20
    private static let replayThreshold: Int64 = 60

    private var store = Store()
    private var nodes: [Node] = []
    private var time = 0
    private var head: Int64 = 0
    /// How far the server's clock is from the true time.
    private var serverClock = 0
    private var next = 1
    private var random: SeededGenerator
    private let start = ContinuousClock.now
    /// What must never happen, and did.
    private(set) var violation: String?

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        head = chance(200)
        store.position = chance(head + 1)
        for _ in 0...chance(3) { join() }
    }

    private static func newLife() -> ShardLife {
        ShardLife(catchUpThreshold: catchUpThreshold, replayThreshold: replayThreshold)
    }

    /// A number from 0 to below `limit`. (The standard library's would take most of the time.)
    private mutating func chance(_ limit: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 33) % limit }

    private mutating func chance(_ limit: Int64) -> Int64 { Int64(chance(Int(limit))) }

    private mutating func note(_ what: String) {
        if violation == nil { violation = "after \(time) ms: \(what)" }
    }

    private var serverTime: Int { time + serverClock }

    private mutating func join() {
        nodes.append(Node(number: next, clock: chance(5_000)))
        next += 1
    }

    // MARK: - What happens

    /// One thing that happens by chance.
    mutating func step() {
        time += chance(300)
        head += chance(12)
        guard !nodes.isEmpty else { return join() }
        let index = chance(nodes.count)
        switch chance(32) {
        case 0..<11: look(index)
        case 11..<20: batch(index)
        case 20, 21: nodes[index].isHanging.toggle()
        case 22: die(index)
        case 23: if nodes.count < 4 { join() }
        case 24: giveBack(index)
        case 25: store.isPaused.toggle()
        case 26: stopOrResume(index)
        // What it was busy with ends, whatever has happened meanwhile.
        case 27, 28: arrive(index)
        case 29: serverClock = chance(20_000) - 10_000
        case 30: hold()
        default: time += chance(2_000)
        }
    }

    private mutating func die(_ index: Int) {
        let node = nodes.remove(at: index)
        if store.owner == node.number { store.isConnected = false }
    }

    private mutating func hold() {
        // hold_shard() takes it from whoever has it.
        guard !store.isStopped else { return }
        own(by: 0)
    }

    private mutating func own(by number: Int) {
        store.epoch += 1
        store.renewals += 1
        store.owner = number
        store.isConnected = true
        store.leasedUntil = serverTime + Self.lease
        store.renewedAt = time
    }

    private mutating func stopOrResume(_ index: Int) {
        if store.isStopped {
            store.isStopped = false
        } else if nodes[index].isAtWork, !nodes[index].isHanging {
            nodes[index].life.stop()
            guard store.epoch == nodes[index].epoch else { return }
            store.isStopped = true
            store.owner = nil
        }
    }

    private mutating func arrive(_ index: Int) {
        let before = nodes[index].life.phase
        nodes[index].life.arrive()
        switch before {
        case .lost, .stopped, .paused:
            if !(nodes[index].life.phase == before) { note("what was \(before) is \(nodes[index].life.phase) again") }
        case .waiting:
            nodes[index].life = Self.newLife()
        case .replaying, .catchingUp, .live:
            if !(nodes[index].life.phase == .live) { note("what has arrived is \(nodes[index].life.phase)") }
        }
    }

    private mutating func giveBack(_ index: Int) {
        guard !nodes[index].isHanging, nodes[index].life.isMovable else { return }
        if !(nodes[index].life.phase != .replaying && nodes[index].isAtWork) {
            note("\(nodes[index].life.phase) is movable")
        }
        if store.epoch == nodes[index].epoch { store.owner = nil }
        nodes[index].life.lose()
        if nodes[index].isAtWork { note("what was given back is \(nodes[index].life.phase)") }
    }

    private mutating func look(_ index: Int) {
        guard !nodes[index].isHanging else { return }
        let number = nodes[index].number
        if store.owner == number, store.epoch == nodes[index].epoch, store.isConnected {
            if store.isPaused {
                store.owner = nil
                nodes[index].life.pause()
                if nodes[index].isAtWork { note("what is paused is \(nodes[index].life.phase)") }
                return
            }
            store.renewals += 1
            store.leasedUntil = serverTime + Self.lease
            store.renewedAt = time
            return
        }
        if nodes[index].isAtWork {
            nodes[index].life.lose()
            if nodes[index].isAtWork { note("what was taken by another node is \(nodes[index].life.phase)") }
        }
        take(index)
    }

    private mutating func take(_ index: Int) {
        let now = start + .milliseconds(time + nodes[index].clock)
        let renewal = Renewal(epoch: store.epoch, renewals: store.renewals)
        guard !store.isStopped, !store.isPaused else { return nodes[index].watch.forget(1) }
        let unchanged = nodes[index].watch.unchanged(1, now: now)
        if store.owner != nil, store.isConnected, store.leasedUntil > serverTime {
            guard unchanged == renewal else { return nodes[index].watch.note(1, renewal, now: now) }
            if !(time - store.renewedAt >= Self.lease) {
                note("taken from a node that renewed its lease \(time - store.renewedAt) ms ago")
            }
        }
        nodes[index].watch.forget(1)
        own(by: nodes[index].number)
        nodes[index].epoch = store.epoch
        nodes[index].position = store.position
        nodes[index].life = Self.newLife()
        begin(index)
    }

    private mutating func begin(_ index: Int) {
        let (position, canReplay) = (nodes[index].position, chance(2) == 0)
        let course = nodes[index].life.begin(
            ShardLife.Situation(position: position, head: head, canReplay: canReplay))
        let behind = head - position
        switch course {
        case .replay:
            if !(canReplay && behind > Self.replayThreshold && behind >= position) { note("refilled \(behind) behind") }
        case .catchUp:
            if !(behind > Self.catchUpThreshold) { note("catches up \(behind) behind") }
            if !(!canReplay || behind <= Self.replayThreshold || behind < position) {
                note("not refilled \(behind) behind")
            }
        case .join:
            if !(behind <= Self.catchUpThreshold) { note("joins the others \(behind) behind") }
        }
        if !(nodes[index].isAtWork) { note("begins as \(nodes[index].life.phase)") }
    }

    private mutating func batch(_ index: Int) {
        guard nodes[index].isAtWork, !nodes[index].isHanging else { return }
        guard store.epoch == nodes[index].epoch else {
            // advance_shard() refuses it.
            nodes[index].life.lose()
            if nodes[index].isAtWork { note("what was refused is \(nodes[index].life.phase)") }
            return
        }
        if !(nodes[index].position == store.position) {
            note("a node applies from \(nodes[index].position) on, not \(store.position)")
        }
        store.position = min(head, store.position + 1 + chance(30))
        nodes[index].position = store.position
        if store.position == head { arrive(index) }
    }

    // MARK: - Coming to rest

    /// Ends what disturbs, but leaves one that hangs as it is, and the server's clock: a sound node must get the shard and bring it to the
    /// head.
    mutating func settle() {
        store.isPaused = false
        store.isStopped = false
        if !nodes.contains(where: { !$0.isHanging }) { join() }
        // The lease's time to see that it is not renewed, a look before and one after it; then all events in batches of one.
        let interval = 250
        for _ in 0..<(Self.lease / interval + 4) { allLook(after: interval) }
        if !(nodes.contains { $0.number == store.owner && !$0.isHanging && $0.isAtWork }) {
            note("nobody works on it: \(String(describing: store.owner)) has it")
        }
        for _ in 0..<400 where store.position < head { for index in nodes.indices { batch(index) } }
        if !(store.position == head) { note("it has come to \(store.position) of \(head)") }
    }

    private mutating func allLook(after interval: Int) {
        time += interval
        for index in nodes.indices { look(index) }
    }
}
