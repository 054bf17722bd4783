#if NATS
    import Hindsight
    import HindsightPostgres
    import HindsightTestSupport
    import Subprocess
    import Testing

    @Suite("projections move", .timeLimit(.minutes(5)))
    struct MoveTests {
        private static let views = ["order_summary", "customer_value", "product_sales", "daily_revenue"]

        private struct Move: Decodable {
            struct Shard: Decodable {
                var name: String
                var before: Int64
                var position: Int64
                var provable: Bool
            }

            var moved: [Shard]
        }

        private static func run(_ shop: ShopProcess, _ arguments: String...) async throws {
            let outcome = try await shop.run(arguments)
            #expect(outcome.status == .exited(0), "\(arguments): \(outcome.error)")
        }

        /// Has the positions of the log in PostgreSQL jump, as after an append that was rolled back.
        private static func leaveHole(_ fixture: ShopFixture) async throws {
            struct Abandoned: Error {}
            await #expect(throws: Abandoned.self) {
                try await fixture.log.withTransaction { session in
                    try fixture.log.append(
                        [NewEvent(type: "Noted", data: Array("{}".utf8))], to: "note-1", in: &session)
                    throw Abandoned()
                }
            }
        }

        @Test func takesTheViewsToTheCopyAndBackWithoutFillingThem() async throws {
            let target = try await MirrorTests.Target.inOwnStream()
            try await ShopFixture.with { fixture in
                let shop = fixture.shop
                try await Self.run(shop, "simulate", "--orders", "20")
                try await Self.leaveHole(fixture)
                try await Self.run(shop, "simulate", "--orders", "40")
                try await Self.run(shop, "run", "--until-caught-up")
                // Behind what the views have, so that each offset is in the middle of the copy.
                try await Self.run(shop, "simulate", "--orders", "20", "--seed", "2")
                try await Self.run(shop, "events", "mirror", "--to", target.address)
                // It would not outlive a view that is filled anew.
                let mark = try await fixture.pool.withSession { session in
                    try session.execute("update public.order_summary set country = 'Nowhere' where order_id = 's1-1'")
                    return try session.query("select order_id from public.order_summary where country = 'Nowhere'")
                        .count
                }
                #expect(mark == 1)
                try await Self.run(shop, "projections", "pause", "daily_revenue")

                let astray = try await shop("run", "--until-caught-up", "--log", target.address)
                #expect(astray.status == .exited(1), "\(astray.output)")
                let trial = try await shop("projections", "move", "--dry-run", "--log", target.address)
                #expect(trial.status == .exited(0) && trial.error.contains("nothing was changed"), "\(trial.error)")
                let moved = try await shop("projections", "move", "--json", "--log", target.address)
                #expect(moved.status == .exited(0), "\(moved.error)")
                let shards = try moved.json(as: Move.self).moved
                #expect(shards.map(\.name).sorted() == Self.views.sorted())
                #expect(shards.allSatisfy { $0.position > 0 && $0.position < $0.before && $0.provable })
                #expect(try await shop("projections", "list", "--log", target.address).output.contains("paused"))
                try await Self.run(shop, "projections", "resume", "daily_revenue", "--log", target.address)
                // New events are appended to the copy now, which is the log.
                try await Self.run(shop, "simulate", "--orders", "10", "--seed", "3", "--log", target.address)
                try await Self.run(shop, "run", "--until-caught-up", "--log", target.address)
                #expect(try await shop("run", "--until-caught-up").status == .exited(1))
                let counted = try await shop("projections", "verify", "--recount", "--log", target.address)
                #expect(counted.status == .exited(0), "\(counted.error)\(counted.output)")

                // And back, with what has come.
                try await Self.run(shop, "events", "mirror", "--from", target.address)
                let back = try await shop("projections", "move", "--json")
                #expect(back.status == .exited(0), "\(back.error)")
                let returned = try back.json(as: Move.self).moved
                #expect(returned.count == Self.views.count)
                #expect(returned.allSatisfy { $0.position > $0.before && $0.provable })
                #expect(try await shop("projections", "verify", "--recount").status == .exited(0))
                try await Self.run(shop, "simulate", "--orders", "10", "--seed", "4")
                try await Self.run(shop, "run", "--until-caught-up")
                let kept = try await fixture.pool.withSession { session in
                    try session.query("select order_id from public.order_summary where country = 'Nowhere'").count
                }
                #expect(kept == 1)
                try await fixture.pool.withSession { session in
                    try session.execute(
                        """
                        update public.order_summary set country = (
                            select data ->> 'country' from hindsight.events where stream = 'order-s1-1' order by position limit 1)
                        where order_id = 's1-1'
                        """)
                }
                for view in Self.views { try await fixture.expectRecount(view) }
            }
        }

        @Test func isRefusedWhereItWouldLoseOrRepeatEvents() async throws {
            let target = try await MirrorTests.Target.inOwnStream()
            try await ShopFixture.with { fixture in
                let shop = fixture.shop
                try await Self.run(shop, "simulate", "--orders", "10")
                let stream = try await shop("projections", "move", "--log", target.address)
                #expect(
                    stream.status == .exited(1) && stream.error.contains("there is no event log"), "\(stream.error)")
                try await Self.run(shop, "database", "migrate", "--log", target.address)
                let empty = try await shop("projections", "move", "--log", target.address)
                #expect(
                    empty.status == .exited(1) && empty.error.contains("is no copy of another log"), "\(empty.error)")
                try await Self.run(shop, "events", "mirror", "--to", target.address)
                // Views that are there, and a log that is ahead of the copy.
                try await Self.run(shop, "run", "--until-caught-up")
                try await Self.run(shop, "simulate", "--orders", "10", "--seed", "2")
                let behind = try await shop("projections", "move", "--log", target.address)
                #expect(behind.status == .exited(1) && behind.error.contains("run `events mirror`"), "\(behind.error)")
                try await Self.run(shop, "events", "mirror", "--to", target.address)

                // While the engine runs.
                let running = try await shop.interrupted(["run"], send: .interrupt) {
                    try await eventually("the engine has its projections") {
                        try await fixture.pool.withSession { session in
                            try session.query("select from hindsight.offsets where owner is not null").count == 4
                        }
                    }
                    let busy = try await shop("projections", "move", "--log", target.address)
                    #expect(
                        busy.status == .exited(1) && busy.error.contains("a process is at work on"), "\(busy.error)")
                }
                #expect(running.status == .exited(0), "\(running.error)")

                // Another event at the same place.
                let anchor = try await fixture.pool.withSession { session in
                    let row = try session.query(
                        "select anchor::text from hindsight.offsets where name = 'order_summary'")[0]
                    try session.execute(
                        "update hindsight.offsets set anchor = gen_random_uuid() where name = 'order_summary'")
                    return try row.decode(0, as: String.self)
                }
                let other = try await shop("projections", "move", "--log", target.address)
                #expect(other.status == .exited(1) && other.error.contains("two events were seen"), "\(other.error)")
                try await fixture.pool.withSession { session in
                    try session.execute(
                        "update hindsight.offsets set anchor = \(anchor)::uuid where name = 'order_summary'")
                }
                // All or none.
                #expect(
                    try await fixture.pool.withSession { session in
                        try session.query("select distinct log from hindsight.offsets").count
                    } == 1)
                try await Self.run(shop, "projections", "move", "--log", target.address)
                let again = try await shop("projections", "move", "--log", target.address)
                #expect(
                    again.status == .exited(0) && again.error.contains("there is nothing to move"), "\(again.error)")
                try await Self.run(shop, "run", "--until-caught-up", "--log", target.address)
            }
        }
    }
#endif
