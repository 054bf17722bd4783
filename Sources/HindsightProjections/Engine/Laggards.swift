import HindsightLog

/// Projections that are far behind the head, and how they get there.
enum Laggards: Hashable, Sendable {
    /// They are refilled, from one reading of the log.
    case toReplay
    /// They share an offset and catch up together from there: those that run their own statements apart from the others,
    /// which are many times faster and would wait for them after each batch.
    case behind(at: Offset, withStatements: Bool)

    /// A group of them.
    struct Group: Sendable {
        let course: Laggards
        let members: [ProjectionMember]
    }

    func with(_ members: [ProjectionMember]) -> Group { Group(course: self, members: members) }
}

extension Laggards.Group {
    var isToReplay: Bool { course == .toReplay }
}
