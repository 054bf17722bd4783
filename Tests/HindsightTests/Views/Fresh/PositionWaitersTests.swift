import HindsightProjections
import HindsightTestSupport
import Testing

@Suite("Those who wait for positions", .timeLimit(.minutes(1)))
struct PositionWaitersTests {
    @Test("A position wakes those who wait for it or a lower one, and nobody else; each once", arguments: 1...20)
    func heap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var waiters = PositionWaiters<UInt64>()
        var model: [UInt64: Int64] = [:]
        for ticket in 1...2_000 as ClosedRange<UInt64> {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let position = Int64.random(in: 0...500, using: &random)
                waiters.add(ticket, ticket: ticket, for: position)
                model[ticket] = position
            case 2:
                let gone = UInt64.random(in: 1...ticket, using: &random)
                let isThere = model.removeValue(forKey: gone) != nil
                let removed = waiters.remove(gone)
                #expect(removed == (isThere ? gone : nil))
            default:
                let position = Int64.random(in: 0...500, using: &random)
                let reached = waiters.removeAll(through: position)
                #expect(Set(reached).count == reached.count)
                #expect(Set(reached) == Set(model.filter { $0.value <= position }.keys))
                model = model.filter { $0.value > position }
            }
            #expect(waiters.count == model.count)
            #expect(waiters.isEmpty == model.isEmpty)
            let lowest = waiters.lowest()
            #expect(lowest == model.values.min())
        }
        let rest = waiters.removeAll(through: .max)
        #expect(Set(rest) == Set(model.keys))
        #expect(waiters.placeCount == 0)
    }

    @Test("Those who leave make room, though the position they waited for never comes")
    func room() {
        var waiters = PositionWaiters<UInt64>()
        waiters.add(0, ticket: 0, for: 1_000)
        for ticket in 1...100_000 as ClosedRange<UInt64> {
            waiters.add(ticket, ticket: ticket, for: 2_000)
            _ = waiters.remove(ticket)
        }
        #expect(waiters.placeCount < 100)
        let reached = waiters.removeAll(through: 1_000)
        #expect(reached == [0])
    }

    @Test("Waiters for later positions cost a telling nothing")
    func manyWaiters() {
        var waiters = PositionWaiters<UInt64>()
        for ticket in 1...10_000 as ClosedRange<UInt64> {
            waiters.add(ticket, ticket: ticket, for: Int64(1_000_000 + ticket))
        }
        let began = ContinuousClock.now
        var woken = 0
        for position in 1...100_000 as ClosedRange<Int64> { woken += waiters.removeAll(through: position).count }
        #expect(woken == 0)
        #expect(ContinuousClock.now - began < .seconds(20))
        let reached = waiters.removeAll(through: 1_000_010)
        #expect(reached.count == 10)
    }
}
