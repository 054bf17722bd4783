package import HindsightLog

/// Decides, without a database, which appends are committed together.
///
/// A lone append runs immediately, by itself. If callers append at the same time, they wait for a group, which takes
/// all appends that fit: one for each stream, and none for a stream to which a running group appends, so that a
/// caller's appends to one stream keep their order.
package struct AppendQueue<Ticket: Hashable & Sendable>: Sendable {
    /// An append that waits for its group.
    package struct Request: Sendable {
        package let ticket: Ticket
        package let append: StreamAppend
        /// Whether it is larger than what the database has last refused, so that it runs alone.
        package fileprivate(set) var isLarge: Bool
        fileprivate let byteCount: Int

        fileprivate init(ticket: Ticket, append: StreamAppend, isLarge: Bool) {
            self.ticket = ticket
            self.append = append
            self.isLarge = isLarge
            byteCount = append.events.reduce(0) { $0 + $1.byteCount }
        }
    }

    /// What the caller of ``AppendQueue/submit(_:as:)`` must do next.
    package enum Submission {
        /// Run the append now, alone, and report ``AppendQueue/finished(_:events:duration:)``.
        case runAlone
        /// Wait; a group will take it.
        case wait
    }

    private let maximumGroups: Int
    private let maximumEvents: Int
    private let maximumBytes: Int
    /// The limits of the database, if it has refused an append by them. They may have been raised since: whoever exceeds them is not
    /// refused here, but does not take a group with it.
    private var limits: EventLogLimits?
    /// After how many groups the limits are forgotten.
    private let groupsOfLimits: Int
    /// How many groups have kept to the limits.
    private var limitedGroups = 0
    private var waiting: [Request] = []
    private var busyStreams: Set<StreamName> = []
    private var startedGroups = 0
    /// True if other appends were present with the last group: callers append at the same time, so it pays to wait for
    /// one another.
    private var isCrowded = false
    /// True if a group spends its time waiting for the disk. One large group per flush then moves more than two small
    /// ones.
    private var isFlushBound = false

    /// How long the server works on a group, as opposed to waiting for the disk. Measured at 100 µs plus 25 µs for each
    /// event, and twice that if client and server share the cores.
    private static func work(on events: Int) -> Duration {
        .microseconds(200) + .microseconds(50) * events
    }

    /// - Parameters:
    ///   - maximumGroups: how many groups may run at once, each on its own connection.
    ///   - maximumEvents: how many events a group may hold.
    ///   - maximumBytes: how many bytes of data and metadata these may have together.
    ///   - groupsOfLimits: after how many groups the limits that the database had are forgotten, in case they were raised since. It is one
    ///     refusal more if they were not. By number and not by time: small groups follow one another fast, and where few come they need
    ///     not be large.
    package init(maximumGroups: Int, maximumEvents: Int, maximumBytes: Int = .max, groupsOfLimits: Int = 1_000) {
        self.maximumGroups = maximumGroups
        self.maximumEvents = maximumEvents
        self.maximumBytes = maximumBytes
        self.groupsOfLimits = groupsOfLimits
    }

    /// The number of appends that wait for a group.
    package var waitingCount: Int { waiting.count }

    /// Accepts an append.
    package mutating func submit(_ append: StreamAppend, as ticket: Ticket) -> Submission {
        guard waiting.isEmpty, startedGroups == 0, !isCrowded, !busyStreams.contains(append.stream) else {
            waiting.append(Request(ticket: ticket, append: append, isLarge: isLarge(append)))
            return .wait
        }
        startedGroups += 1
        busyStreams.insert(append.stream)
        return .runAlone
    }

    /// Notes the limits by which the database refuses appends; nil if it has accepted one that exceeds them.
    ///
    /// - Parameter group: appends that were refused together.
    /// - Returns: those of them that exceed the limits, and the others.
    @discardableResult
    package mutating func learn(
        _ limits: EventLogLimits?, from group: [Request] = []
    ) -> (large: [Request], others: [Request]) {
        self.limits = limits
        limitedGroups = 0
        for index in waiting.indices { waiting[index].isLarge = isLarge(waiting[index].append) }
        return (group.filter { isLarge($0.append) }, group.filter { !isLarge($0.append) })
    }

    private func isLarge(_ append: StreamAppend) -> Bool {
        guard let limits else { return false }
        do throws(EventLogError) {
            try limits.check([append])
            return false
        } catch {
            return true
        }
    }

    /// Withdraws an append that still waits. False: a group already has it.
    package mutating func withdraw(_ ticket: Ticket) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Reserves a place for a group, if one is worth starting; ``nextGroup()`` fills it when it is the group's turn to
    /// run, so that callers who are about to submit get in.
    package mutating func startGroup() -> Bool {
        let isStreamFree = waiting.contains { !busyStreams.contains($0.append.stream) }
        guard isStreamFree, startedGroups < (isFlushBound ? 1 : maximumGroups) else { return false }
        startedGroups += 1
        return true
    }

    /// The appends of the group for a reserved place; nil gives the place back.
    package mutating func nextGroup() -> [Request]? {
        if limits != nil, limitedGroups >= groupsOfLimits { learn(nil) }
        var group: [Request] = []
        var rest: [Request] = []
        var passedOver: Set<StreamName> = []
        var (events, bytes) = (0, 0)
        let maximumEvents = min(maximumEvents, limits.map { min($0.batchEvents, $0.batchStreams) } ?? .max)
        let maximumBytes = min(maximumBytes, limits?.batchBytes ?? .max)
        for request in waiting {
            let stream = request.append.stream
            let fits =
                group.isEmpty
                || !group[0].isLarge && !request.isLarge
                    && events + request.append.events.count <= maximumEvents
                    && bytes + request.byteCount <= maximumBytes
            if fits, !passedOver.contains(stream), busyStreams.insert(stream).inserted {
                group.append(request)
                events += request.append.events.count
                bytes += request.byteCount
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
        if limits != nil { limitedGroups += 1 }
        return group
    }

    /// Notes that a group, or an append that ran alone, has ended: its streams and its place are free.
    ///
    /// - Parameters:
    ///   - streams: the streams of the group, without those whose appends continue alone until ``freed(_:)``.
    ///   - duration: how long the database took.
    package mutating func finished(_ streams: [StreamName], events: Int, duration: Duration) {
        startedGroups -= 1
        busyStreams.subtract(streams)
        isCrowded = streams.count > 1 || !waiting.isEmpty
        isFlushBound = duration > Self.work(on: events) * 4
    }

    /// Notes the end of an append that had left its group because its stream was busy elsewhere.
    package mutating func freed(_ stream: StreamName) {
        busyStreams.remove(stream)
    }
}
