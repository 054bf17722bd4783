import Hindsight
import HindsightTestSupport
import Testing

/// The parts of a rebuild that need no server.
@Suite("Parts of a rebuild", .timeLimit(.minutes(1)))
struct RebuildPartsTests {
    @Test("Numbers pass a gate in order, whichever comes first")
    func turnstileOrder() async {
        for seed in 0..<50 {
            var random = SeededGenerator(seed: UInt64(seed))
            let gate = OrderedGate()
            let passed = Recorder<Int>()
            await withDiscardingTaskGroup { tasks in
                for number in (0..<40).shuffled(using: &random) {
                    tasks.addTask {
                        await gate.enter(number)
                        passed.note(number)
                        await Task.yield()
                        passed.note(-number)
                        gate.leave()
                    }
                }
            }
            #expect(passed.all == (0..<40).flatMap { [$0, -$0] })
        }
    }

    @Test("A filter of keys never denies one that is stored, and denies nearly all others", arguments: [0, 4, 16])
    func keyFilter(sharedBits: Int) {
        var random = SeededGenerator(seed: 7)
        // The low bits of the hashes of a partition are the same.
        func hash() -> Int { Int(truncatingIfNeeded: random.next()) << sharedBits }
        var filter = KeyFilter()
        #expect(filter.byteCount == 0 && !filter.mayContain(0))
        let stored = (0..<100_000).map { _ in hash() }
        for key in stored { filter.insert(key) }
        #expect(stored.allSatisfy { filter.mayContain($0) })
        let others = (0..<100_000).map { _ in hash() }
        #expect(others.count { filter.mayContain($0) } < 5_000)
        #expect(filter.byteCount < 100_000 * 4)
    }

    @Test("The hashes of neighbouring numbers are told apart as well")
    func keyFilterNeighbours() {
        var filter = KeyFilter()
        for key in stride(from: 0, to: 200_000, by: 2) { filter.insert(key) }
        #expect(stride(from: 0, to: 200_000, by: 2).allSatisfy { filter.mayContain($0) })
        #expect(stride(from: 1, to: 200_000, by: 2).count { filter.mayContain($0) } < 5_000)
    }

    @Test("The first range is short, the next as long as it should be, and none longer than the memory allows")
    func pace() {
        var pace = RebuildPace(events: 1_000, bytes: 1 << 20)
        #expect(pace.span == 256)
        pace.note(events: 256, wanted: 256, bytes: 1_000, over: 256)
        #expect(pace.span == 1_000)
        pace.note(events: 1, wanted: 1, bytes: 10, over: 1_000)
        #expect(pace.span == 64_000)
        pace.note(events: 0, wanted: 0, bytes: 0, over: 64_000)
        #expect(pace.span == 4_096_000)
        pace.note(events: 4_096_000, wanted: 4_096_000, bytes: 1_000, over: 4_096_000)
        #expect(pace.span == 1_000)
        pace.note(events: 1_000, wanted: 1_000, bytes: 16 << 20, over: 1_000)
        #expect(pace.span == 64, "not below what is worth a statement")
        pace.note(events: 0, wanted: 0, bytes: 0, over: 0)
        #expect(pace.span == 64)
    }

    @Test("The memory is divided without a rest: rows, and as much as all readers read and decode")
    func budget() {
        for (memory, readers) in [(64 << 20, 1), (64 << 20, 64), (512 << 20, 3), (16 << 30, 4)] {
            var options = RebuildOptions()
            options.memoryBytes = memory
            options.readers = readers
            let budget = RebuildBudget(options)
            #expect(budget.rowBytes + readers * 5 * budget.batchBytes <= memory || budget.rowBytes == 1 << 20)
            #expect(budget.batchBytes > budget.rangeBytes)
            // What three that go on may read back is never more than there is.
            let first = budget.reloadBytes(taken: 0, share: 3)
            let second = budget.reloadBytes(taken: first, share: 2)
            let third = budget.reloadBytes(taken: first + second, share: 1)
            #expect(first + second + third <= budget.rowBytes && first > 0 && third >= first)
            #expect(budget.reloadBytes(taken: budget.rowBytes + 1, share: 1) == 0)
        }
    }

