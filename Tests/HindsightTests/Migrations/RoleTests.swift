import Hindsight
import HindsightPostgres
import Testing

@Suite("Roles", .timeLimit(.minutes(2)))
struct RoleTests {
    private func grant(_ function: String, to role: String, _ fixture: LogFixture) async throws {
        try await fixture.pool.withTransaction { session in
            try session.execute("set local search_path = hindsight")
            try session.execute(
                "select \(identifier: PostgresIdentifier(function))(\(PostgresIdentifier(role).quoted)::text::regrole)")
        }
    }

    private func expectDenied(
        _ pool: PostgresPool, _ statement: SQL, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let error = try await #require(throws: PostgresError.self, sourceLocation: sourceLocation) {
            try await pool.withSession { try $0.execute(statement) }
        }
        #expect(error.sqlState == "42501", sourceLocation: sourceLocation)
    }

    private static let changes: [SQL] = [
        """
        insert into hindsight.events (position, version, occurred_at, recorded_at, id, schema_version, stream, type, data)
        values (1000, 0, now(), now(), gen_random_uuid(), 1, 'x-1', 'T', '0')
        """,
        "update hindsight.events set type = 'T'", "delete from hindsight.events", "truncate hindsight.events",
        "select nextval('hindsight.positions')", "select setval('hindsight.positions', 1)",
        "select hindsight.hold_frontier()",
        "select hindsight.grant_append(current_user::regrole)", "insert into hindsight.log_identity default values",
        "select hindsight.set_append_limit('event_bytes', 1)",
        "delete from hindsight.offsets", "create table hindsight.mine (id int)",
    ]

    private func appends(_ log: PostgresEventLog) -> [() async throws -> Void] {
        [
            { _ = try await log.append(LogFixture.event(1), to: "a-1") },
            { _ = try await log.append([LogFixture.event(2), LogFixture.event(3)], to: "a-2") },
            {
                _ = try await log.append([
                    StreamAppend("a-3", [LogFixture.event(4)]), StreamAppend("a-4", [LogFixture.event(5)]),
                ])
            },
            { _ = try await log.withTransaction { try log.append([LogFixture.event(6)], to: "a-5", in: &$0) } },
        ]
    }

    private func reads(_ log: PostgresEventLog) -> [() async throws -> Void] {
        [
            { _ = try await log.read(after: .beginning, limit: 10) },
            { _ = try await log.read(after: .beginning, filter: .category("a"), limit: 10) },
            { _ = try await log.read(after: .beginning, filter: .types(["Counted", "B"]), limit: 1_000) },
            { _ = try await log.readBackward(limit: 10) }, { _ = try await log.frontier() },
            { _ = try await log.readStream("a-1") }, { _ = try await log.identity() },
        ]
    }

    @Test func aRoleThatAppendsHasNoInsertAndSeesNoEvents() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withRole { role, conninfo in
                try await grant("grant_append", to: role, fixture)
                try await fixture.withAnotherLog(conninfo: conninfo) { log in
                    for append in appends(log) { try await append() }
                    let conflict = try await #require(throws: EventLogError.self) {
                        try await log.append(LogFixture.event(7), to: "a-1", expected: .noStream)
                    }
                    #expect(conflict.code == .conflict && conflict.actualVersion == 0)
                    for statement in Self.changes + [
                        "select count(*) from hindsight.events", "select * from hindsight.offsets",
                    ] {
                        try await expectDenied(log.pool, statement)
                    }
                    await #expect(throws: PostgresError.self) { try await log.readStream("a-1") }
                }
                #expect(try await fixture.storedCount() == 6)
                let open = try await fixture.log.read(after: .beginning, limit: 10)
                #expect(open.events.count == 6 && !open.isHeld)
            }
        }
    }

    @Test("an open append of a role that only appends holds readers back")
    func appenderHoldsReaders() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withRole { role, conninfo in
                try await grant("grant_append", to: role, fixture)
                try await fixture.withAnotherLog(conninfo: conninfo) { log in
                    let slow = try await OpenTransaction.begin(in: log.pool)
                    try await slow.run { _ = try log.append([LogFixture.event(1)], to: "a-1", in: &$0) }
                    try await fixture.log.append(LogFixture.event(2), to: "b-1")
                    let batch = try await fixture.log.read(after: .beginning, limit: 10)
                    #expect(batch.events.isEmpty && batch.isHeld)
                    try await slow.commit()
                    #expect(try await fixture.log.read(after: .beginning, limit: 10).events.count == 2)
                }
            }
        }
    }

    @Test("an append of a role that only appends wakes readers of other processes")
    func appenderWakesReaders() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.pollInterval = .seconds(36_000)
        try await LogFixture.withLog(configuration: configuration) { fixture in
            try await fixture.withRole { role, conninfo in
                try await grant("grant_append", to: role, fixture)
                try await fixture.withAnotherLog(conninfo: conninfo) { log in
                    let changes = fixture.log.changes()
                    await changes.wait(after: 0)
                    let seen = changes.generation
                    try await log.append(LogFixture.event(1), to: "a-1")
                    await changes.wait(after: seen)
                    #expect(try await fixture.log.read(after: .beginning, limit: 10).events.count == 1)
                }
            }
        }
    }

    @Test func aRoleThatReadsCannotAppend() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.log.append([LogFixture.event(1), LogFixture.event(2)], to: "a-1")
            try await fixture.withRole { role, conninfo in
                try await grant("grant_read", to: role, fixture)
                try await fixture.withAnotherLog(conninfo: conninfo) { log in
                    for read in reads(log) { try await read() }
                    var reader = LogReader(log)
                    try await reader.readAll()
                    #expect(reader.seen.count == 2)
                    // It sees that somebody else's append is open.
                    let slow = try await OpenTransaction.begin(in: fixture.pool)
                    try await slow.run { _ = try fixture.log.append([LogFixture.event(3)], to: "b-1", in: &$0) }
                    try await fixture.log.append(LogFixture.event(4), to: "a-1")
                    #expect(try await reader.readAll().isHeld)
                    #expect(reader.seen.count == 2)
                    try await slow.commit()
                    try await reader.readAll()
                    #expect(reader.seen.count == 4)
                    for append in appends(log) {
                        let error = try await #require(throws: PostgresError.self) { try await append() }
                        #expect(error.sqlState == "42501")
                    }
                    for statement in Self.changes { try await expectDenied(log.pool, statement) }
                }
                #expect(try await fixture.storedCount() == 4)
            }
        }
    }

    @Test func aRoleWithoutRightsCanDoNeither() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.log.append(LogFixture.event(1), to: "a-1")
            try await fixture.withRole { _, conninfo in
                try await fixture.withAnotherLog(conninfo: conninfo) { log in
                    for call in reads(log) + appends(log) {
                        await #expect(throws: (any Error).self) { try await call() }
                    }
                    for statement in Self.changes + ["select count(*) from hindsight.events"] {
                        try await expectDenied(log.pool, statement)
                    }
                }
            }
            #expect(try await fixture.storedCount() == 1)
        }
    }
}
