import Hindsight

/// What each stream adds up to: thousands of rows.
struct Tally: ViewRow, Hashable {
    var id = ""
    var entries = 0
    var sum = 0
    var lastPosition: Int64 = 0

    static let table = ViewTable("tally", of: Self(), key: \.id, \.entries, \.sum, \.lastPosition)

    static func projection(_ moments: Moments) -> ViewProjection<Tally> {
        ViewProjection(Tally.self, version: 1)
            .on(Bumped.self, key: { $1.stream.rawValue }) { row, event, context in
                moments.linger(in: .fold)
                row.entries += 1
                row.sum += event.amount
                row.lastPosition = context.position
            }
    }

    static let recount = """
        select e.stream as id, count(*) as entries, sum((e.data ->> 'amount')::bigint)::bigint as sum,
            max(e.position) as last_position
        from hindsight.events e where e.type = 'Bumped' group by e.stream
        """
}
