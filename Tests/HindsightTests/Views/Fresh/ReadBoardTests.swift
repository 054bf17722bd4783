import HindsightProjections
import Testing

@Suite("What those who wait for a view are told", .timeLimit(.minutes(1)))
struct ReadBoardTests {
    /// A board, by reference: what `#expect` looks at must not be changed by it.
    private final class Board {
        var value = ReadBoard<UInt64>()

        var stamp: UInt64 { value.stamp }
        var isEmpty: Bool { value.isEmpty }
        func tell(_ view: ShownVersion, _ position: Int64) -> [UInt64] { value.tell(view, position) }
        func hear(_ view: ShownVersion, _ position: Int64) -> [UInt64] { value.hear(view, position) }
        func mustStore(_ view: ShownVersion, _ position: Int64) -> Bool { value.mustStore(view, position) }
        func hasReached(_ view: ShownVersion, _ position: Int64) -> Bool { value.hasReached(view, position) }
        func expected(_ position: Int64, by nodes: [String] = [], heardSince stamp: UInt64? = nil) -> ShownVersion? {
            value.expected("a", at: position, by: nodes, heardSince: stamp)
        }
        func waitsForOthers(than nodes: [String]) -> Bool { value.waitsForOthers(than: nodes) }

        func add(_ waiter: UInt64, to position: Int64) -> Bool {
            value.add(waiter, ticket: waiter, for: ShownVersion(name: "a", version: 1), to: position)
        }

        func note(_ standing: ViewStanding, before stamp: UInt64, at now: ContinuousClock.Instant) {
            value.note(standing, before: stamp, at: now)
        }

        func prospect(_ standing: ViewStanding, at now: ContinuousClock.Instant) -> ReadBoard<UInt64>.Prospect {
            value.prospect(of: standing, at: now, lease: .seconds(10))
        }
    }

    private let view = ShownVersion(name: "a", version: 1)
    private let now = ContinuousClock.now

    private func standing(
        _ position: Int64, version: Int = 1, stoppedAt: Int64? = nil, isHeld: Bool? = true, renewals: Int64 = 1
    ) -> ViewStanding {
        ViewStanding(
            view: ShownVersion(name: "a", version: version), position: position, stoppedAt: stoppedAt, owner: "node",
            isHeld: isHeld, renewals: renewals)
    }

    private func look(_ board: Board, _ standings: [ViewStanding], after time: Duration = .zero)
        -> Set<UInt64>
    {
        Set(
            board.value.note(
                standings, asked: ["a"], before: board.stamp, at: now + time, lease: { _ in .seconds(10) }))
    }

    @Test("A position is expected of a view whose commits are told here, and that is known to be before it")
    func expected() {
        let board = Board()
        #expect(board.expected(5, by: ["node"]) == nil, "nothing is known")
        board.note(standing(3), before: board.stamp, at: now)
        #expect(board.expected(5, by: ["node"]) == view)
        #expect(board.expected(3, by: ["node"]) == nil, "it is there")
        #expect(board.expected(5, by: ["another"]) == nil, "nobody tells")
        #expect(board.expected(5, heardSince: board.stamp) == nil, "nothing was heard of it")
        let begun = board.stamp
        #expect(board.hear(view, 4).isEmpty)
        #expect(board.expected(5, heardSince: begun) == view)
        #expect(board.expected(4, heardSince: begun) == nil, "it was heard of")
        #expect(board.expected(5, heardSince: board.stamp) == nil, "heard anew, and nothing since")
        board.note(standing(1, version: 2), before: board.stamp, at: now)
        #expect(
            board.expected(5, by: ["node"]) == ShownVersion(name: "a", version: 2), "the name shows another version")
        board.note(standing(2, version: 2, stoppedAt: 3), before: board.stamp, at: now)
        #expect(board.expected(5, by: ["node"]) == nil, "it has stopped")
    }

    @Test("What was told while the view was read is newer than what was read")
    func toldMeanwhile() {
        let board = Board()
        let stamp = board.stamp
        #expect(board.tell(view, 5).isEmpty)
        board.note(standing(3), before: stamp, at: now)
        #expect(board.hasReached(view, 5), "read again")
        board.note(standing(3), before: board.stamp, at: now)
        #expect(!board.hasReached(view, 5), "a rollback: what was told before counts no more")
        #expect(!board.add(1, to: 5))
        #expect(board.tell(view, 4).isEmpty)
        #expect(board.tell(view, 6) == [1])
    }

    @Test("Commits of a version that is not shown wake nobody; when it is shown, all look for themselves")
    func otherVersion() {
        let board = Board()
        board.note(standing(3), before: board.stamp, at: now)
        _ = board.add(1, to: 5)
        #expect(board.tell(ShownVersion(name: "a", version: 2), 9).isEmpty)
        #expect(look(board, [standing(4)]).isEmpty)
        #expect(look(board, [standing(9, version: 2)]) == [1])
        _ = board.add(2, to: 5)
        #expect(look(board, []) == [2], "the view is gone")
        #expect(board.isEmpty)
    }

    @Test("A stop wakes everybody; so does a lease that nobody has had for as long as it lasts")
    func hopeless() {
        let board = Board()
        board.note(standing(3), before: board.stamp, at: now)
        for ticket in 1...3 as ClosedRange<UInt64> { _ = board.add(ticket, to: 5) }
        #expect(look(board, [standing(3, isHeld: false)]).isEmpty)
        #expect(look(board, [standing(3, isHeld: false)], after: .seconds(9)).isEmpty)
        // Somebody had it in between.
        #expect(look(board, [standing(3, isHeld: false, renewals: 2)], after: .seconds(11)).isEmpty)
        #expect(board.prospect(standing(3, isHeld: false), at: now + .seconds(20)) == .open)
        #expect(look(board, [standing(3, isHeld: false, renewals: 2)], after: .seconds(21)) == [1, 2, 3])
        let unheld = standing(3, isHeld: false, renewals: 2)
        #expect(board.prospect(unheld, at: now + .seconds(21)) == .abandoned)
        #expect(board.prospect(standing(3), at: now + .seconds(21)) == .open)
        _ = board.add(4, to: 5)
        #expect(look(board, [standing(3, stoppedAt: 4)]) == [4])
        #expect(board.prospect(standing(3, stoppedAt: 4), at: now) == .stopped)
    }

    @Test("An engine that had nothing to apply stores its offset for those who wait, whoever comes first")
    func idle() {
        let board = Board()
        board.note(standing(3), before: board.stamp, at: now)
        #expect(!board.mustStore(view, 7))
        #expect(!board.add(1, to: 8))
        #expect(board.add(2, to: 7), "the engine is to be woken")
        #expect(!board.add(3, to: 7), "once")
        #expect(board.mustStore(view, 7))
        #expect(Set(board.tell(view, 7)) == [2, 3])
        #expect(!board.mustStore(view, 7))
    }

    @Test("What others tell of views that nobody has asked for is not kept")
    func strangers() {
        let board = Board()
        #expect(board.hear(view, 100).isEmpty)
        #expect(!board.hasReached(view, 100))
        board.note(standing(3), before: board.stamp, at: now)
        _ = board.add(1, to: 5)
        #expect(board.waitsForOthers(than: []))
        #expect(!board.waitsForOthers(than: ["node"]))
        #expect(board.hear(view, 100) == [1])
        #expect(!board.waitsForOthers(than: []))
    }
}
