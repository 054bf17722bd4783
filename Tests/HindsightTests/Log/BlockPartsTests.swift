import Hindsight
import HindsightPostgresLog
import HindsightTestSupport
import Testing

/// The decisions behind reading ranges from blocks, which need no server.
@Suite("Parts of reading from blocks", .timeLimit(.minutes(1)))
struct BlockPartsTests {
    @Test("A sieve keeps what belongs to its range, and knows what is missing of it")
    func sieve() {
        var sieve = PositionSieve(low: 10, high: 20)
        let kept = [20, 11, 9, 10, 21, 13, 12, 19].filter { sieve.takes($0) }
        #expect(kept == [20, 11, 13, 12, 19])
        #expect(sieve.dropped == 3 && !sieve.isOrdered)
        #expect(sieve.missing(atMost: 5) == [14, 15, 16, 17, 18])
        #expect(sieve.missing(atMost: 4) == nil)
        var empty = PositionSieve(low: 3, high: 5)
        #expect(empty.missing(atMost: 2) == [4, 5])
        let isKept = empty.takes(5)
        #expect(isKept && empty.isOrdered && empty.missing(atMost: 1) == [4])
    }

    @Test("Whatever comes in whatever order, what was taken and what is missing are the range")
    func sieveIsComplete() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let low = Int64.random(in: 0..<50, using: &random)
            let high = low + Int64.random(in: 0..<40, using: &random)
            var sieve = PositionSieve(low: low, high: high)
            let taken = (Int64(0)..<100).shuffled(using: &random).prefix(60).filter { sieve.takes($0) }
            let missing = sieve.missing(atMost: 40) ?? []
            #expect((taken + missing).sorted() == Array(low..<high).map { $0 + 1 })
        }
    }

    @Test("The margin grows with misses, rests when it does not help, and shrinks again")
    func margin() {
        var margin = BlockMargin()
        #expect(margin.next(positions: 100) == nil)
        #expect(margin.next(positions: 16_384) == 2)
        let miss = BlockOutcome(isComplete: false)
        for expected: Int64 in [8, 32] {
            margin.note(miss)
            #expect(margin.next(positions: 16_384) == expected)
        }
        margin.note(miss)
        for _ in 0..<64 { #expect(margin.next(positions: 16_384) == nil) }
        #expect(margin.next(positions: 16_384) == 32)
        for _ in 0..<64 { margin.note(BlockOutcome(isComplete: true, kept: 10)) }
        #expect(margin.next(positions: 16_384) == 2)
        // More was read in vain than for the range.
        margin.note(BlockOutcome(isComplete: true, kept: 10, dropped: 11))
        #expect(margin.next(positions: 16_384) == 8)
    }

    @Test("A buffer whose events came in another order has them by position")
    func order() {
        let buffer = RawEventBuffer()
        buffer.begin()
        for byte: UInt8 in [3, 1, 2] { [byte].withUnsafeBytes { buffer.append($0) } }
        #expect(buffer.count == 3)
        buffer.order { Int64($0[0]) }
        buffer.finish(through: 3) { bytes, events in
            events.append(LogFixture.recorded(Int64(bytes[0])))
            return 0..<1
        }
        #expect(buffer.events.map(\.position) == [1, 2, 3])
        #expect((0..<3).map { buffer.data(of: $0)[0] } == [1, 2, 3])
    }
}
