import HindsightProjections
import HindsightTestSupport

/// Nodes that come, go, hang and drain by chance, on a virtual clock, and share shards by what each of them sees.
///
/// Between a node's look and what it does, others do something else, as between two statements.
struct SharingWorld {
    struct Node {
        let number: Int64
        let build: String
        let declares: Set<Int>
        var sharing: ShardSharing<Int>
        var isDraining = false
        var isHanging = false
        /// When its lease runs out.
        var leasedUntil: Int
        /// What it has decided and not done yet.
        var plans: ShardSharing<Int>.Moves?
        var leaving: Set<Int> = []
    }

    static let lease = 2_000
    static let patience = 500

    let shards: Int
    private(set) var nodes: [Node] = []
    /// Who has each shard: the lease, of which there is one.
    private(set) var owners: [Int: Int64] = [:]
    private(set) var paused: Set<Int> = []
    /// Milliseconds.
    private(set) var time = 0
    /// How often a shard was taken or given back since that was asked.
    var moves = 0
    /// What must never happen, and did.
    private(set) var violations: [String] = []
    private var next: Int64 = 1
    private let start = ContinuousClock.now
    private var random: SeededGenerator

    init(shards: Int, seed: UInt64) {
        self.shards = shards
        random = SeededGenerator(seed: seed)
    }

    // MARK: - What happens

    /// One thing that happens by chance.
    ///
    /// - Parameter isStable: whether nobody comes, goes or hangs any more.
    mutating func step(isStable: Bool, builds: Int) {
        time += Int.random(in: 0...40, using: &random)
        let chance = Int.random(in: 0..<100, using: &random)
        guard !isStable, chance < 6 else { return act(chance) }
        switch chance {
        case 0, 1: if nodes.count < 5 { join(builds: builds) }
        case 2: if let index = someNode() { die(index) }
        case 3: if let index = someNode() { nodes[index].isDraining = true }
        case 4: if let index = someNode() { nodes[index].isHanging = true }
        default:
            let shard = Int.random(in: 0..<shards, using: &random)
            if paused.remove(shard) == nil { paused.insert(shard) }
        }
    }

    /// Ends what is left of earlier disturbances, so that the world can settle.
    mutating func settle() {
        paused = []
        for index in nodes.indices.reversed() where nodes[index].isHanging || nodes[index].isDraining { die(index) }
        if nodes.isEmpty { join(builds: 1) }
    }

    private mutating func someNode() -> Int? { nodes.isEmpty ? nil : Int.random(in: 0..<nodes.count, using: &random) }

    private mutating func join(builds: Int) {
        let build = Int.random(in: 0..<builds, using: &random)
        // A later build no longer has the first shards.
        let declares = Set((0..<shards).filter { $0 >= build })
        nodes.append(
            Node(
                number: next, build: "build \(build)", declares: declares,
                sharing: ShardSharing(patience: .milliseconds(Self.patience)), leasedUntil: time + Self.lease))
        next += 1
    }

    /// Its session is gone, and its leases with it.
    private mutating func die(_ index: Int) {
        let number = nodes.remove(at: index).number
        owners = owners.filter { $0.value != number }
    }

    private mutating func act(_ chance: Int) {
        guard let index = someNode() else { return }
        if nodes[index].isHanging {
            // Whoever hangs for longer than its lease is replaced, and it comes back in the end.
            if time > nodes[index].leasedUntil + 1_000 { nodes[index].isHanging = false }
            return
        }
        if nodes[index].plans != nil { return carryOut(index) }
        if chance.isMultiple(of: 3) { endBatch(index) } else { look(index) }
    }

    private func isLiving(_ node: Node) -> Bool { node.leasedUntil >= time }

    private mutating func look(_ index: Int) {
        nodes[index].leasedUntil = time + Self.lease
        let me = nodes[index]
        let living = nodes.filter(isLiving)
        var holders: [Int: ShardSharing<Int>.Holder] = [:]
        for shard in 0..<shards where !paused.contains(shard) {
            if let owner = owners[shard], living.contains(where: { $0.number == owner }) {
                holders[shard] = .node(owner)
            } else {
                holders[shard] = .nobody
            }
        }
        let own = Set(owners.filter { $0.value == me.number }.keys)
        nodes[index].leaving = me.leaving.union(own.intersection(paused)).intersection(own)
        guard !me.isDraining else {
            nodes[index].leaving = own
            return
        }
        let situation = ShardSharing<Int>.Situation(
            me: me.number,
            nodes: living.map {
                .init(number: $0.number, build: $0.build, isDraining: $0.isDraining, declares: $0.declares)
            },
            shards: holders, leaving: nodes[index].leaving, movable: own.subtracting(nodes[index].leaving))
        let decided = nodes[index].sharing.decide(situation, now: start + .milliseconds(time))
        for shard in decided.take where holders[shard] != .nobody || !me.declares.contains(shard) {
            violations.append("node \(me.number) wants \(shard), which is not to be had by it")
        }
        if let shard = decided.giveBack, holders[shard] != .node(me.number) {
            violations.append("node \(me.number) gives \(shard) back without having it")
        }
        nodes[index].plans = decided
    }

    private mutating func carryOut(_ index: Int) {
        guard let plans = nodes[index].plans else { return }
        nodes[index].plans = nil
        for shard in plans.take where !paused.contains(shard) {
            // As take_shard() does: only what nobody has by now.
            if let owner = owners[shard], nodes.contains(where: { $0.number == owner && isLiving($0) }) { continue }
            owners[shard] = nodes[index].number
            moves += 1
        }
        if let shard = plans.giveBack, owners[shard] == nodes[index].number { nodes[index].leaving.insert(shard) }
    }

    private mutating func endBatch(_ index: Int) {
        for shard in nodes[index].leaving where owners[shard] == nodes[index].number {
            owners[shard] = nil
            moves += 1
        }
        nodes[index].leaving = []
        if nodes[index].isDraining, !owners.values.contains(nodes[index].number) { nodes.remove(at: index) }
    }

    // MARK: - What is asked of a world that has settled

    /// What is not as it must come to be; nil if everything is.
    ///
    /// - Parameter isOfOneBuild: whether all nodes are of one build, so that all have their share.
    func unrest(isOfOneBuild: Bool) -> String? {
        if !neglected.isEmpty { return "nobody has \(neglected)" }
        if !outdated.isEmpty { return "an old build has \(outdated)" }
        let loads = loads
        guard isOfOneBuild, (loads.max() ?? 0) - (loads.min() ?? 0) > 1 else { return nil }
        return "shares are \(loads)"
    }

    /// The shards that nobody has, although a node could.
    var neglected: [Int] {
        (0..<shards).filter { shard in owners[shard] == nil && nodes.contains { $0.declares.contains(shard) } }
    }

    /// How many shards each node has.
    var loads: [Int] { nodes.map { node in owners.values.count { $0 == node.number } } }

    /// The shards that a node has although they belong to a later build.
    var outdated: [Int] {
        owners.filter { shard, owner in
            guard let mine = nodes.first(where: { $0.number == owner }) else { return true }
            return nodes.contains { other in
                other.declares.contains(shard) && firstNumber(of: other.build) > firstNumber(of: mine.build)
            }
        }.map(\.key)
    }

    private func firstNumber(of build: String) -> Int64 {
        nodes.filter { $0.build == build }.map(\.number).min() ?? 0
    }
}
