import Hindsight
import HindsightPostgres
import HindsightProjections

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A bank whose log has holes, and a copy of that log, without holes, in the same database.
struct CopiedBank: Sendable {
    let bank: Bank
    let copy: PostgresEventLog

    /// The copy, with the places that its events have in the bank's log.
    struct Copy: LogCopy {
        let log: PostgresEventLog
        let places: [UUID: Int64]
        let identity: UUID
        /// Called with each event before it is given on.
        var before: @Sendable (CopiedEvent) async throws -> CopiedEvent = { $0 }

        func source() async throws -> UUID? { identity }

        func forEachEvent(_ body: (CopiedEvent) throws -> Bool) async throws {
            for event in try await log.read(after: .beginning, limit: 100_000).events {
                guard let origin = places[event.id] else { return }
                let copied = CopiedEvent(id: event.id, type: event.type, position: event.position, origin: origin)
                guard try body(try await before(copied)) else { return }
            }
        }
    }

    static func open<Value>(_ body: (CopiedBank) async throws -> Value) async throws -> Value {
        try await Bank.open { bank in
            try await bank.fixture.drawPositions(through: 1_000)
            var configuration = PostgresEventLog.Configuration()
            configuration.schema = "copy"
            let copy = PostgresEventLog(pool: bank.views, configuration: configuration, logger: LogFixture.logger)
            try await copy.prepare()
            return try await withRunning(copy) { _ in try await body(CopiedBank(bank: bank, copy: copy)) }
        }
    }

    /// The same bank with the copy as its log.
    var moved: Bank {
        Bank(
            fixture: LogFixture(database: bank.fixture.database, pool: bank.fixture.pool, log: copy), views: bank.views,
            viewsDatabase: bank.viewsDatabase)
    }

    /// Copies what the bank's log has and the copy has not.
    func mirror() async throws {
        let known = Set(try await copy.read(after: .beginning, limit: 100_000).events.map(\.id))
        for event in try await bank.log.read(after: .beginning, limit: 100_000).events where !known.contains(event.id) {
            try await copy.append(verbatim: [
                StreamEvent(
                    event.stream,
                    NewEvent(
                        type: event.type, schemaVersion: event.schemaVersion, data: event.data, id: event.id,
                        occurredAt: event.occurredAt, recordedAt: event.recordedAt,
                        correlationID: event.correlationID, causationID: event.causationID, metadata: event.metadata))
            ])
        }
    }

    func source() async throws -> Copy {
        let places = try await bank.log.read(after: .beginning, limit: 100_000).events.map { ($0.id, $0.position) }
        return Copy(
            log: copy, places: Dictionary(uniqueKeysWithValues: places), identity: try await bank.log.identity())
    }

    @discardableResult
    func move(_ projections: any Projection..., from source: Copy? = nil, isTrial: Bool = false) async throws -> LogMove
    {
        let administration = ProjectionAdministration(
            ProjectionContext(log: copy, pool: bank.views, projections: projections, events: Bank.registry))
        let source = if let source { source } else { try await self.source() }
        return try await administration.move(
            to: source, ends: [try await bank.log.identity(): try await bank.log.frontier()], isTrial: isTrial)
    }

    /// What the database says of positions, to see that nothing has changed.
    func stored() async throws -> [String] {
        try await bank.views.withSession { session in
            try session.query(
                """
                select o.kind || ' ' || o.name || ' ' || o.log || ' ' || o.position || ' ' || o.epoch from hindsight.offsets o
                union all select p.key || ' ' || p.first_position from hindsight.parked_keys p
                union all select h.positions::text from hindsight.handled_events h
                order by 1
                """
            ).map { try $0.decode(0) }
        }
    }

    /// The rows of accounts are those of a recount over the copy; where an account was last changed differs, as rows keep what was written.
    func accountsDiffer() async throws -> Int {
        let recount = Account.recount().replacing("hindsight.events", with: "copy.events")
        return try await bank.value(
            """
            with recount as (select id, entries, balance from (\(unsafeSQL: recount)) r),
                shown as (select id, entries, balance from account),
                missing as (select * from recount except all select * from shown),
                wrong as (select * from shown except all select * from recount)
            select (select count(*) from missing) + (select count(*) from wrong)
            """)
    }
}
