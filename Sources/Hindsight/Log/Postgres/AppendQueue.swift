/// Which appends are committed together, decided without a database.
///
/// A lone append runs at once, by itself. While groups are under way others wait, and the next group takes all that fit:
/// one append a stream, and none for a stream that a group under way appends to, so that a caller's appends to one stream
/// keep their order.
package struct AppendQueue<Ticket: Hashable & Sendable>: Sendable {
    /// An append that waits for its group.
    package struct Request: Sendable {
        package let ticket: Ticket
        package let append: StreamAppend
    }

    /// What the caller of ``AppendQueue/submit(_:as:)`` does next.
    package enum Submission {
        /// Run the append now, alone, and report ``AppendQueue/finished(_:)``.
        case runAlone
        /// Wait; a group will take it.
        case wait
    }

    private let maximumGroups: Int
    private let maximumEvents: Int
    private var waiting: [Request] = []
    private var busyStreams: Set<StreamName> = []
    private var groups = 0

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
        guard waiting.isEmpty, groups < maximumGroups, !busyStreams.contains(append.stream) else {
            waiting.append(Request(ticket: ticket, append: append))
            return .wait
        }
        groups += 1
        busyStreams.insert(append.stream)
        return .runAlone
    }

    /// Gives up an append that still waits. False: a group has it already.
    package mutating func withdraw(_ ticket: Ticket) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// A group has ended: its streams are free again.
    package mutating func finished(_ streams: some Sequence<StreamName>) {
        groups -= 1
        busyStreams.subtract(streams)
    }

    /// The next group, if there is one to be had now; report ``finished(_:)`` after it.
    package mutating func nextGroup() -> [Request]? {
        guard groups < maximumGroups, !waiting.isEmpty else { return nil }
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
        guard !group.isEmpty else { return nil }
        waiting = rest
        groups += 1
        return group
    }
}
