import Hindsight
import Testing

/// Which appends go together, decided without a database.
@Suite("Which appends go together", .timeLimit(.minutes(1)))
struct AppendQueueTests {
    /// A queue whose answers are plain values. A class, because a condition of a test cannot change a variable.
    private final class Queue {
        private var queue: AppendQueue<Int>

        init(groups: Int = 1, events: Int = 10, bytes: Int = .max, groupsOfLimits: Int = 1_000) {
            queue = AppendQueue(
                maximumGroups: groups, maximumEvents: events, maximumBytes: bytes, groupsOfLimits: groupsOfLimits)
        }

        var waitingCount: Int { queue.waitingCount }

        /// Whether the append is to be run alone.
        func submit(_ stream: StreamName, events: Int = 1, as ticket: Int) -> Bool {
            let append = StreamAppend(stream, (0..<events).map { LogFixture.event($0) })
            return switch queue.submit(append, as: ticket) {
            case .runAlone: true
            case .wait: false
            }
        }

        /// Starts a group, if one is worth it, and fills it.
        func group() -> [Int]? {
            queue.startGroup() ? queue.nextGroup()?.map(\.ticket) : nil
        }

        func start() -> Bool { queue.startGroup() }

        func fill() -> [Int]? { queue.nextGroup()?.map(\.ticket) }

        /// A group has ended; its time was the server's work, not the disk's, unless it says otherwise.
        func finish(_ streams: [StreamName], taking duration: Duration = .zero) {
            queue.finished(streams, events: streams.count, duration: duration)
        }

        func free(_ stream: StreamName) { queue.freed(stream) }

        func withdraw(_ ticket: Int) -> Bool { queue.withdraw(ticket) }

        /// The database has these bytes as the limit of an append.
        func learn(bytes: Int?) {
            var limits = EventLogLimits()
            limits.batchBytes = bytes ?? 0
            queue.learn(bytes == nil ? nil : limits)
        }

        /// Fills a group that the database refuses for a size: those who are to blame, and the others.
        func refusedGroup(bytes: Int) -> (large: [Int], others: [Int]) {
            var limits = EventLogLimits()
            limits.batchBytes = bytes
            let parts = queue.learn(limits, from: queue.startGroup() ? queue.nextGroup() ?? [] : [])
            return (parts.large.map(\.ticket), parts.others.map(\.ticket))
        }
    }

    @Test("Who is larger than the database allows takes nobody along, until it has accepted one that is")
    func large() {
        let size = LogFixture.event(0).data.count
        let queue = Queue()
        #expect(queue.submit("alone", as: 1))
        #expect(!queue.submit("a", as: 2) && !queue.submit("b", events: 3, as: 3) && !queue.submit("c", as: 4))
        queue.finish(["alone"])
        #expect(queue.refusedGroup(bytes: 3 * size - 1) == ([3], [2, 4]))
        for (ticket, stream) in ["d", "e", "f", "g", "h"].enumerated() {
            #expect(!queue.submit(StreamName(stream), events: stream == "e" || stream == "g" ? 3 : 1, as: 5 + ticket))
        }
        queue.finish(["a", "b", "c"])
        // As many bytes as the database takes; and nobody is kept waiting by the large ones, nor they by others.
        #expect(queue.group() == [5, 7])
        queue.finish(["d", "f"])
        #expect(queue.group() == [6])
        queue.finish(["e"])
        queue.learn(bytes: nil)
        #expect(queue.group() == [8, 9])
    }

