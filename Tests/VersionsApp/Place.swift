import Hindsight

/// The same view in its second version, with a row for each event.
struct Place: ViewRow {
    typealias Key = Int64

    var position: Int64 = 0

    static let position = Column<Self, Int64>("position", get: { $0.position }, set: { $0.position = $1 })
    static let table = ViewTable(name: "tally", key: position, columns: [])

    static let projection = ViewProjection(Self.self, version: 2)
        .on(Counted.self, key: { $1.position }) { row, _, context in
            row = Place(position: context.position)
        }
}
