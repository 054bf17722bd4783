import Hindsight

/// The sum of a stream's numbers.
struct Sum: ViewRow {
    typealias Key = String

    var id = ""
    var sum = 0

    static let id = Column<Self, String>("id", get: { $0.id }, set: { $0.id = $1 })
    static let sum = Column<Self, Int>("sum", get: { $0.sum }, set: { $0.sum = $1 })
    static let table = ViewTable(name: "tally", key: id, columns: [sum])

    static func projection(version: Int, factor: Int) -> ViewProjection<Self> {
        ViewProjection(Self.self, version: version)
            .on(Counted.self, key: { $1.stream.id }) { row, event, context in
                row = Sum(id: context.stream.id, sum: (row?.sum ?? 0) + event.number * factor)
            }
    }
}