    @Test("Limits of the database that were put back hold groups down for so many groups, and then no more")
    func forgotten() {
        let size = LogFixture.event(0).data.count
        let queue = Queue(groupsOfLimits: 3)
        #expect(queue.submit("alone", as: 1))
        for ticket in 2...11 { #expect(!queue.submit(StreamName("s-\(ticket)"), as: ticket)) }
        queue.finish(["alone"])
        queue.learn(bytes: size)
        for ticket in 2...4 {
            #expect(queue.group() == [ticket])
            queue.finish([StreamName("s-\(ticket)")])
        }
        // Refused again, they are learnt anew.
        #expect(queue.refusedGroup(bytes: 2 * size) == ([], Array(5...11)))
        queue.finish((5...11).map { StreamName("s-\($0)") })
        for ticket in 12...20 { #expect(!queue.submit(StreamName("s-\(ticket)"), as: ticket)) }
        for ticket in [12, 14, 16] {
            #expect(queue.group() == [ticket, ticket + 1])
            queue.finish([StreamName("s-\(ticket)"), StreamName("s-\(ticket + 1)")])
        }
        #expect(queue.group() == [18, 19, 20])
    }

    @Test("A group has no more bytes than one append may have, and an append of its own at least")
    func bytes() {
        let size = LogFixture.event(0).data.count
        let queue = Queue(bytes: 2 * size)
        #expect(queue.submit("alone", as: 1))
        #expect(!queue.submit("a", events: 3, as: 2) && !queue.submit("b", as: 3) && !queue.submit("c", as: 4))
        queue.finish(["alone"])
        #expect(queue.group() == [2])
        queue.finish(["a"])
        #expect(queue.group() == [3, 4])
    }

    @Test func aLoneAppendRunsAtOnceAndOthersWaitForAGroup() {
        let queue = Queue(groups: 2)
        #expect(queue.group() == nil)
        #expect(queue.submit("a", as: 1))
        #expect(!queue.submit("b", as: 2))
        #expect(!queue.submit("c", as: 3))
        #expect(queue.waitingCount == 2)
        #expect(queue.group() == [2, 3])
        #expect(queue.waitingCount == 0)
        #expect(!queue.submit("d", as: 4))
        // As many are under way as may be.
        #expect(queue.group() == nil)
        queue.finish(["a"])
        #expect(queue.group() == [4])
        queue.finish(["b", "c"])
        queue.finish(["d"])
        #expect(queue.submit("a", as: 5))
    }

    @Test func aStreamThatIsUnderWayIsLeftForLater() {
        let queue = Queue(groups: 2)
        #expect(queue.submit("a", as: 1))
        #expect(!queue.submit("a", as: 2))
        #expect(queue.group() == nil)
        #expect(!queue.submit("b", as: 3))
        #expect(queue.group() == [3])
        queue.finish(["b"])
        #expect(queue.group() == nil)
        queue.finish(["a"])
        #expect(queue.group() == [2])
    }

    @Test func aGroupHasOneAppendAStreamAndKeepsTheOrderOfEach() {
        let queue = Queue()
        #expect(queue.submit("x", as: 0))
        for (ticket, stream) in (["a", "a", "b", "a", "b", "c"] as [StreamName]).enumerated() {
            #expect(!queue.submit(stream, as: ticket + 1))
        }
        queue.finish(["x"])
        #expect(queue.group() == [1, 3, 6])
        #expect(queue.group() == nil)
        queue.finish(["a", "b", "c"])
        #expect(queue.group() == [2, 5])
        queue.finish(["a", "b"])
        #expect(queue.group() == [4])
    }

    @Test func whatDoesNotFitWaitsAndIsNotOvertakenInItsStream() {
        let queue = Queue(events: 4)
        #expect(queue.submit("x", as: 0))
        #expect(!queue.submit("a", events: 3, as: 1))
        #expect(!queue.submit("b", events: 2, as: 2))
        #expect(!queue.submit("b", events: 1, as: 3))
        #expect(!queue.submit("c", events: 1, as: 4))
        queue.finish(["x"])
        #expect(queue.group() == [1, 4])
        queue.finish(["a", "c"])
        #expect(queue.group() == [2])
        queue.finish(["b"])
        #expect(queue.group() == [3])
    }

    @Test func oneThatIsLargerThanAGroupGoesByItself() {
        let queue = Queue(events: 4)
        #expect(queue.submit("x", as: 0))
        #expect(!queue.submit("a", events: 9, as: 1))
        #expect(!queue.submit("b", events: 1, as: 2))
        queue.finish(["x"])
        #expect(queue.group() == [1])
        queue.finish(["a"])
        #expect(queue.group() == [2])
    }

    @Test func oneThatGivesUpLeavesTheQueueUnlessItIsUnderWay() {
        let queue = Queue()
        #expect(queue.submit("x", as: 0))
        #expect(!queue.submit("a", as: 1))
        #expect(!queue.submit("a", as: 2))
        #expect(queue.withdraw(1))
        #expect(!queue.withdraw(1))
        #expect(!queue.withdraw(0))
        queue.finish(["x"])
        #expect(queue.group() == [2])
        #expect(!queue.withdraw(2))
    }

    @Test func nobodyOvertakesThoseWhoWait() {
        let queue = Queue()
        #expect(queue.submit("x", as: 0))
        #expect(!queue.submit("a", as: 1))
        queue.finish(["x"])
        // A place is free, but the group that will take it has not been formed yet.
        #expect(!queue.submit("b", as: 2))
        #expect(queue.start())
        // Whoever comes before the group's turn gets in.
        #expect(!queue.submit("c", as: 3))
        #expect(queue.fill() == [1, 2, 3])
    }

    @Test func aPlaceWhoseGroupHasNobodyLeftIsGivenBack() {
        let queue = Queue()
        #expect(queue.submit("x", as: 0))
        #expect(!queue.submit("a", as: 1))
        queue.finish(["x"])
        #expect(queue.start())
        #expect(!queue.start())
        #expect(queue.withdraw(1))
        #expect(queue.fill() == nil)
        #expect(!queue.submit("b", as: 2))
        #expect(queue.group() == [2])
    }

    @Test func aStreamThatLeftItsGroupTakesNoPlaceAndKeepsItsOrder() {
        let queue = Queue()
        #expect(queue.submit("busy", as: 1))
        // Busy elsewhere: it goes on by itself.
        queue.finish([])
        #expect(!queue.submit("busy", as: 2))
        #expect(queue.group() == nil)
        #expect(!queue.submit("a", as: 3))
        #expect(queue.group() == [3])
        queue.finish(["a"])
        #expect(queue.group() == nil)
        queue.free("busy")
        #expect(queue.group() == [2])
        queue.finish(["busy"])
        #expect(queue.submit("a", as: 4))
    }

    @Test("where the disk is what takes the time, one group a flush")
    func flushBound() {
        let queue = Queue(groups: 2)
        #expect(queue.submit("a", as: 1))
        #expect(!queue.submit("b", as: 2))
        queue.finish(["a"], taking: .seconds(1))
        #expect(queue.group() == [2])
        #expect(!queue.submit("c", as: 3))
        #expect(queue.group() == nil)
        queue.finish(["b"])
        #expect(queue.group() == [3])
        #expect(!queue.submit("d", as: 4))
        #expect(queue.group() == [4])
    }

    @Test(
        "a group may work for a while, and a large one longer, before the disk is to blame",
        arguments: [
            (1, Duration.microseconds(900), true), (1, .microseconds(1_100), false),
            (100, .milliseconds(20), true), (100, .milliseconds(21), false),
        ])
    func workOrDisk(events: Int, duration: Duration, isWork: Bool) {
        var queue = AppendQueue<Int>(maximumGroups: 2, maximumEvents: 256)
        let appends = (0..<3).map { StreamAppend(StreamName("s-\($0)"), [NewEvent(type: "T", data: [])]) }
        for (ticket, append) in appends.enumerated() { _ = queue.submit(append, as: ticket) }
        queue.finished([appends[0].stream], events: events, duration: duration)
        #expect(queue.startGroup() && queue.startGroup() == isWork)
    }
}
