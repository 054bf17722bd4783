#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightPostgres
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 commands whose node has died", .timeLimit(.minutes(3)))
    struct AbandonedCommandTests {
        /// What there is of commands: for each, whether there is a decision, and the receipt's status.
        private static func rows(_ fixture: CentreFixture) async throws -> [String] {
            try await fixture.pool.withSession { session in
                try session.query(
                    "select coalesce(receipt ->> 'status', case when decision is null then 'open' else 'decided' end) from hindsight.receipts"
                ).map { try $0.decode(0, as: String.self) }.sorted()
            }
        }

        private static func sweeping(_ fixture: CentreFixture) -> EventCentre {
            fixture.node { $0.abandonedAfter = .milliseconds(200) }
        }

        /// Leaves commands behind that were decided, and appended unless the log was in the way, and have no receipt.
        private static func abandon(_ fixture: CentreFixture, _ accounts: [String], isAppended: Bool) async throws {
            try await fixture.serving {
                try await InterruptedCommandTests.refusing(InterruptedCommandTests.afterAppend, fixture.pool) {
                    for account in accounts {
                        let error = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.submit(Withdraw(account: account, amount: 0))
                        }
                        #expect(error?.code == .failed)
                    }
                }
            }
            guard !isAppended else { return }
            // As if the node had died before it appended.
            try await fixture.pool.withSession { session in
                try session.script("set session_replication_role = replica; delete from hindsight.events")
                try session.script("set session_replication_role = default")
            }
        }

        @Test("R6 died between append and receipt: another node finds what was appended, unasked")
        func appended() async throws {
            try await CentreFixture.with { fixture in
                let accounts = (0..<40).map { "\($0)" }
                try await Self.abandon(fixture, accounts, isAppended: true)
                #expect(try await Self.rows(fixture) == Array(repeating: "decided", count: 40))
                try await fixture.serving([Self.sweeping(fixture), Self.sweeping(fixture), Self.sweeping(fixture)]) {
                    try await eventually("all have ended") {
                        try await Self.rows(fixture) == Array(repeating: "appended", count: 40)
                    }
                }
                for account in accounts { #expect(try await fixture.amounts(account) == [0]) }
            }
        }

        @Test("R6 died before the append: another node appends what was decided, as it was decided")
        func decided() async throws {
            try await CentreFixture.with { fixture in
                try await Self.abandon(fixture, ["1"], isAppended: false)
                #expect(try await fixture.amounts("1").isEmpty)
                try await fixture.serving([Self.sweeping(fixture)]) {
                    try await eventually("it has ended") { try await Self.rows(fixture) == ["appended"] }
                }
                #expect(try await fixture.amounts("1") == [0])
            }
        }

        @Test("R6 died before the append, and the stream has gone on: nothing is decided anew")
        func overtaken() async throws {
            try await CentreFixture.with { fixture in
                let id = UUID.version7()
                try await fixture.serving {
                    try await InterruptedCommandTests.refusing(InterruptedCommandTests.afterAppend, fixture.pool) {
                        _ = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id)
                        }
                    }
                    try await fixture.pool.withSession { session in
                        try session.script("set session_replication_role = replica; delete from hindsight.events")
                        try session.script("set session_replication_role = default")
                    }
                    _ = try await fixture.centre.submit(Deposit(account: "1", amount: 7))
                }
                try await fixture.serving([Self.sweeping(fixture)]) {
                    try await eventually("it is withdrawn") { try await Self.rows(fixture) == ["appended", "open"] }
                    #expect(try await fixture.amounts("1") == [7])
                    #expect(try await fixture.centre.state(ofCommand: id).state == .open)
                    let receipt = try await fixture.centre.submit(Withdraw(account: "1", amount: 0), id: id)
                    #expect(receipt.version == 1)
                    #expect(try await fixture.amounts("1") == [7, 0])
                }
            }
        }

        @Test("R6 one that cannot be ended keeps no other from its end")
        func unreadable() async throws {
            try await CentreFixture.with { fixture in
                try await Self.abandon(fixture, ["1", "2", "3"], isAppended: true)
                try await fixture.pool.withSession { session in
                    // As a program of another version may have noted it.
                    try session.script(
                        """
                        update hindsight.receipts set decision = '{"of": "another program"}'
                        where decided_at = (select min(decided_at) from hindsight.receipts)
                        """)
                }
                try await fixture.serving([Self.sweeping(fixture)]) {
                    try await eventually("the others have ended") {
                        try await Self.rows(fixture) == ["appended", "appended", "decided"]
                    }
                }
            }
        }
    }
#endif
