import Hindsight

/// The same view in its second version, with a row for each event.
struct Place: ViewRow {
    var position: Int64 = 0

    static let table = ViewTable("tally", of: Self(), key: \.position)

    static let projection = ViewProjection(Self.self, version: 2)
        .on(Counted.self, key: { $1.position }) { _, _, _ in }
}
