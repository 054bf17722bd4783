import Hindsight

/// The sum of a stream's numbers.
struct Sum: ViewRow {
    var id = ""
    var sum = 0

    static let table = ViewTable("tally", of: Self(), key: \.id, \.sum)

    static func projection(version: Int, factor: Int) -> ViewProjection<Self> {
        ViewProjection(Self.self, version: version)
            .on(Counted.self) { sum, event, _ in sum.sum += event.number * factor }
    }
}
