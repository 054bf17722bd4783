import HindsightProjections
import Testing

@Suite("Whether a batch gets on", .timeLimit(.minutes(1)))
struct BatchProgressTests {
    private func events(_ positions: ClosedRange<Int64>) -> BatchProgress.Events {
        BatchProgress.Events(positions: positions, count: positions.count)
    }

    @Test func eachTransactionIsAStep() {
        var progress = BatchProgress()
        var steps = [progress.step]
        func note(_ change: (inout BatchProgress) -> Void) {
            change(&progress)
            steps.append(progress.step)
        }
        note { $0.enter() }
        note { $0.begin(events(1...5)) }
        #expect(progress.isBusy && progress.events == events(1...5))
        note { $0.end(ranOut: false) }
        #expect(progress.isBusy && progress.events == nil)
        note { $0.begin(events(6...6)) }
        note { $0.begin(.init(positions: 6...6, count: 1, part: "second")) }
        note { $0.end(ranOut: false) }
        note { $0.leave() }
        #expect(!progress.isBusy)
        #expect(steps == Array(0...7))
    }

    @Test func whatTheServerHasEndedIsStillTheSame() {
        var progress = BatchProgress()
        progress.enter()
        progress.begin(events(1...5))
        let step = progress.step
        for _ in 0..<3 {
            progress.end(ranOut: true)
            progress.leave()
            // The group waits before it tries again.
            #expect(progress.isBusy && progress.events?.positions.lowerBound == 1)
            progress.enter()
            progress.begin(events(1...3))
            #expect(progress.step == step)
        }
        progress.end(ranOut: false)
        #expect(progress.step > step)
        progress.leave()
        #expect(!progress.isBusy)
    }

    @Test func whatComesBeforeItIsDoneAgainOnTheWay() {
        func events(_ part: String) -> BatchProgress.Events { .init(positions: 1...5, count: 5, part: part) }
        var progress = BatchProgress()
        progress.enter()
        for part in ["", "a", "b"] { progress.begin(events(part)) }
        progress.end(ranOut: true)
        progress.leave()
        let step = progress.step
        progress.enter()
        for part in ["", "a", "b"] { progress.begin(events(part)) }
        #expect(progress.step == step)
        progress.begin(events("c"))
        #expect(progress.step > step)
    }

    @Test func severalLanesThatAreEndedAreStillTheSame() {
        let lane = BatchProgress.Events(positions: 1...5, count: 5, part: "a")
        var progress = BatchProgress()
        progress.enter()
        for _ in 0..<3 { progress.begin(lane) }
        progress.end(ranOut: true)
        progress.leave()
        let step = progress.step
        progress.enter()
        for _ in 0..<3 { progress.begin(lane) }
        #expect(progress.step == step)
        progress.end(ranOut: false)
        #expect(progress.step > step)
    }

    @Test func otherEventsAreAStep() {
        var progress = BatchProgress()
        progress.enter()
        progress.begin(events(1...5))
        progress.end(ranOut: true)
        progress.leave()
        let step = progress.step
        progress.enter()
        progress.begin(events(2...5))
        #expect(progress.step > step)
    }

    @Test func whatWasGivenUpIsNotTriedAgain() {
        var progress = BatchProgress()
        progress.enter()
        progress.begin(events(1...5))
        let step = progress.step
        let isLate = progress.giveUp(at: step - 1)
        #expect(!isLate)
        let isGivenUp = progress.giveUp(at: step)
        #expect(isGivenUp && progress.isBusy)
        progress.end(ranOut: true)
        progress.leave()
        #expect(!progress.isBusy && progress.step > step)
    }

    @Test func betweenTwoAttemptsItIsGivenUpAtOnce() {
        var progress = BatchProgress()
        progress.enter()
        progress.begin(events(1...5))
        progress.end(ranOut: true)
        progress.leave()
        let step = progress.step
        let isGivenUp = progress.giveUp(at: step)
        #expect(isGivenUp && !progress.isBusy && progress.step > step)
        progress.enter()
        progress.begin(events(1...5))
        progress.end(ranOut: false)
        progress.leave()
        #expect(!progress.isBusy)
    }

