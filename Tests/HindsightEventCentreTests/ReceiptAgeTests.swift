#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightJetStream
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 receipts that have an age", .timeLimit(.minutes(3)))
    struct ReceiptAgeTests {
        private static func run(_ fixture: CentreFixture, _ script: String) async throws {
            try await fixture.pool.withSession { session in try session.script(script) }
        }

        /// Makes all that is stored of commands as old as this.
        private static func age(_ fixture: CentreFixture, by interval: String) async throws {
            try await run(
                fixture,
                """
                update hindsight.receipts set taken_at = taken_at - interval '\(interval)',
                    ended_at = ended_at - interval '\(interval)'
                """)
        }

        private static func count(_ fixture: CentreFixture, _ condition: String = "true") async throws -> Int {
            try await fixture.pool.withSession { session in
                try session.query("select count(*) from hindsight.receipts where \(sql: SQL(unsafeSQL: condition))")[0]
                    .decode(0, as: Int.self)
            }
        }

        private static func remover(_ fixture: CentreFixture, _ commands: CommandRegistry = Bank.commands())
            -> EventCentre
        {
            fixture.node(commands) { $0.receiptRetention = .seconds(30 * 86_400) }
        }

        /// Receipts without commands: so many of this name and age. Those of tasks have ids of version 8.
        private static func insert(_ count: Int, _ name: String, age: String, version: Int = 4) -> String {
            """
            insert into hindsight.receipts (log, command, name, content, taken_at, receipt, ended_at)
            select l.id, overlay(gen_random_uuid()::text placing '\(version)' from 15)::uuid, '\(name)', sha256('x'),
                now() - interval '\(age)', '{}', now() - interval '\(age)'
            from hindsight.log_identity l, generate_series(1, \(count));
            """
        }

        @Test("R6 what ended before the age is removed, in batches, and so is what was never decided; the rest stays")
        func removed() async throws {
            try await CentreFixture.with { fixture in
                try await Self.run(
                    fixture,
                    Self.insert(1_300, "old", age: "31 days") + Self.insert(3, "young", age: "29 days")
                        + Self.insert(2, "task", age: "99 days", version: 8) + Self.insert(1, "open", age: "31 days")
                        + Self.insert(1, "decided", age: "31 days")
                            + """
                            update hindsight.receipts set receipt = null, ended_at = null where name in ('open', 'decided');
                            update hindsight.receipts set decision = '{"of": "another program"}', decided_at = now()
                            where name = 'decided';
                            insert into hindsight.receipts select gen_random_uuid(), r.command, 'of another log', r.content, r.taken_at
                            from hindsight.receipts r where r.name = 'young';
                            update hindsight.receipts set taken_at = '2020-01-01' where name = 'of another log'
                            """)
                try await fixture.serving([Self.remover(fixture), Self.remover(fixture), fixture.node()]) {
                    try await eventually("they are removed") {
                        try await Self.count(fixture, "name in ('old', 'open')") == 0
                    }
                    try await fixture.eventuallyListening()
                }
                #expect(try await Self.count(fixture) == 3 + 2 + 1 + 3)
            }
        }

        @Test("R6 without an age receipts stay for ever")
        func kept() async throws {
            try await CentreFixture.with { fixture in
                try await Self.run(fixture, Self.insert(5, "old", age: "100 years"))
                try await fixture.serving { try await fixture.eventuallyListening() }
                #expect(try await Self.count(fixture) == 5)
            }
        }

        @Test("R6 what somebody has locked is passed over, and one removes at a time")
        func locked() async throws {
            try await CentreFixture.with { fixture in
                try await Self.run(
                    fixture, Self.insert(4, "old", age: "31 days") + Self.insert(1, "locked", age: "31 days"))
                let remove: SQL = """
                    select hindsight.remove_receipts((select id from hindsight.log_identity), interval '30 days', 2)
                    """
                @Sendable func removed(_ session: inout PostgresSession) throws -> Int {
                    try session.query(remove)[0].decode(0, as: Int.self)
                }
                let connection = try await PostgresConnection.connect(
                    fixture.pool.configuration, logger: CentreFixture.logger)
                // As a node does that is at it.
                let key: SQL =
                    "hashtextextended('hindsight.remove_receipts ' || (select id from hindsight.log_identity), 0)"
                try await connection.withSession {
                    try $0.execute("select pg_advisory_lock(\(sql: key)), pg_advisory_lock(7)")
                }
                // As long as that connection is there.
                async let locker: Void = fixture.pool.withTransaction { session in
                    try session.execute("select from hindsight.receipts where name = 'locked' for update")
                    try session.execute("select pg_advisory_xact_lock(7)")
                }
                try await eventually("the receipt is locked") {
                    try await fixture.pool.withSession { session in
                        try session.query("select count(*) from pg_locks where locktype = 'advisory' and not granted")[
                            0
                        ]
                        .decode(0, as: Int.self) == 1
                    }
                }
                #expect(try await fixture.pool.withSession { try removed(&$0) } == 0)
                try await connection.withSession { try $0.execute("select pg_advisory_unlock(\(sql: key))") }
                for count in [2, 2, 0] {
                    #expect(try await fixture.pool.withSession { try removed(&$0) } == count)
                }
                await connection.close()
                try await locker
                #expect(try await Self.count(fixture) == 1)
            }
        }

        @Test("R6 receipts are found by their age")
        func indexed() async throws {
            try await CentreFixture.with { fixture in
                let plan = try await fixture.pool.withSession { session in
                    try session.script("set enable_seqscan = off; set enable_bitmapscan = off")
                    return try session.query(
                        """
                        explain (costs off) select o.command from hindsight.receipts o
                        where o.log = '0192f0c1-7d3e-7c11-8f5a-6b1f0c2d3e4f' and o.ended_at < now() and o.receipt is not null
                            and get_byte(uuid_send(o.command), 6) >> 4 <> 8
                        order by o.ended_at limit 500 for update skip locked
                        """
                    ).map { try $0.decode(0, as: String.self) }.joined(separator: "\n")
                }
                #expect(plan.contains("receipts_ended") && !plan.contains("Sort"), "\(plan)")
            }
        }

        @Test(
            "R6 handed in again when its receipt is gone, a command is found by its events", arguments: [true, false])
        func repeated(overJetStream: Bool) async throws {
            try await CentreFixture.with(over: { client in
                guard overJetStream else { return nil }
                let log = JetStreamEventLog(
                    client, stream: NATSTestServer.uniqueName("log"), logger: CentreFixture.logger)
                try await log.prepare()
                return log
            }) { fixture in
                let ids = (0..<4).map { _ in UUID.version7() }
                func submit() async throws -> [CommandReceipt] {
                    [
                        try await fixture.centre.submit(
                            Deposit(account: "1", amount: 5), id: ids[0], expected: .noStream),
                        try await fixture.centre.submit(Deposit(account: "1", amount: 2), id: ids[1]),
                        // Without its own events it would be refused: there is nothing left.
                        try await fixture.centre.submit(
                            Withdraw(account: "1", amount: 7), id: ids[2], expected: .exact(1)),
                    ]
                }
                var before: [CommandReceipt] = []
                try await fixture.serving {
                    before = try await submit()
                    let refused = try await fixture.centre.submit(Withdraw(account: "2", amount: 3), id: ids[3])
                    #expect(refused.status == .refused)
                    _ = try await fixture.centre.submit(Deposit(account: "2", amount: 3))
                }
                try await Self.age(fixture, by: "31 days")
                try await fixture.serving([Self.remover(fixture)]) {
                    try await eventually("the receipts are gone") { try await Self.count(fixture) == 0 }
                    #expect(try await fixture.centre.state(ofCommand: ids[0]).state == .unknown)
                    let after = try await submit()
                    for (old, new) in zip(before, after) {
                        #expect(new.status == .appended && new.events == old.events)
                        #expect(new.position == old.position && new.version == old.version)
                    }
                    #expect(try await fixture.amounts("1") == [5, 2, -7])
                    #expect(
                        try await fixture.centre.submit(Withdraw(account: "2", amount: 3), id: ids[3]).status
                            == .appended)
                    #expect(try await fixture.amounts("2") == [3, -3])
                }
            }
        }

        @Test("R6 what a command without a state has appended is looked for where it says the stream ends, no further")
        func repeatedInALongStream() async throws {
            try await CentreFixture.with { fixture in
                let watched = WatchedLog(fixture.log)
                let fixture = CentreFixture(
                    client: fixture.client, pool: fixture.pool, log: watched, prefix: fixture.prefix)
                let id = UUID.version7()
                @Sendable func submit(_ id: UUID, _ expected: ExpectedVersion) async throws -> CommandReceipt {
                    try await fixture.centre.submit(Deposit(account: "1", amount: 5), id: id, expected: expected)
                }
                var before: CommandReceipt?
                try await fixture.serving {
                    for _ in 0..<3 { _ = try await submit(.version7(), .any) }
                    before = try await submit(id, .exact(2))
                    #expect(before?.status == .appended && before?.version == 3)
                }
                try await fixture.log.append(
                    (0..<500).map { _ in NewEvent(type: Deposited.eventType, data: Array(#"{"amount":1}"#.utf8)) },
                    to: StreamName(category: "account", id: "1"), expected: .exact(3))
                try await Self.age(fixture, by: "31 days")
                try await fixture.serving([Self.remover(fixture)]) {
                    try await eventually("the receipts are gone") { try await Self.count(fixture) == 0 }
                    _ = watched.takeVersionsRead()
                    let after = try await submit(id, .exact(2))
                    #expect(after.status == .appended && after.events == before?.events)
                    #expect(after.version == 3 && after.position == before?.position)
                    let read = watched.takeVersionsRead()
                    #expect(read.first == 3 && read.count <= 100, "\(read)")

                    #expect(try await submit(.version7(), .noStream).status == .conflict)
                    let refused = watched.takeVersionsRead()
                    #expect(refused.first == 0 && refused.count <= 100, "\(refused)")
                    #expect(try await submit(.version7(), .exact(.max)).status == .conflict)
                    #expect(watched.takeVersionsRead().isEmpty)
                }
            }
        }
    }
#endif
