import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Subprocess
import Testing

@Suite("Killing a rebuild", .serialized, .timeLimit(.minutes(6)))
struct RebuildCrashTests {
    private static let rebuild =
        ["projections", "rebuild"] + ShopFixture.views + ["--parallel", "2", "--throttle", "6000"]

    @Test("Thirty kills at random moments, under concurrent appends, leave nothing half done, and it goes on")
    func killed() async throws {
        try await ShopFixture.with { fixture in
            try await fixture.expectSuccess("simulate", "--orders", "2500", "--seed", "1")
            try await fixture.expectSuccess("run", "--until-caught-up")
            var random = SeededGenerator(seed: 2_026)
            var checkpoints: [String: Int64] = [:]
            var (kills, resumptions, number) = (0, 0, 1)
            while kills < 30 {
                number += 1
                // Orders come in while the rebuild works.
                let seed = "\(number)"
                async let orders: Void = fixture.expectSuccess("simulate", "--orders", "20", "--seed", seed)
                let before = try await fixture.epochs()
                let delay = Duration.milliseconds(Int.random(in: 0...700, using: &random))
                let last = checkpoints
                let isLong = number.isMultiple(of: 10)
                let outcome = try await fixture.shop.killed(Self.rebuild) {
                    // Random moments are what this test is about; those before it has begun would prove little.
                    try await fixture.until { try await fixture.epochs() >= before + 4 }
                    if isLong {
                        // Now and then long enough that something is made durable, or all is done.
                        try await fixture.until {
                            let reached = try await fixture.checkpoints()
                            return reached.count < 4 || reached.values.reduce(0, +) > last.values.reduce(0, +)
                        }
                    } else {
                        try await Task.sleep(for: delay)
                    }
                }
                #expect([.signaled(9), .exited(0)].contains(outcome.status), "\(outcome.error)")
                if outcome.status == .signaled(9) { kills += 1 }
                let reached = try await fixture.checkpoints()
                for (rebuild, checkpoint) in checkpoints where checkpoint > 0 {
                    guard let now = reached[rebuild] else { continue }
                    #expect(now >= checkpoint, "\(rebuild) began again")
                    resumptions += 1
                }
                checkpoints = reached
                for view in ShopFixture.views {
                    try await fixture.expectRecount(view, through: try await fixture.position(of: view))
                }
                try await orders
            }
            #expect(resumptions > 0, "no kill came after a checkpoint")
            try await fixture.expectSuccess(
                "projections", "rebuild", "customer_value", "order_summary", "daily_revenue")
            try await fixture.expectSuccess("projections", "rebuild", "product_sales", "--json")
            for view in ShopFixture.views { try await fixture.expectRecount(view) }
            let counts = try await fixture.pool.withSession { session in
                try session.query(
                    """
                    select applied, (select count(*) from hindsight.events) from hindsight.offsets where kind = 'projection'
                    """
                ).map { (try $0.decode(0, as: Int.self), try $0.decode(1, as: Int.self)) }
            }
            #expect(counts.count == 4)
            for (applied, events) in counts { #expect(applied == events) }
            let left: Int = try await fixture.pool.withSession { session in
                try session.query("select count(*) from hindsight.rebuilds")[0].decode(0)
            }
            #expect(left == 0)
        }
    }
}

extension ShopFixture {
    /// How often rebuilds were begun or gone on with.
    fileprivate func epochs() async throws -> Int {
        try await pool.withSession { session in
            try session.query("select coalesce(sum(epoch), 0)::bigint from hindsight.offsets where kind = 'rebuild'")[0]
                .decode(0)
        }
    }

    /// Where each rebuild would go on now, by its name and when it was begun.
    fileprivate func checkpoints() async throws -> [String: Int64] {
        try await pool.withSession { session in
            let rows = try session.query(
                """
                select concat(name, ' begun ', r.started_at), o.position
                from hindsight.offsets o join hindsight.rebuilds r using (name, version) where o.kind = 'rebuild'
                """)
            return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(0), try $0.decode(1)) })
        }
    }

    /// How far a view's rows are, as its offset says.
    fileprivate func position(of view: String) async throws -> Int64 {
        try await pool.withSession { session in
            try session.query(
                "select position from hindsight.offsets where kind = 'projection' and name = \(view)")[0].decode(0)
        }
    }

    /// Waits until a condition holds that a process brings about.
    fileprivate func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() {
            try Task.checkCancellation()
            // Only a pause between two looks.
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
