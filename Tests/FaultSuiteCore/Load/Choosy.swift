import Hindsight

/// A view that one of two builds can fold: a deployment mends it.
struct Choosy: ViewRow, Hashable {
    var id = ""
    var events = 0

    static let table = ViewTable("choosy", of: Self(), key: \.id, \.events)

    /// What the build that cannot fold an event says of it.
    struct Refusal: Error, CustomStringConvertible {
        let description = "only the mended build can fold this event"
    }

    static func projection(_ build: Build) -> ViewProjection<Choosy> {
        ViewProjection(Choosy.self, version: 1)
            .on(Amended.self, key: { $1.stream.rawValue }) { row, _, _ in
                switch build {
                case .mended: row.events += 1
                case .broken: throw Refusal()
                }
            }
    }

    static let recount = """
        select e.stream as id, count(*) as events from hindsight.events e where e.type = 'Amended' group by e.stream
        """
}
