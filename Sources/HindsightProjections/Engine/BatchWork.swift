import HindsightLog

/// The work of one transaction of a ``BatchApplier``. `@unchecked Sendable`: the group waits until the connection has finished with it.
struct BatchWork: @unchecked Sendable {
    let events: [RecordedEvent]
    let offset: Offset
    var members: [ProjectionMember]
    let decoders: EventDecoders
    let startedAt = ContinuousClock.now
    /// What the events add up to, for each type.
    let sums: [(type: String, sum: LogChecksum)]
    private var isPlanned = false

    init(events: [RecordedEvent], offset: Offset, members: [ProjectionMember], decoders: EventDecoders) {
        self.events = events
        self.offset = offset
        self.members = members
        self.decoders = decoders
        sums = LogChecksum.byType(events)
    }

    /// Decodes the events and lets the members plan what they do with them, unless that is done.
    mutating func plan() {
        guard !isPlanned else { return }
        for member in members { member.run.begin(forgettingRows: false) }
        decoders.decode(events)
        isPlanned = true
    }

    /// Lets the members plan once more, after some have forgotten what they had planned. Not where some of it was handled in lanes: that
    /// would be handled again.
    mutating func planAnew() {
        isPlanned = false
        plan()
    }

    /// Members that fold rows, and members that run their own statements.
    var membersByKind: (folding: [ProjectionMember], handling: [ProjectionMember]) {
        var (folding, handling): ([ProjectionMember], [ProjectionMember]) = ([], [])
        for member in members {
            switch member.definition.kind {
            case .view: folding.append(member)
            case .sql: handling.append(member)
            }
        }
        return (folding, handling)
    }
}
