import Hindsight
import HindsightPostgres
import Subprocess
import Testing

/// The shop's views, and what they should have.
extension ShopFixture {
    static var views: [String] { recounts.keys.sorted() }

    /// The shop's views in SQL. The columns stand in declared order.
    private static let recounts = [
        "order_summary": """
        select substr(stream, 7), (array_agg(coalesce(data ->> 'customer', '') order by position))[1],
            (array_agg(data ->> 'country' order by position))[1], count(*), sum((data ->> 'quantity')::bigint)::bigint,
            sum((data ->> 'quantity')::bigint * (data ->> 'unitPrice')::numeric), min(occurred_at), max(occurred_at)
        from hindsight.events group by stream
        """,
        "customer_value": """
        select data ->> 'customer', count(*) filter (where version = 0), count(*),
            sum((data ->> 'quantity')::bigint * (data ->> 'unitPrice')::numeric),
            (array_agg(occurred_at order by position))[1], (array_agg(occurred_at order by position desc))[1]
        from hindsight.events where data ->> 'customer' <> '' group by 1
        """,
        "product_sales": """
        select data ->> 'sku', count(*), sum((data ->> 'quantity')::bigint)::bigint,
            sum((data ->> 'quantity')::bigint * (data ->> 'unitPrice')::numeric),
            coalesce((array_agg(data ->> 'description' order by position desc)
                filter (where data ->> 'description' <> ''))[1], '')
        from hindsight.events group by 1
        """,
        "daily_revenue": """
        select (occurred_at at time zone 'UTC')::date, data ->> 'country', count(*) filter (where version = 0), count(*),
            sum((data ->> 'quantity')::bigint * (data ->> 'unitPrice')::numeric)
        from hindsight.events group by 1, 2
        """,
    ]

    /// Runs a command that has to succeed.
    func expectSuccess(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await shop.run(arguments)
        #expect(outcome.status == .exited(0), "\(outcome.error)", sourceLocation: sourceLocation)
    }

    /// A view has exactly the rows of a recount over the events up to a position.
    func expectRecount(
        _ view: String, through position: Int64 = .max, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let recount = try #require(Self.recounts[view], sourceLocation: sourceLocation).replacing(
            "from hindsight.events", with: "from (select * from hindsight.events where position <= \(position)) events")
        let differences: Int = try await pool.withSession { session in
            try session.query(
                """
                with recount as (\(unsafeSQL: recount)),
                    missing as (select * from recount except all select * from \(unsafeSQL: view)),
                    wrong as (select * from \(unsafeSQL: view) except all select * from recount)
                select (select count(*) from missing) + (select count(*) from wrong)
                """)[0].decode(0)
        }
        #expect(
            differences == 0, "\(view) differs from the recount in \(differences) rows", sourceLocation: sourceLocation)
    }
}