    @Test("Where most events are not wanted, the others are passed over")
    func sparse() {
        var pace = RebuildPace(events: 1_000, bytes: 1 << 20)
        pace.note(events: 1_000, wanted: 900, bytes: 1_000, over: 1_000)
        #expect(!pace.isSparse)
        pace.note(events: 1_000, wanted: 100, bytes: 1_000, over: 1_000)
        #expect(pace.isSparse)
    }

    @Test("However far apart the events are, a range stays within bounds")
    func paceOfHoles() {
        var pace = RebuildPace(events: 16_384, bytes: 1 << 20)
        for _ in 0..<100 { pace.note(events: 0, wanted: 0, bytes: 0, over: pace.span) }
        #expect(pace.span <= 1_000_000_000_000_000)
    }

    private func proven(_ positions: [Int64], _ low: Int64, _ high: Int64) -> ProvenRanges {
        let events = positions.map { LogFixture.recorded($0, type: $0.isMultiple(of: 2) ? "Even" : "Odd") }
        var proven = ProvenRanges()
        proven.note(events, LogChecksum.byType(events), in: ProvenRanges.Span(low: low, high: high))
        return proven
    }

    @Test("A reading proves that it saw every event only with an event at each position, in order")
    func provenByItself() {
        #expect(proven([4, 5, 6], 3, 6).spans == [ProvenRanges.Span(low: 3, high: 6)])
        #expect(proven([4, 6], 3, 6).spans.isEmpty)
        #expect(proven([4, 4, 6], 3, 6).spans.isEmpty)
        #expect(proven([4, 6, 5], 3, 6).spans.isEmpty)
        #expect(proven([4, 5, 7], 3, 6).spans.isEmpty)
        #expect(proven([], 3, 3).spans.isEmpty)
    }

    @Test("Ranges that are proven in any order leave the rest to be counted, and nothing counts twice")
    func provenRanges() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<100 {
            var all = ProvenRanges()
            let spans = (0..<20).map { ProvenRanges.Span(low: $0 * 5, high: $0 * 5 + 5) }
            let chosen = spans.shuffled(using: &random).prefix(12)
            for span in chosen {
                let part = proven(Array(span.low + 1...span.high), span.low, span.high)
                all.add(part)
                all.add(part)
            }
            let held = Set(chosen.flatMap { Array($0.low + 1...$0.high) })
            let rest = all.gaps(through: 100).flatMap { Array($0.low + 1...$0.high) }
            #expect(rest == (1...100).filter { !held.contains($0) })
            #expect(all.gaps(through: 3).allSatisfy { $0.high == 3 })
            var sum = LogChecksum()
            for position in held where position.isMultiple(of: 2) { sum.add(position) }
            #expect(all.sums["Even"] == sum)
            #expect(zip(all.spans, all.spans.dropFirst()).allSatisfy { $0.high < $1.low })
        }
    }

    @Test("However many gaps there are, a few shares count them, all of them once, and about as many positions each")
    func sharesOfGaps() {
        var all = ProvenRanges()
        // Every second range of ten has a hole.
        for low in stride(from: Int64(0), to: 2_000, by: 20) {
            all.add(proven(Array(low + 1...low + 10), low, low + 10))
        }
        #expect(all.gaps(through: 2_000).count == 100)
        for (count, least, expected) in [(Int64(3), Int64(100), 3), (3, 400, 2), (3, 2_000, 1), (200, 1, 200)] {
            let shares = all.shares(after: 0, through: 2_000, atMost: count, ofAtLeast: least)
            #expect(shares.count == expected)
            let counted = shares.joined().flatMap { Array($0.low + 1...$0.high) }
            #expect(counted == (1...2_000).filter { ($0 - 1) % 20 >= 10 })
            let sizes = shares.map { $0.reduce(0) { $0 + $1.high - $1.low } }
            #expect(sizes.dropLast().allSatisfy { $0 == sizes[0] } && (sizes.last ?? 0) <= sizes[0])
        }
        let rest = all.shares(after: 1_995, through: 2_000, atMost: 3, ofAtLeast: 1).joined()
        #expect(rest.flatMap { Array($0.low + 1...$0.high) } == Array(1_996...2_000))
        #expect(all.shares(after: 2_000, through: 2_000, atMost: 3, ofAtLeast: 1).isEmpty)
        #expect(ProvenRanges().shares(after: 0, through: 10, atMost: 1, ofAtLeast: 100).count == 1)
    }
}
