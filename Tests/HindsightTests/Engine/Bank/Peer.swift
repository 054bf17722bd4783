import Hindsight
import HindsightPostgres

/// What each account sent and received: one event concerns two rows, one, or none.
struct Peer: ViewRow, Hashable {

    var id = ""
    var sent = 0
    var received = 0

    static let table = ViewTable("peer", of: Self(), key: \.id, \.sent, \.received)

    /// - Parameter hook: called before each row is folded, with the row's key.
    static func projection(
        before hook: @escaping @Sendable (String, Bank.Transferred) throws -> Void = { _, _ in }
    ) -> ViewProjection<Peer> {
        ViewProjection(Peer.self, version: 1)
            .onEachOptional(Bank.Transferred.self, keys: keys) { row, key, event, context in
                try hook(key, event)
                var peer = row ?? Peer(id: key)
                if key == context.stream.id { peer.sent += event.amount }
                if key == event.to { peer.received += event.amount }
                row = peer
            }
    }

    private static func keys(_ event: Bank.Transferred, _ context: RecordedEvent) -> [String] {
        if event.to.isEmpty { return [] }
        return event.to == context.stream.id ? [event.to] : [context.stream.id, event.to]
    }

    static let recount = """
        select id, sum(sent)::bigint as sent, sum(received)::bigint as received from (
            select substr(e.stream, 9) as id, (e.data ->> 'amount')::bigint as sent, 0 as received
            from hindsight.events e where e.type = 'Transferred' and e.data ->> 'to' <> ''
            union all
            select e.data ->> 'to', 0, (e.data ->> 'amount')::bigint
            from hindsight.events e where e.type = 'Transferred' and e.data ->> 'to' <> '') t
        group by id
        """
}
