import Hindsight

/// How often each account was used: a second view whose key is the stream's id.
struct Visits: ViewRow, Hashable {
    var id = ""
    var count = 0

    static let table = ViewTable("visits", of: Self(), key: \.id, \.count)

    static func byStream() -> ViewProjection<Visits> {
        ViewProjection(Visits.self, version: 1).on(Bank.Deposited.self) { row, _, _ in row.count += 1 }
    }
}
