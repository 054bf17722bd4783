import Hindsight

/// A row that no terminal of 80 columns has room for on one line.
struct Wide: ViewRow {
    var id = ""
    var first = "a rather long text that fills forty columns"
    var second = "another long text that fills as many columns"
    var nothing: String?

    static let table = ViewTable("wide", of: Self(), key: \.id, \.first, \.second, \.nothing)

    static let projection = ViewProjection(Self.self, version: 1)
        .on(Counted.self) { _, _, _ in }
}
