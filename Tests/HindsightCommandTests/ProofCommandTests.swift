import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("projections verify", .timeLimit(.minutes(5)))
struct ProofCommandTests {
    private struct Proof: Decodable, Equatable {
        var name: String
        var version: Int
        var proof: String
        var offset: Int64
        var events_applied: Int64
        var events_in_log: Int64?
        var remedy: String?
    }

    @Test func saysWhatWasApplied() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            let before = try await shop("projections", "verify", "product_sales")
            #expect(before.status == .exited(0))
            #expect(before.output.contains("it was never run: `shop run`"), "\(before.output)")

            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let all = try await shop("projections", "verify", "--json")
            #expect(all.status == .exited(0))
            let proofs = try all.json(as: [Proof].self)
            #expect(proofs.map(\.name) == ["order_summary", "customer_value", "product_sales", "daily_revenue"])
            #expect(proofs.allSatisfy { $0.proof == "proven" && $0.offset == 30 && $0.remedy == nil })
            #expect(proofs.allSatisfy { $0.events_applied == 30 && $0.events_in_log == 30 })
            #expect(try await shop("projections", "verify", "nothing").status == .exited(1))

            try await fixture.pool.withSession { session in
                try session.script(
                    """
                    update hindsight.offsets set applied = applied - 1 where name = 'daily_revenue';
                    update hindsight.offsets set position_sum = position_sum + 1 where name = 'customer_value';
                    update hindsight.offsets set summed_through = 7 where name = 'order_summary';
                    """)
            }
            let some = try await shop("projections", "verify")
            #expect(some.status == .exited(1))
            let rows = some.lines.map { $0.split(separator: " ").joined(separator: " ") }
            #expect(rows[0] == "name version proof offset applied in the log what to do")
            #expect(
                rows.dropFirst(2) == [
                    """
                    order_summary 1 unknown 30 30 a program of the release before has moved it: \
                    `shop projections rebuild order_summary`
                    """,
                    "customer_value 1 differs 30 30 30 `shop projections rebuild customer_value`",
                    "product_sales 1 proven 30 30 30",
                    "daily_revenue 1 differs 30 29 30 `shop projections rebuild daily_revenue`",
                ])
            #expect(
                some.error.contains(
                    """
                    projection "daily_revenue" version 1 has applied 29 events up to position 30, and the log holds 30 there: run \
                    `shop projections rebuild daily_revenue`
                    """), "\(some.error)")
            #expect(some.error.contains("the log holds others"))
            #expect(try await shop("projections", "verify", "order_summary").status == .exited(0))
        }
    }

    @Test("--rows compares what is shown with a fold from nothing")
    func comparesRows() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let equal = try await shop("projections", "verify", "--rows")
            #expect(equal.status == .exited(0), "\(equal.error)")
            #expect(
                equal.lines.count == 4 && equal.lines.allSatisfy { $0.contains("rows equal, 0 changed") },
                "\(equal.output)")
            try await fixture.pool.withSession { session in
                let table: String = try session.query(
                    "select view_table from hindsight.projections where name = 'order_summary' and active")[0].decode(0)
                try session.execute(
                    "update \(identifier: PostgresIdentifier(schema: "hindsight", table)) set total = total + 1")
            }
            let changed = try await shop("projections", "verify", "--rows", "order_summary")
            #expect(changed.status == .exited(1))
            #expect(changed.output.contains("0 rows equal, 10 changed"), "\(changed.output)")
            #expect(
                changed.error.contains("`shop projections rebuild order_summary` folds them anew"), "\(changed.error)")
            #expect(try await shop("projections", "verify", "order_summary", "--recount").status == .exited(0))
        }
    }
}
