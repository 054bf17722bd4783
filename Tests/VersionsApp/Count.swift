import Hindsight

/// The same view in its second version: it counts, and adds nothing up.
struct Count: ViewRow {
    var id = ""
    var events = 0

    static let table = ViewTable("tally", of: Self(), key: \.id, \.events)

    static let projection = ViewProjection(Self.self, version: 2)
        .on(Counted.self) { count, _, _ in count.events += 1 }
}
