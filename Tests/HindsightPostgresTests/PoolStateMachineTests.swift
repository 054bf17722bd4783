import HindsightPostgres
import HindsightValues
import Testing

@Suite("Pool decisions", .timeLimit(.minutes(1)))
struct PoolStateMachineTests {
    typealias Machine = PoolStateMachine<Int, String>

    private let now = ContinuousClock.now

    private func machine(_ slots: Int) -> Machine {
        Machine(slotCount: slots, backoff: Backoff(initial: .seconds(1), factor: 2, maximum: .seconds(8)))
    }

    private func text(_ grant: Machine.Grant) -> String {
        switch grant {
        case .lease(let connection): "lease \(connection)"
        case .connect(let time): time == nil ? "connect" : "connect later"
        case .refuse: "refuse"
        }
    }

    private func text(_ action: Machine.AcquireAction) -> String {
        switch action {
        case .grant(let grant): text(grant)
        case .wait: "wait"
        }
    }

    private func text(_ resumptions: [Machine.Resumption]) -> [String] {
        resumptions.map { "\($0.waiter): \(text($0.grant))" }
    }

    private func acquire(_ machine: inout Machine, _ waiter: String) -> String {
        text(machine.acquire(machine.makeTicket(), waiter))
    }

    @Test func urgentCallersComeBeforeThoseThatHaveWaitedLonger() {
        var pool = machine(1)
        #expect(acquire(&pool, "first") == "connect")
        let isUsable = pool.connected()
        #expect(isUsable)
        for waiter in ["a", "b"] { #expect(acquire(&pool, waiter) == "wait") }
        for waiter in ["urgent 1", "urgent 2"] {
            let ticket = pool.makeTicket(isUrgent: true)
            #expect(text(pool.acquire(ticket, waiter)) == "wait")
        }
        #expect(acquire(&pool, "c") == "wait")
        for waiter in ["urgent 1", "urgent 2", "a", "b", "c"] {
            let release = pool.release(7, isUsable: true, at: now)
            #expect(text(release.resumptions) == ["\(waiter): lease 7"])
        }
    }

    @Test func urgentCallersDoNotKeepTheOthersWaitingForEver() {
        var pool = machine(1)
        #expect(acquire(&pool, "first") == "connect")
        let isUsable = pool.connected()
        #expect(isUsable)
        #expect(acquire(&pool, "patient") == "wait")
        var served = 0
        // There is always an urgent one.
        let ticket = pool.makeTicket(isUrgent: true)
        _ = pool.acquire(ticket, "urgent")
        while served < 100 {
            let next = pool.makeTicket(isUrgent: true)
            _ = pool.acquire(next, "urgent")
            guard text(pool.release(7, isUsable: true, at: now).resumptions) == ["urgent: lease 7"] else { break }
            served += 1
        }
        #expect(served == 8)
    }

    @Test func connectsUpToTheLimitThenWaitersAreServedInOrder() {
        var pool = machine(2)
        #expect(acquire(&pool, "a") == "connect")
        #expect(acquire(&pool, "b") == "connect")
        #expect(acquire(&pool, "c") == "wait")
        #expect(acquire(&pool, "d") == "wait")
        let first = pool.connected()
        #expect(first)
        #expect(text(pool.release(1, isUsable: true, at: now).resumptions) == ["c: lease 1"])
        #expect(text(pool.release(2, isUsable: true, at: now).resumptions) == ["d: lease 2"])
        #expect(pool.release(1, isUsable: true, at: now).resumptions.isEmpty)
        #expect(pool.idleCount == 1)
        #expect(acquire(&pool, "e") == "lease 1")
    }

    @Test func aBrokenConnectionIsReplacedByAWaiter() {
        var pool = machine(1)
        _ = acquire(&pool, "a")
        #expect(acquire(&pool, "b") == "wait")
        let action = pool.release(1, isUsable: false, at: now)
        #expect(action.closes)
        #expect(text(action.resumptions) == ["b: connect"])
        #expect(acquire(&pool, "c") == "wait")
    }

    @Test func theMostRecentlyUsedConnectionIsUsedFirstAndOldOnesAreReaped() {
        var pool = machine(3)
        for _ in 0..<3 { _ = acquire(&pool, "x") }
        for number in 1...3 { _ = pool.release(number, isUsable: true, at: now + .seconds(number)) }
        #expect(pool.reap(unusedSince: now + .seconds(2)) == [1])
        #expect(acquire(&pool, "a") == "lease 3")
        #expect(acquire(&pool, "b") == "lease 2")
        #expect(acquire(&pool, "c") == "connect")
        #expect(acquire(&pool, "d") == "wait")
    }

    @Test func afterAFailureTheSlotWaitsAndTakesAConnectionThatIsFreedBefore() {
        var pool = machine(2)
        _ = acquire(&pool, "busy")
        let ticket = pool.makeTicket()
        #expect(text(pool.acquire(ticket, "a")) == "connect")
        #expect(acquire(&pool, "b") == "wait")
        let time = pool.connectFailed(at: now)
        #expect(time > now)
        let (action, resumptions) = pool.acquireWithSlot(ticket, "a")
        #expect(text(action) == "wait")
        #expect(resumptions.isEmpty)
        // a asked first; its slot goes on to b, who has to wait for the time of the next attempt.
        #expect(text(pool.release(1, isUsable: true, at: now).resumptions) == ["a: lease 1", "b: connect later"])
    }

    @Test func waitsBetweenAttemptsGrowAndASuccessResetsThem() {
        var pool = machine(1)
        _ = acquire(&pool, "a")
        let waits = (0..<6).map { _ in now.duration(to: pool.connectFailed(at: now)) }
        for (wait, full) in zip(waits, [1, 2, 4, 8, 8, 8]) {
            #expect(wait >= .seconds(full) / 2 && wait <= .seconds(full))
        }
        _ = pool.connected()
        #expect(now.duration(to: pool.connectFailed(at: now)) <= .seconds(1))
    }

    @Test func whoLeavesTheQueueIsNotServed() {
        var pool = machine(1)
        _ = acquire(&pool, "a")
        let ticket = pool.makeTicket()
        _ = pool.acquire(ticket, "b")
        #expect(acquire(&pool, "c") == "wait")
        #expect(pool.leaveQueue(ticket) == "b")
        #expect(pool.leaveQueue(ticket) == nil)
        #expect(text(pool.release(1, isUsable: true, at: now).resumptions) == ["c: lease 1"])
    }

    @Test func aSlotGivenBackGoesToTheNextWithoutOne() {
        var pool = machine(1)
        let ticket = pool.makeTicket()
        _ = pool.acquire(ticket, "a")
        #expect(acquire(&pool, "b") == "wait")
        _ = pool.connectFailed(at: now)
        _ = pool.acquireWithSlot(ticket, "a")
        #expect(pool.leaveQueue(ticket) == "a")
        #expect(text(pool.giveBackSlot()) == ["b: connect later"])
    }

    @Test func closingRefusesWaitersAndDrains() {
        var pool = machine(2)
        _ = acquire(&pool, "a")
        _ = acquire(&pool, "b")
        let ticket = pool.makeTicket()
        #expect(text(pool.acquire(ticket, "c")) == "wait")
        _ = pool.leaveQueue(ticket)
        _ = pool.release(1, isUsable: true, at: now)
        let (connections, resumptions) = pool.close()
        #expect(connections == [1])
        #expect(resumptions.isEmpty)
        #expect(!pool.isDrained)
        #expect(acquire(&pool, "d") == "refuse")
        let kept = pool.connected()
        #expect(!kept)
        #expect(pool.release(2, isUsable: true, at: now).closes)
        #expect(pool.isDrained)
    }

    @Test func backoffStaysInItsBounds() {
        var backoff = Backoff(initial: .milliseconds(50), factor: 2, maximum: .seconds(5))
        for number in 0..<100 {
            let wait = backoff.next()
            let full = min(.milliseconds(50) * (1 << min(number, 20)), Duration.seconds(5))
            #expect(wait >= full / 2 - .nanoseconds(1) && wait <= full)
        }
        #expect(backoff.failures == 100)
        backoff.reset()
        #expect(backoff.next() <= .milliseconds(50))
    }
}
