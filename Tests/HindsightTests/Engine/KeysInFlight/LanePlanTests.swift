import HindsightProjections
import HindsightTestSupport
import Testing

@Suite("Which events are handled side by side", .timeLimit(.minutes(1)))
struct LanePlanTests {
    @Test("Nothing, one event and one key need no second lane")
    func few() {
        #expect(LanePlan(keys: [], atMost: 4).lanes == [])
        #expect(LanePlan(keys: [7], atMost: 4).lanes == [[0]])
        #expect(LanePlan(keys: [7, 7, 7], atMost: 4).lanes == [[0, 1, 2]])
        #expect(LanePlan(keys: [1, 2, 1, 3], atMost: 1).lanes == [[0, 1, 2, 3]])
    }

    @Test("There are no more lanes than keys")
    func fewKeys() {
        #expect(LanePlan(keys: [1, 2, 1, 2], atMost: 8).lanes == [[0, 2], [1, 3]])
    }

    @Test("The key with most events has a lane for itself, and the others share the rest")
    func unequal() {
        #expect(LanePlan(keys: [1, 9, 9, 2, 9, 3, 9, 9], atMost: 2).lanes == [[1, 2, 4, 6, 7], [0, 3, 5]])
    }

    @Test("Each event is in one lane, in order, with all others of its key, and no lane is much longer than it must be")
    func any() throws {
        for seed in 1...300 {
            var random = SeededGenerator(seed: UInt64(seed))
            let most = Int.random(in: 1...9, using: &random)
            let count = Int.random(in: 0...200, using: &random)
            let distinct = Int.random(in: 1...60, using: &random)
            let keys = (0..<count).map { _ in
                // Some keys are much more frequent than others.
                Int.random(in: 0..<Int.random(in: 1...distinct, using: &random), using: &random)
            }
            let lanes = LanePlan(keys: keys, atMost: most).lanes
            #expect(lanes.flatMap { $0 }.sorted() == Array(0..<count), "seed \(seed)")
            #expect(lanes.allSatisfy { $0 == $0.sorted() && !$0.isEmpty }, "seed \(seed)")
            #expect(lanes.count == min(most, Set(keys).count), "seed \(seed)")
            let keysOfLanes = lanes.map { lane in Set(lane.map { keys[$0] }) }
            #expect(keysOfLanes.map(\.count).reduce(0, +) == Set(keys).count, "seed \(seed)")
            let largest = Dictionary(grouping: keys, by: { $0 }).values.map(\.count).max() ?? 0
            let least = max(largest, (count + most - 1) / most)
            #expect(lanes.allSatisfy { $0.count <= least * 4 / 3 + 1 }, "seed \(seed)")
        }
    }
}
