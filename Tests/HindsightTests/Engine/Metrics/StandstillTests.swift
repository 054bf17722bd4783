import HindsightProjections
import Testing

@Suite("Standing still", .timeLimit(.minutes(1)))
struct StandstillTests {
    private let start = ContinuousClock.now
    private var standstill = Standstill<Int>()

    /// Notes a look after so many seconds, and says how old the standstill is then.
    private mutating func look(after seconds: Int, at place: Int, hasWork: Bool = true) -> Duration {
        let now = start + .seconds(seconds)
        standstill.note(place, hasWork: hasWork, at: now)
        return standstill.age(at: now)
    }

    @Test("It begins with the first look that finds work, however long nothing happened before")
    mutating func beginning() {
        #expect(standstill.age(at: start) == .zero)
        #expect(look(after: 0, at: 7, hasWork: false) == .zero)
        #expect(look(after: 3_600, at: 7) == .zero)
        #expect(look(after: 3_605, at: 7) == .seconds(5))
        #expect(standstill.age(at: start + .seconds(3_615)) == .seconds(15))
    }

    @Test("It ends with a move, and when the work is gone")
    mutating func ending() {
        #expect(look(after: 0, at: 7) == .zero)
        #expect(look(after: 5, at: 8) == .zero)
        #expect(look(after: 10, at: 8) == .seconds(5))
        #expect(look(after: 15, at: 8, hasWork: false) == .zero)
        #expect(look(after: 20, at: 8) == .zero)
        #expect(look(after: 25, at: 3) == .zero)
        #expect(look(after: 30, at: 3) == .seconds(5))
    }
}
