package import HindsightLog

/// Which appends are committed together, decided without a database.
///
/// A lone append runs at once, by itself. Where callers append at the same time they wait for a group, which takes all that
/// fit: one append a stream, and none for a stream that a group under way appends to, so that a caller's appends to one stream
/// keep their order.
package struct AppendQueue<Ticket: Hashable & Sendable>: Sendable {
    /// An append that waits for its group.
    package struct Request: Sendable {
        package let ticket: Ticket
        package let append: StreamAppend
    }

    /// What the caller of ``AppendQueue/submit(_:as:)`` does next.
    package enum Submission {
        /// Run the append now, alone, and report ``AppendQueue/finished(_:events:duration:)``.
        case runAlone
        /// Wait; a group will take it.
        case wait
    }

    private let maximumGroups: Int
    private let maximumEvents: Int
    private var waiting: [Request] = []
    private var busyStreams: Set<StreamName> = []
    private var startedGroups = 0
    /// True when the last group had company: callers append at the same time, so it pays to wait for one another.
    private var isCrowded = false
    /// True when a group spends its time waiting for the disk. One large group a flush then moves more than two small ones.
    private var isFlushBound = false

    /// How long the server works on a group, as opposed to waiting for the disk. Measured at 100 µs and 25 µs an event, and at
    /// twice that where client and server share the cores.
    private static func work(on events: Int) -> Duration {
        .microseconds(200) + .microseconds(50) * events
    }

    /// - Parameters:
    ///   - maximumGroups: how many groups may be under way at once, each on a connection.
    ///   - maximumEvents: how many events a group may hold.
    package init(maximumGroups: Int, maximumEvents: Int) {
        self.maximumGroups = maximumGroups
        self.maximumEvents = maximumEvents
    }

    /// How many appends wait for a group.
    package var waitingCount: Int { waiting.count }

    /// Takes in an append.
    package mutating func submit(_ append: StreamAppend, as ticket: Ticket) -> Submission {
        guard waiting.isEmpty, startedGroups == 0, !isCrowded, !busyStreams.contains(append.stream) else {
            waiting.append(Request(ticket: ticket, append: append))
            return .wait
        }
        startedGroups += 1
        busyStreams.insert(append.stream)
        return .runAlone
    }

    /// Gives up an append that still waits. False: a group has it already.
    package mutating func withdraw(_ ticket: Ticket) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Reserves a place for a group, if one is worth starting; ``nextGroup()`` fills it when the group's turn to run has come,
    /// so that callers who are about to submit get in.
    package mutating func startGroup() -> Bool {
        let isStreamFree = waiting.contains { !busyStreams.contains($0.append.stream) }
        guard isStreamFree, startedGroups < (isFlushBound ? 1 : maximumGroups) else { return false }
        startedGroups += 1
        return true
    }

    /// The appends of a group that was started; nil gives its place back.
    package mutating func nextGroup() -> [Request]? {
        var group: [Request] = []
        var rest: [Request] = []
        var passedOver: Set<StreamName> = []
        var events = 0
        for request in waiting {
            let stream = request.append.stream
            let fits = group.isEmpty || events + request.append.events.count <= maximumEvents
            if fits, !passedOver.contains(stream), busyStreams.insert(stream).inserted {
                group.append(request)
                events += request.append.events.count
            } else {
                passedOver.insert(stream)
                rest.append(request)
            }
        }
        waiting = rest
        guard !group.isEmpty else {
            startedGroups -= 1
            return nil
        }
        return group
    }

    /// A group, or an append that ran alone, has ended: its streams and its place are free.
    ///
    /// - Parameters:
    ///   - streams: the streams of the group, without those whose appends go on by themselves until ``freed(_:)``.
    ///   - duration: how long the database took.
    package mutating func finished(_ streams: [StreamName], events: Int, duration: Duration) {
        startedGroups -= 1
        busyStreams.subtract(streams)
        isCrowded = streams.count > 1 || !waiting.isEmpty
        isFlushBound = duration > Self.work(on: events) * 4
    }

    /// An append that had left its group, because its stream was busy elsewhere, has ended.
    package mutating func freed(_ stream: StreamName) {
        busyStreams.remove(stream)
    }
}
