import Hindsight

/// How often each amount came: a few rows, of which each batch changes all.
struct Spread: ViewRow, Hashable {
    var amount = 0
    var entries = 0
    var positions: Int64 = 0

    static let table = ViewTable("spread", of: Self(), key: \.amount, \.entries, \.positions)

    static let projection = ViewProjection(Spread.self, version: 1)
        .on(Bumped.self, key: { event, _ in event.amount }) { row, _, context in
            row.entries += 1
            row.positions += context.position
        }

    static let recount = """
        select (e.data ->> 'amount')::bigint as amount, count(*) as entries, sum(e.position)::bigint as positions
        from hindsight.events e where e.type = 'Bumped' group by 1
        """
}
