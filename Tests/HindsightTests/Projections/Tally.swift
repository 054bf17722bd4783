import Hindsight
import HindsightProjections

/// A row that counts.
struct Tally: ViewRow, Hashable {
    typealias Key = String
    var id = ""
    var count = 0

    init() {}

    init(_ id: String, _ count: Int) {
        (self.id, self.count) = (id, count)
    }

    static let id = Column<Self, String>("id", get: { $0.id }, set: { $0.id = $1 })
    static let count = Column<Self, Int>("count", get: { $0.count }, set: { $0.count = $1 })
    static let table = ViewTable(name: "tally", key: id, columns: [count])
}
