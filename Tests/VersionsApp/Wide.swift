import Hindsight

/// A row that no terminal of 80 columns has room for on one line.
struct Wide: ViewRow {
    typealias Key = String

    var id = ""
    var first = "a rather long text that fills forty columns"
    var second = "another long text that fills as many columns"
    var nothing: String?

    static let id = Column<Self, String>("id", get: { $0.id }, set: { $0.id = $1 })
    static let first = Column<Self, String>("first", get: { $0.first }, set: { $0.first = $1 })
    static let second = Column<Self, String>("second", get: { $0.second }, set: { $0.second = $1 })
    static let nothing = Column<Self, String?>("nothing", get: { $0.nothing }, set: { $0.nothing = $1 })
    static let table = ViewTable(name: "wide", key: id, columns: [first, second, nothing])

    static let projection = ViewProjection(Self.self, version: 1)
        .on(Counted.self, key: { $1.stream.id }) { row, _, context in
            row = Wide(id: context.stream.id)
        }
}
