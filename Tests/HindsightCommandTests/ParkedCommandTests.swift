import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("projections parked, retry and heal", .timeLimit(.minutes(5)))
struct ParkedCommandTests {
    private struct Parked: Decodable, Equatable {
        var key: [String]
        var position: Int64
        var type: String?
        var stream: String?
        var error: String
        var events: Int64
        var can_be_retried: Bool
    }

    /// Takes the rows of orders away, as if they had been parked at their first event.
    private func park(_ orders: [String], in fixture: ShopFixture) async throws {
        try await fixture.pool.withSession { session in
            let table: String = try session.query(
                "select view_table from hindsight.projections where name = 'order_summary' and active")[0].decode(0)
            try session.execute(
                """
                with notes as (
                    select '["' || substr(stream, 7) || '"]' as key, position, 'the vault is jammed' as error
                    from hindsight.events where substr(stream, 7) = any (\(orders)))
                select hindsight.park_events(row(o.kind, o.name, o.version, o.partition, o.log)::hindsight.shard,
                    (select array_agg(key order by position) from notes), (select array_agg(position order by position) from notes),
                    (select array_agg(error order by position) from notes),
                    (select array_agg(1::bigint order by position) from notes))
                from hindsight.offsets o where o.kind = 'projection' and o.name = 'order_summary'
                """)
            try session.execute(
                "delete from \(identifier: PostgresIdentifier(schema: "hindsight", table)) where order_id = any (\(orders))"
            )
        }
    }

    @Test("What is parked is shown, with the event and the error, and a retry brings the rows")
    func showsAndRetries() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let whole = try await shop("projections", "export", "order_summary").output
            #expect(
                try await shop("projections", "parked", "order_summary").output
                    == "nothing of order_summary is parked\n")

            let ids = try await fixture.pool.withSession { session in
                try session.query("select order_id from order_summary order by order_id limit 3").map {
                    try $0.decode(0, as: String.self)
                }
            }
            try await park(ids, in: fixture)
            let parked = try await shop("projections", "parked", "order_summary", "--json").json(as: [Parked].self)
            #expect(Set(parked.map(\.key)) == Set(ids.map { [$0] }))
            #expect(parked.allSatisfy { $0.error == "the vault is jammed" && $0.events == 3 && $0.can_be_retried })
            #expect(parked.allSatisfy { $0.stream == "order-\($0.key[0])" && $0.type != nil })
            let text = try await shop("projections", "parked", "order_summary")
            #expect(text.lines.last?.hasSuffix("the vault is jammed") == true, "\(text.output)")
            let list = try await shop("projections", "list")
            #expect(list.lines[0].contains("parked"), "\(list.output)")
            let proof = try await shop("projections", "verify", "order_summary")
            #expect(proof.status == .exited(0))
            #expect(
                proof.output.contains("3 rows lack events: `shop projections parked order_summary`"), "\(proof.output)")

            let one = try await shop("projections", "retry", "order_summary", "--key", ids[0])
            #expect(one.output == "order_summary: 1 key has all events now\n")
            let healed = try await shop("projections", "heal", "order_summary", "--key", ids[1])
            #expect(
                healed.output.hasPrefix("order_summary: the row of key \(ids[1]) was folded anew"), "\(healed.output)")
            let again = try await shop("projections", "retry", "order_summary", "--key", ids[0])
            #expect(again.status == .exited(1))
            #expect(again.error.contains("is not parked"), "\(again.error)")
            #expect(try await shop("projections", "retry", "order_summary").status == .exited(0))
            #expect(try await shop("projections", "export", "order_summary").output == whole)
            #expect(
                try await shop("projections", "retry", "order_summary").output == "nothing of order_summary is parked\n"
            )
        }
    }
}
