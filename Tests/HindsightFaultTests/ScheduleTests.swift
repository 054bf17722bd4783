import FaultSuiteCore
import Testing

@Suite("The schedule of faults", .timeLimit(.minutes(1)))
struct ScheduleTests {
    private func steps(_ count: Int, seed: UInt64) -> [FaultSchedule.Step] {
        Array(FaultSchedule(seed: seed).prefix(count))
    }

    @Test("The same seed gives the same faults, another one others")
    func repeats() {
        #expect(steps(100, seed: 7) == steps(100, seed: 7))
        #expect(steps(100, seed: 7) != steps(100, seed: 8))
    }

    @Test("Each kind comes once in a round", arguments: 1...20)
    func rounds(seed: UInt64) {
        let kinds = steps(100, seed: UInt64(seed)).flatMap(\.faults).map(\.kind)
        let count = FaultKind.allCases.count
        for start in stride(from: 0, to: kinds.count - count, by: count) {
            #expect(Set(kinds[start..<start + count]).count == count)
        }
    }

    @Test("What happens at once has different targets, and now and then two things do", arguments: 1...20)
    func together(seed: UInt64) {
        let doubles = steps(100, seed: UInt64(seed)).filter { $0.faults.count == 2 }
        #expect((5...60).contains(doubles.count))
        for step in doubles {
            #expect(step.faults[0].kind.targets.isDisjoint(with: step.faults[1].kind.targets))
        }
        #expect(steps(100, seed: UInt64(seed)).allSatisfy { (1...2).contains($0.faults.count) })
    }
}
