import HindsightProjections
import Testing

@Suite("The life of a shard", .timeLimit(.minutes(1)))
struct ShardLifeTests {
    private func course(_ position: Int64, _ head: Int64, canReplay: Bool = true) -> ShardLife.Course {
        var life = ShardLife(catchUpThreshold: 100, replayThreshold: 1_000)
        return life.begin(ShardLife.Situation(position: position, head: head, canReplay: canReplay))
    }

    @Test("Near the head it joins those that are there")
    func joins() {
        #expect(course(0, 0) == .join)
        #expect(course(900, 1_000) == .join)
    }

    @Test("Further behind it catches up by itself")
    func catchesUp() {
        #expect(course(0, 1_000) == .catchUp)
        #expect(course(899, 1_000) == .catchUp)
    }

    @Test("From the beginning of a long log it is filled anew, and so is one that has half of it or more ahead")
    func replays() {
        #expect(course(0, 1_001) == .replay)
        #expect(course(5_000, 10_000) == .replay)
        #expect(course(5_001, 10_000) == .catchUp)
        #expect(course(0, 1_001, canReplay: false) == .catchUp)
    }

    @Test("What was lost does not come back to life, and what has stopped stays so")
    func ends() {
        var life = ShardLife(catchUpThreshold: 100, replayThreshold: 1_000)
        #expect(life.phase == .waiting)
        _ = life.begin(ShardLife.Situation(position: 0, head: 500, canReplay: true))
        #expect(life.phase == .catchingUp)
        life.arrive()
        #expect(life.phase == .live)
        var lost = life
        lost.lose()
        lost.arrive()
        lost.stop()
        #expect(lost.phase == .lost)
        life.stop()
        life.arrive()
        life.lose()
        #expect(life.phase == .stopped)
    }

    @Test("What was paused stays so, unless it has stopped or was lost before")
    func pauses() {
        var life = ShardLife(catchUpThreshold: 100, replayThreshold: 1_000)
        #expect(!life.isMovable)
        _ = life.begin(ShardLife.Situation(position: 0, head: 500, canReplay: true))
        #expect(life.isMovable)
        var stopped = life
        stopped.stop()
        stopped.pause()
        #expect(stopped.phase == .stopped && !stopped.isMovable)
        var lost = life
        lost.lose()
        lost.pause()
        #expect(lost.phase == .lost)
        life.pause()
        life.lose()
        life.arrive()
        life.stop()
        #expect(life.phase == .paused && !life.isMovable)
        var replaying = ShardLife(catchUpThreshold: 100, replayThreshold: 1_000)
        _ = replaying.begin(ShardLife.Situation(position: 0, head: 5_000, canReplay: true))
        #expect(replaying.phase == .replaying && !replaying.isMovable)
    }
}
