import HindsightProjections
import Testing

@Suite("Sharing shards among nodes", .timeLimit(.minutes(3)))
struct ShardSharingTests {
    private typealias Sharing = ShardSharing<Int>

    private func moves(
        _ me: Int64, _ nodes: [Sharing.Node], _ holders: [Int: Sharing.Holder], leaving: Set<Int> = []
    ) -> Sharing.Moves {
        var sharing = Sharing(patience: .seconds(1))
        let movable = Set(holders.filter { $0.value == .node(me) }.keys)
        return sharing.decide(
            Sharing.Situation(me: me, nodes: nodes, shards: holders, leaving: leaving, movable: movable), now: .now)
    }

    private func nodes(_ count: Int64, declare shards: Range<Int> = 0..<10) -> [Sharing.Node] {
        (1...count).map { Sharing.Node(number: $0, declares: Set(shards)) }
    }

    @Test("Who is alone takes all")
    func alone() {
        let free = Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, Sharing.Holder.nobody) })
        #expect(moves(1, nodes(1), free).take == Array(0..<10))
    }

    @Test("What is free is divided, without anybody wanting the same")
    func divides() {
        let free = Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, Sharing.Holder.nobody) })
        let taken = (1...3).map { moves($0, nodes(3), free).take }
        #expect(taken.map(\.count) == [4, 3, 3])
        #expect(Set(taken.joined()) == Set(0..<10))
    }

    @Test("One is given back at a time, and none where that would not make the shares more even")
    func givesBack() {
        var holders = Dictionary(uniqueKeysWithValues: (0..<4).map { ($0, Sharing.Holder.node(1)) })
        #expect(moves(1, nodes(2), holders).giveBack == 3)
        #expect(moves(1, nodes(2), holders, leaving: [3]).giveBack == nil)
        holders[3] = .node(2)
        holders[2] = .node(2)
        #expect(moves(1, nodes(2), holders).isNone)
        holders[2] = nil
        #expect(moves(1, nodes(2), holders).isNone)
    }

    @Test("What only one node declares stays there, and what a process that is no node has is left alone")
    func keeps() {
        let some = [Sharing.Node(number: 1, declares: [0, 1, 2, 3]), Sharing.Node(number: 2, declares: [3])]
        let own: [Int: Sharing.Holder] = [0: .node(1), 1: .node(1), 2: .node(1), 3: .other]
        #expect(moves(1, some, own).isNone)
        #expect(moves(2, some, own).isNone)
    }

    @Test("What another build has stopped is tried again by the build that it would go to: sound, and declaring it")
    func retries() {
        func retry(_ me: Int64, isTroubled: Bool = false) -> [Int] {
            let nodes = [
                Sharing.Node(number: 1, build: "old", declares: [0, 1]),
                Sharing.Node(number: 2, build: "new", isTroubled: isTroubled, declares: [1]),
                Sharing.Node(number: 3, build: "newest", isDraining: true, declares: [0, 1]),
            ]
            var sharing = Sharing(patience: .seconds(1))
            return sharing.decide(Sharing.Situation(me: me, nodes: nodes, shards: [:], untried: [0, 1]), now: .now)
                .retry
        }
        #expect((1...3).map { retry($0) } == [[0], [1], []])
        #expect((1...3).map { retry($0, isTroubled: true) } == [[0, 1], [], []])
    }

    @Test("Shards go to the build whose first living node came last")
    func builds() {
        let both = [
            Sharing.Node(number: 1, build: "old", declares: [0, 1]),
            Sharing.Node(number: 2, build: "new", declares: [1]),
            Sharing.Node(number: 3, build: "old", declares: [0, 1]),
        ]
        #expect(moves(1, both, [0: .node(1), 1: .node(1)]).giveBack == 1)
        #expect(moves(2, both, [0: .node(1), 1: .nobody]).take == [1])
        #expect(moves(3, both, [0: .node(1), 1: .nobody]).take == [])
        #expect(moves(1, both, [0: .node(1), 1: .node(2)]).isNone)
    }

    @Test("A node in trouble is asked last, and a draining one not at all")
    func trouble() {
        var two = nodes(2, declare: 0..<2)
        two[0].isTroubled = true
        let free: [Int: Sharing.Holder] = [0: .nobody, 1: .nobody]
        #expect(moves(1, two, free).take == [])
        #expect(moves(2, two, free).take == [0, 1])
        #expect(moves(1, [two[0]], free).take == [0, 1])
        two[1].isDraining = true
        #expect(moves(1, two, free).take == [0, 1])
        #expect(moves(2, two, free).take == [])
    }

    @Test("What a node does not take up although it is its turn, another one takes after a while, and keeps")
    func helps() {
        var sharing = Sharing(patience: .seconds(1))
        let start = ContinuousClock.now
        let holders: [Int: Sharing.Holder] = [0: .node(2), 1: .node(2), 2: .nobody]
        var situation = Sharing.Situation(me: 2, nodes: nodes(2), shards: holders, movable: [0, 1])
        #expect(sharing.decide(situation, now: start).isNone)
        #expect(sharing.decide(situation, now: start + .milliseconds(900)).isNone)
        #expect(sharing.decide(situation, now: start + .milliseconds(1_100)).take == [2])
        situation.shards[2] = .node(2)
        situation.movable = [2]
        #expect(sharing.decide(situation, now: start + .seconds(2)).giveBack == nil)
        #expect(sharing.decide(situation, now: start + .seconds(60)).giveBack == 2)
    }

    /// Together a million steps.
    @Test(
        "In schedules by chance nobody wants what others have, and what comes to rest is shared evenly",
        arguments: 1...8)
    func schedules(seed: UInt64) {
        let builds = seed.isMultiple(of: 2) ? 3 : 1
        var world = SharingWorld(shards: Int(2 + seed), seed: seed)
        var rests = 0
        var steps = 0
        while steps < 125_000 {
            for _ in 0..<1_500 { world.step(isStable: false, builds: builds) }
            world.settle()
            steps += 1_500
            // More than enough for each node to look and to end its batches, one shard at a time.
            for _ in 0..<2_000 { world.step(isStable: true, builds: builds) }
            let nodes = world.nodes.map { "\($0.number) \($0.build)" }
            #expect(world.neglected.isEmpty, "seed \(seed), step \(steps): \(world.owners), nodes \(nodes)")
            #expect(world.outdated.isEmpty, "seed \(seed), step \(steps): \(world.owners), nodes \(nodes)")
            if builds == 1 {
                let (most, least) = (world.loads.max() ?? 0, world.loads.min() ?? 0)
                #expect(most - least <= 1, "seed \(seed), step \(steps): \(world.loads)")
            }
            world.moves = 0
            for _ in 0..<200 { world.step(isStable: true, builds: builds) }
            #expect(world.moves == 0, "seed \(seed), step \(steps): what has come to rest is moved")
            steps += 2_200
            rests += 1
        }
        #expect(world.violations.isEmpty, "seed \(seed): \(world.violations.prefix(3))")
        #expect(rests > 30)
    }
}

extension ShardSharing.Moves {
    fileprivate var isNone: Bool { take.isEmpty && giveBack == nil }
}
