import Hindsight

/// The same view in its second version: it counts, and adds nothing up.
struct Count: ViewRow {
    typealias Key = String

    var id = ""
    var events = 0

    static let id = Column<Self, String>("id", get: { $0.id }, set: { $0.id = $1 })
    static let events = Column<Self, Int>("events", get: { $0.events }, set: { $0.events = $1 })
    static let table = ViewTable(name: "tally", key: id, columns: [events])

    static let projection = ViewProjection(Self.self, version: 2)
        .on(Counted.self, key: { $1.stream.id }) { row, _, context in
            row = Count(id: context.stream.id, events: (row?.events ?? 0) + 1)
        }
}
