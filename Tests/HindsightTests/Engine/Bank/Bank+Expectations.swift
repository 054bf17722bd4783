import Hindsight
import HindsightPostgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the database has, and what it should have.
extension Bank {
    /// A projection's row of the offsets.
    struct Offset: Hashable, Sendable {
        var position: Int64
        var applied: Int
        var epoch: Int64
        var owner: String?
        var stoppedAt: Int64?
        var stoppedEvent: UUID?
        var error: String?
    }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, in pool: PostgresPool? = nil) async throws -> Value {
        try await (pool ?? views).withSession { try $0.query(sql)[0].decode(0) }
    }

    func script(_ text: String) async throws {
        try await views.withSession { try $0.script(text) }
    }

    /// Where a projection stands; nil if it was never started.
    func offset(of name: String, version: Int = 1, kind: String = "projection") async throws -> Offset? {
        try await views.withSession { session in
            try session.query(
                """
                select position, applied, epoch, owner, stopped_at, stopped_event, error from hindsight.offsets
                where kind = \(kind) and name = \(name) and version = \(Int32(version))
                """
            ).first.map { row in
                Offset(
                    position: try row.decode(0), applied: try row.decode(1), epoch: try row.decode(2),
                    owner: try row.decode(3), stoppedAt: try row.decode(4), stoppedEvent: try row.decode(5),
                    error: try row.decode(6))
            }
        }
    }

    /// Waits until a condition holds that somebody else brings about.
    static func until(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while true {
            do {
                if try await condition() { return }
            } catch let error as PostgresError where error.isRetriable {
                // The server is away for a moment.
            }
            try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
            // Not a guess at how long it takes, only a pause between two looks.
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until a projection has come to a position, or to the head of the log.
    func untilApplied(
        _ name: String, version: Int = 1, through position: Int64? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let goal: Int64 = if let position { position } else { try await log.frontier().position }
        try await Self.until("\(name) reaches \(goal)", sourceLocation: sourceLocation) {
            let offset = try await offset(of: name, version: version)
            if let offset { try #require(offset.stoppedAt == nil, "\(offset)", sourceLocation: sourceLocation) }
            return (offset?.position ?? -1) >= goal
        }
    }

    func untilStopped(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Offset {
        try await Self.until("\(name) stops", sourceLocation: sourceLocation) {
            try await offset(of: name)?.stoppedAt != nil
        }
        return try #require(try await offset(of: name), sourceLocation: sourceLocation)
    }

    /// A view has exactly the rows of a query.
    func expect(
        _ view: String, equals recount: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let differences: Int = try await value(
            """
            with recount as (\(unsafeSQL: recount)),
                missing as (select * from recount except all select * from \(unsafeSQL: view)),
                wrong as (select * from \(unsafeSQL: view) except all select * from recount)
            select (select count(*) from missing) + (select count(*) from wrong)
            """)
        #expect(differences == 0, "\(view) differs from the recount", sourceLocation: sourceLocation)
    }

    /// The view of accounts is what SQL says, and its offset counts each event once.
    func expectAccounts(
        through position: Int64 = .max, version: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await expect("account", equals: Account.recount(through: position), sourceLocation: sourceLocation)
        let wanted: Int = try await value(
            """
            select count(*) from hindsight.events
            where type in ('Deposited', 'Withdrawn', 'Closed') and position <= \(position)
            """)
        let offset = try await offset(of: "account", version: version)
        #expect(offset?.applied == wanted, sourceLocation: sourceLocation)
    }

    /// The same for what flows between accounts.
    func expectTurnover(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expect("turnover", equals: Turnover.recount, sourceLocation: sourceLocation)
    }

    /// The same for transfers.
    func expectPeers(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expect("peer", equals: Peer.recount, sourceLocation: sourceLocation)
    }

    /// What the offset says of the events that were applied, their number and which, is what the log holds of these types.
    func expectProven(
        _ name: String, _ types: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let isProven: Bool = try await value(
            """
            select o.summed_through = o.position and (o.applied, o.position_sum, o.position_mix) = (
                select count(*), coalesce(sum(e.position), 0),
                    coalesce(bit_xor(e.position % \(LogChecksum.modulus) * \(LogChecksum.factor)), 0)
                from hindsight.events e where e.type = any(\(types)) and e.position <= o.position)
            from hindsight.offsets o where o.kind = 'projection' and o.name = \(name)
            """)
        #expect(isProven, "what \(name) has applied is what the log holds", sourceLocation: sourceLocation)
    }
}
