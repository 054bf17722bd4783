import Hindsight
import HindsightProjections

/// A row that counts.
struct Tally: ViewRow, Hashable {
    var id = ""
    var count = 0

    init() {}

    init(_ id: String, _ count: Int) {
        (self.id, self.count) = (id, count)
    }

    static let table = ViewTable("tally", of: Self(), key: \.id, \.count)
}
