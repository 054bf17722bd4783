import HindsightLog

/// Projections that are fed together: those at the same offset share one reading and one decoding of the log.
struct ProjectionGroup {
    /// The members that are furthest behind, and how far they may advance before others join them.
    struct Rear {
        let offset: Offset
        let members: [ProjectionMember]
        let decoders: EventDecoders
        /// Where the next members stand; nil when all stand together.
        let limit: Offset?

        /// The maximum number of events to read.
        func events(_ usual: Int) -> Int {
            let most = members.reduce(usual) { $1.limit.events(atMost: $0) }
            return members.contains(where: \.caution.isOn) ? min(most, CrashCaution.batchEvents) : most
        }
    }

    private let registry: EventRegistry
    private(set) var members: [ProjectionMember] = []
    /// The decoders of the members that were furthest behind last time, kept while those members stay the same.
    private var bound: (members: [ProjectionMember], decoders: EventDecoders)?

    init(registry: EventRegistry) {
        self.registry = registry
    }

    /// Members are sorted by key, the order in which the offset store locks rows as well.
    mutating func add(_ joiners: [ProjectionMember]) {
        members += joiners
        members.sort { $0.key < $1.key }
    }

    mutating func remove(_ member: ProjectionMember) {
        members.removeAll { $0 === member }
    }

    mutating func removeAll() {
        members = []
    }

    /// Removes the members whose lease is gone.
    mutating func removeLost() -> [ProjectionMember] {
        let lost = members.filter(\.isLost)
        members.removeAll(where: \.isLost)
        return lost
    }

    /// Removes the members whose lease is to be given back.
    mutating func removeLeaving() -> [ProjectionMember] {
        let leaving = members.filter(\.isLeaving)
        members.removeAll(where: \.isLeaving)
        return leaving
    }

    /// The members that are furthest behind; nil if the group is empty.
    mutating func rear() -> Rear? {
        guard let offset = members.map(\.offset).min(by: { $0.position < $1.position }) else { return nil }
        let rear = members.filter { $0.offset.position == offset.position }
        let next = members.filter { $0.offset.position > offset.position }.map(\.offset)
            .min { $0.position < $1.position }
        return Rear(offset: offset, members: rear, decoders: decoders(for: rear), limit: next)
    }

    private mutating func decoders(for rear: [ProjectionMember]) -> EventDecoders {
        if let bound, bound.members.elementsEqual(rear, by: ===),
            rear.allSatisfy({ $0.run.decoders === bound.decoders })
        {
            return bound.decoders
        }
        let decoders = EventDecoders(registry: registry)
        for member in rear { member.run.bind(to: decoders) }
        bound = (rear, decoders)
        return decoders
    }
}
