#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightPostgres
    import HindsightProjections
    import HindsightValues
    import Testing

    @Suite("R6 queries", .timeLimit(.minutes(3)))
    struct QueryTests {
        struct Row: Codable, Hashable, Sendable {
            var id: String
            var balance: Int
            var note: String?
        }

        @Test("R6 a query is answered from the read model, no older than a receipt; columns, order and limit hold")
        func rows() async throws {
            try await CentreFixture.with { fixture in
                let engine = Task { try await ProjectionEngine(fixture.context).run() }
                try await fixture.serving {
                    var last: CommandReceipt?
                    for number in 1...5 {
                        last = try await fixture.centre.submit(Deposit(account: "\(number)", amount: number * 10))
                    }
                    var query = CentreQuery()
                    query.atLeast = try #require(last?.position)
                    query.timeout = .seconds(30)
                    // Until the engine shows the view, it is not there.
                    var found: CentreRows<Row>?
                    try await eventually("the view is shown") {
                        do {
                            found = try await fixture.centre.rows("account", query, as: Row.self)
                            return true
                        } catch let error as EventCentreError where error.code == .notShown || error.code == .notFresh {
                            return false
                        }
                    }
                    let all = try #require(found)
                    #expect(all.position >= query.atLeast)
                    #expect(all.view == "account")
                    #expect(all.rows == (1...5).map { Row(id: "\($0)", balance: $0 * 10) })
                    query.order = ["balance:desc"]
                    query.limit = 2
                    let largest = try await fixture.centre.rows("account", query, as: Row.self)
                    #expect(largest.rows.map(\.id) == ["5", "4"])
                    query.equalities = ["balance": "30"]
                    #expect(try await fixture.centre.rows("account", query, as: Row.self).rows.map(\.id) == ["3"])
                    let text = try await fixture.ask("query.account", #"{"v":1,"where":{"balance":30}}"#)
                    #expect(text.hasSuffix(#""rows":[{"id":"3","balance":30,"note":null}]}"#), "\(text)")
                }
                engine.cancel()
                _ = await engine.result
            }
        }

        @Test("R6 another version is shown while a query waits for the view: the answer says whose rows it has")
        func swapped() async throws {
            try await CentreFixture.with { fixture in
                _ = try await fixture.log.append(
                    try Bank.registry.encode(Deposited(amount: 1)), to: "account-1", expected: .any)
                try await ProjectionEngine(fixture.context).runUntilCaughtUp()
                try await fixture.serving {
                    #expect(try await fixture.ask("query.account", #"{"v":1}"#).contains(#""version":1,"#))
                    // As a swap does, and others that undo what was declared.
                    let renamed = try await Self.locked(fixture, "update hindsight.projections set version = 2") {
                        try await fixture.ask("query.account", #"{"v":1}"#)
                    }
                    #expect(renamed.contains(#""version":2,"#), "\(renamed)")
                    #expect(renamed.contains(#""rows":[{"id":"1""#), "\(renamed)")
                    let change = "drop view account; create view account as select 1 as id"
                    let broken = try await Self.locked(fixture, change) {
                        try await fixture.ask("query.account", #"{"v":1}"#)
                    }
                    #expect(broken.contains(#""code":"notShown""#), "\(broken)")
                }
            }
        }

        /// Locks the view as a swap does, changes it once a body waits for it, and returns what the body has got.
        private static func locked(
            _ fixture: CentreFixture, _ change: String, _ body: @escaping @Sendable () async throws -> String
        ) async throws -> String {
            let key: Int64 = 3_141_592
            let holder = try await PostgresConnection.connect(fixture.pool.configuration, logger: CentreFixture.logger)
            do {
                try await holder.withSession { session in try session.execute("select pg_advisory_lock(\(key))") }
                async let swap: Void = fixture.pool.withSession { session in
                    try session.script(
                        """
                        begin; lock table account in access exclusive mode; select pg_advisory_xact_lock(\(key)); \(change); commit
                        """)
                }
                try await eventually("the view is locked") { try await isWaitedFor(fixture, "ExclusiveLock") }
                async let answer = body()
                try await eventually("the query waits") { try await isWaitedFor(fixture, "AccessShareLock") }
                await holder.close()
                try await swap
                return try await answer
            } catch {
                await holder.close()
                throw error
            }
        }

        private static func isWaitedFor(_ fixture: CentreFixture, _ mode: String) async throws -> Bool {
            try await fixture.pool.withSession { session in
                try !session.query(
                    """
                    select from pg_locks l join pg_database d on d.oid = l.database
                    where not granted and mode = \(mode) and datname = current_database()
                    """
                ).isEmpty
            }
        }

        @Test("R6 a view that does not come to the position in time is an error that says so, and may be asked again")
        func notFresh() async throws {
            try await CentreFixture.with { fixture in
                _ = try await fixture.log.append(
                    try Bank.registry.encode(Deposited(amount: 1)), to: "account-1", expected: .any)
                try await ProjectionEngine(fixture.context).runUntilCaughtUp()
                try await fixture.serving {
                    let answer = try await fixture.ask("query.account", #"{"v":1,"at_least":1000,"timeout_ms":50}"#)
                    #expect(answer.contains(#""code":"notFresh""#), "\(answer)")
                    #expect(answer.contains(#""retriable":true"#))
                }
            }
        }
    }
#endif
