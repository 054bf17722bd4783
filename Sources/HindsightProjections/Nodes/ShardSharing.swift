/// Decides which shards a node takes and gives back, so that the living nodes have equally many; without a database.
///
/// Each node decides for itself by what it sees, and all of them by the same rule: free shards go to the nodes with the
/// fewest, and a node gives one back where another one that could have it would still have fewer afterwards than it has
/// itself. Each such move makes the shares more even, so it comes to an end; then no node has more than
/// ⌈shards / nodes⌉.
///
/// Of two builds, the one whose first living node came last has the shards that both declare.
package struct ShardSharing<Shard: Hashable & Comparable & Sendable>: Sendable {
    /// A living node.
    package struct Node: Sendable {
        /// The order in which nodes came.
        package var number: Int64
        package var build: String
        /// Draining nodes are left out.
        package var isDraining: Bool
        /// Others are asked first.
        package var isTroubled: Bool
        /// What it could keep up to date.
        package var declares: Set<Shard>

        package init(
            number: Int64, build: String = "", isDraining: Bool = false, isTroubled: Bool = false, declares: Set<Shard>
        ) {
            self.number = number
            self.build = build
            self.isDraining = isDraining
            self.isTroubled = isTroubled
            self.declares = declares
        }
    }

    /// Who has a shard.
    package enum Holder: Hashable, Sendable {
        case nobody
        case node(Int64)
        /// A process that is no node.
        case other
    }

    /// What a node sees.
    package struct Situation: Sendable {
        /// This node's number.
        package var me: Int64
        /// The living nodes, with this one, in the order in which they came.
        package var nodes: [Node]
        /// The shards that somebody could work on.
        package var shards: [Shard: Holder]
        /// Those of this node that it is about to give back.
        package var leaving: Set<Shard>
        /// Those of this node that it could give back after a batch.
        package var movable: Set<Shard>
        /// Those that have stopped where this node's build has not.
        package var untried: Set<Shard>

        package init(
            me: Int64, nodes: [Node], shards: [Shard: Holder], leaving: Set<Shard> = [], movable: Set<Shard> = [],
            untried: Set<Shard> = []
        ) {
            self.me = me
            self.nodes = nodes
            self.shards = shards
            self.leaving = leaving
            self.movable = movable
            self.untried = untried
        }
    }

    /// What a node does.
    package struct Moves: Hashable, Sendable {
        package var take: [Shard] = []
        package var giveBack: Shard?
        /// Those that have stopped, and would go to this node's build.
        package var retry: [Shard] = []
    }

    private let patience: Duration
    /// Since when shards are free that another node should have taken.
    private var waiting: [Shard: ContinuousClock.Instant] = [:]
    /// Shards that this node took because the one whose turn it was did not; it keeps them for a while.
    private var helped: [Shard: ContinuousClock.Instant] = [:]

    /// - Parameter patience: how long a node has to take up a shard before another one does.
    package init(patience: Duration) {
        self.patience = patience
    }

    /// Decides what this node does now.
    package mutating func decide(_ situation: Situation, now: ContinuousClock.Instant) -> Moves {
        var shares = Shares(situation)
        var moves = Moves()
        var passed: [Shard: ContinuousClock.Instant] = [:]
        for shard in shares.free {
            guard let index = shares.next(for: shard) else { continue }
            shares.loads[index] += 1
            if index == shares.me {
                moves.take.append(shard)
            } else if shares.mayHave(shard) {
                let since = waiting[shard] ?? now
                passed[shard] = since
                guard now - since >= patience else { continue }
                moves.take.append(shard)
                helped[shard] = now
            }
        }
        waiting = passed
        moves.retry = situation.untried.filter { shares.isFirst(for: $0) }.sorted()
        if moves.take.isEmpty, situation.leaving.isEmpty {
            // For much longer than it took to see that the other one does not take it.
            helped = helped.filter { now - $0.value < patience * 30 }
            moves.giveBack = surplus(situation, shares)
        }
        return moves
    }

    /// A shard of this node that another one should have.
    private func surplus(_ situation: Situation, _ shares: Shares) -> Shard? {
        guard let me = shares.me else { return nil }
        var best: (shard: Shard, load: Int)?
        // The last ones first, so that those that a node had longest tend to stay.
        for shard in situation.movable.sorted(by: >) where helped[shard] == nil && !situation.leaving.contains(shard) {
            guard case .node(situation.me)? = situation.shards[shard], let other = shares.next(for: shard), other != me
            else { continue }
            // A later build has it whatever the shares are.
            if shares.isSuperseded(at: shard) { return shard }
            guard shares.loads[other] + 1 < shares.loads[me] else { continue }
            if best.map({ shares.loads[other] < $0.load }) ?? true { best = (shard, shares.loads[other]) }
        }
        return best?.shard
    }
}