    @Test func threeLeasesWithoutAStepAreTooLong() {
        var watch = ProgressWatch<String>(lease: .seconds(2))
        let start = ContinuousClock.now
        func overdue(_ steps: [String: UInt64], after seconds: Double) -> Set<String> {
            watch.overdue(steps, now: start + .seconds(seconds))
        }
        for time in stride(from: 0.0, to: 5.9, by: 0.5) {
            #expect(overdue(["a": 1, "b": UInt64(time)], after: time) == [])
        }
        #expect(overdue(["a": 1, "b": 6], after: 6) == ["a"])
        #expect(overdue(["a": 2, "b": 6], after: 6.5) == [])
        // Who has nothing to do is not late.
        for time in stride(from: 7.0, to: 20, by: 1) { #expect(overdue([:], after: time) == []) }
    }

    @Test func whoHasHungItselfBeginsAnew() {
        var watch = ProgressWatch<String>(lease: .seconds(2))
        let start = ContinuousClock.now
        #expect(watch.overdue(["a": 1], now: start) == [])
        #expect(watch.overdue(["a": 1], now: start + .seconds(100)) == [])
        for second in 101...105 { #expect(watch.overdue(["a": 1], now: start + .seconds(second)) == []) }
        #expect(watch.overdue(["a": 1], now: start + .seconds(106)) == ["a"])
    }

    @Test func batchesGrowAgainWhileTheyEndSoon() {
        var limit = BatchLimit(4)
        #expect(limit.events == 4 && !limit.isChanged)
        limit.committed(4, after: .seconds(1), lease: .seconds(2))
        #expect(limit.events == 4 && !limit.isChanged)
        limit.committed(1, after: .zero, lease: .seconds(2))
        #expect(limit.events == 4 && !limit.isChanged)
        limit.committed(2, after: .milliseconds(999), lease: .seconds(2))
        #expect(limit.events == 8 && limit.isChanged)
        for _ in 0..<20 { limit.committed(1 << 15, after: .zero, lease: .seconds(2)) }
        #expect(limit.events == nil && !limit.isChanged)
        #expect(BatchLimit(0).events == 1)
        #expect(BatchLimit(nil).events == nil)
    }

    @Test func theNextBatchFitsIntoALease() {
        var limit = BatchLimit(nil)
        // Nothing is known yet.
        #expect(limit.events(atMost: 500) == 500)
        for (count, elapsed, fitting) in [
            (1, Duration.milliseconds(3), 500), (1, .seconds(1), 8), (4, .seconds(4), 8), (8, .seconds(2), 32),
            (500, .milliseconds(20), 500), (500, .seconds(29), 128), (1, .seconds(5), 2), (1, .seconds(11), 1),
            (2, .seconds(30), 1),
            (1, .zero, 500),
        ] {
            limit.committed(count, after: elapsed, lease: .seconds(10))
            #expect(limit.events(atMost: 500) == fitting, "\(count) events in \(elapsed)")
            // That is nothing to store.
            #expect(limit.events == nil && !limit.isChanged)
        }
        // However large a program wants its batches.
        #expect(limit.events(atMost: 1_000_000) == 1_000_000)
    }

    @Test func theSmallerLimitCounts() {
        var limit = BatchLimit(16)
        limit.committed(16, after: .seconds(10), lease: .seconds(10))
        #expect(limit.events(atMost: 500) == 16)
        limit.committed(16, after: .seconds(20), lease: .seconds(10))
        #expect(limit.events(atMost: 500) == 8 && limit.events == 16)
        limit.committed(8, after: .milliseconds(8), lease: .seconds(10))
        #expect(limit.events(atMost: 500) == 32 && limit.events == 32)
        #expect(limit.events(atMost: 4) == 4)
    }
}
