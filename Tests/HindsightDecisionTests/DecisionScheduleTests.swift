import Testing

@Suite("Decisions in schedules by chance, on a virtual clock", .timeLimit(.minutes(5)))
struct DecisionScheduleTests {
    /// How many schedules of each kind there are: together a million. What costs little is tried most often.
    private enum Share {
        static let handOver = 480_000
        static let crashes = 240_000
        static let feed = 270_000
        static let sharing = 10_000
    }

    /// They run side by side in so many parts.
    private static let parts = 0..<4

    /// Runs a part of the schedules, and says the seeds of the first ones that fail.
    private func each(_ share: Int, _ part: Int, _ schedule: (UInt64) -> String?) {
        var failures: [String] = []
        for number in stride(from: part, to: share, by: Self.parts.count) {
            guard let violation = schedule(UInt64(number)) else { continue }
            failures.append("seed \(number): \(violation)")
            if failures.count == 3 { break }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    @Test("They are a million")
    func count() {
        #expect(Share.handOver + Share.crashes + Share.feed + Share.sharing == 1_000_000)
    }

    @Test(
        "A shard is taken only from who does not renew, each event is applied once, and a sound node gets it",
        arguments: parts)
    func handOver(part: Int) {
        each(Share.handOver, part) { seed in
            var world = HandOverWorld(seed: seed)
            for _ in 0..<20 { world.step() }
            world.settle()
            return world.violation
        }
    }

    @Test("The event whose fold kills processes is found, and no other one is blamed", arguments: parts)
    func crashes(part: Int) {
        each(Share.crashes, part) { seed in
            var world = CrashWorld(seed: seed)
            world.run()
            return world.violation
        }
    }

    @Test("Whoever reads ahead is given each event once, in order", arguments: parts)
    func feed(part: Int) {
        each(Share.feed, part) { seed in
            var world = FeedWorld(seed: seed)
            world.run()
            return world.violation
        }
    }

    @Test("Shards come to rest with the nodes that should have them, evenly", arguments: parts)
    func sharing(part: Int) {
        each(Share.sharing, part) { seed in
            let shards = 1 + Int(seed % 5)
            let builds = seed.isMultiple(of: 3) ? 2 : 1
            var world = SharingWorld(shards: shards, seed: seed)
            for _ in 0..<30 { world.step(isStable: false, builds: builds) }
            world.settle()
            var unrest = world.unrest(isOfOneBuild: builds == 1)
            // Whoever took a shard because another node did not keeps it for a while; that comes to an end.
            for _ in 0..<12 where unrest != nil {
                for _ in 0..<200 { world.step(isStable: true, builds: builds) }
                unrest = world.unrest(isOfOneBuild: builds == 1)
            }
            return world.violations.first ?? unrest
        }
    }
}