extension ShardSharing {
    /// How many shards each node has, and which ones it may have.
    struct Shares {
        private let nodes: [Node]
        /// For each node, when the first living one of its build came.
        private let ranks: [Int64]
        /// The place of this node; nil if it is not among the living.
        let me: Int?
        var loads: [Int]
        /// The shards that nobody has, in order.
        let free: [Shard]

        init(_ situation: Situation) {
            nodes = situation.nodes
            var first: [String: Int64] = [:]
            for node in nodes where first[node.build] == nil { first[node.build] = node.number }
            ranks = nodes.map { first[$0.build] ?? $0.number }
            me = nodes.firstIndex { $0.number == situation.me }
            loads = nodes.map { _ in 0 }
            var free: [Shard] = []
            for (shard, holder) in situation.shards {
                switch holder {
                case .other: continue
                case .nobody: free.append(shard)
                case .node(let number):
                    guard let index = nodes.firstIndex(where: { $0.number == number }) else { continue }
                    if number != situation.me || !situation.leaving.contains(shard) { loads[index] += 1 }
                }
            }
            self.free = free.sorted()
        }

        /// The rank that a node needs to have a shard, and whether it must be without trouble; nil if no node may.
        private func standard(for shard: Shard) -> (rank: Int64, isSound: Bool)? {
            var best: (rank: Int64, isSound: Bool)?
            for (index, node) in nodes.enumerated() where !node.isDraining && node.declares.contains(shard) {
                let isSound = !node.isTroubled
                guard let known = best else {
                    best = (ranks[index], isSound)
                    continue
                }
                if isSound != known.isSound ? isSound : ranks[index] > known.rank { best = (ranks[index], isSound) }
            }
            return best
        }

        private func meets(_ standard: (rank: Int64, isSound: Bool), _ index: Int, _ shard: Shard) -> Bool {
            let node = nodes[index]
            return !node.isDraining && ranks[index] == standard.rank && node.isTroubled != standard.isSound
                && node.declares.contains(shard)
        }

        /// The node that should have a shard next: of those that may, the one with the fewest, and the first of these.
        func next(for shard: Shard) -> Int? {
            guard let standard = standard(for: shard) else { return nil }
            var best: Int?
            for index in nodes.indices where meets(standard, index, shard) {
                if best.map({ loads[index] < loads[$0] }) ?? true { best = index }
            }
            return best
        }

        /// True if this node could work on a shard, although others come first.
        func mayHave(_ shard: Shard) -> Bool {
            me.map { !nodes[$0].isDraining && nodes[$0].declares.contains(shard) } ?? false
        }

        /// True if this node is one of those that a shard should go to.
        func isFirst(for shard: Shard) -> Bool {
            guard let me, let standard = standard(for: shard) else { return false }
            return meets(standard, me, shard)
        }

        /// True if a shard of this node belongs to a later build.
        func isSuperseded(at shard: Shard) -> Bool {
            guard let me, let standard = standard(for: shard) else { return false }
            return standard.isSound && standard.rank > ranks[me]
        }
    }
}
