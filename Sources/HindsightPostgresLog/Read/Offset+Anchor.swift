import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Compares a reader's anchor with the events of the log.
extension Offset {
    /// Checks that the log holds the anchor at the position, and that it reaches that far.
    func verify(_ names: SchemaNames, in session: inout PostgresSession) throws {
        guard position > 0 else { return }
        try check(following: try session.query(followingQuery(names)), names)
    }

    /// The event at the position, or the first one behind it.
    func followingQuery(_ names: SchemaNames) -> SQL {
        """
        select e.position, e.id from \(identifier: names.events) e
        where e.position >= \(position) order by e.position limit 1
        """
    }

    /// Reads the answer to ``followingQuery(_:)``.
    func check(following result: PostgresResult, _ names: SchemaNames) throws {
        let next = try result.first.map { try $0.decode(0, as: Int64.self) }
        let found = next == position ? try result.first?.decode(1, as: UUID.self) : nil
        try check(found, isBeyondTheEnd: next == nil, names)
    }

    /// Compares the anchor with the id of the log's event at the position.
    func check(_ found: UUID?, isBeyondTheEnd: Bool, _ names: SchemaNames) throws(EventLogError) {
        guard position > 0 else { return }
        // An offset without an anchor can only be compared with the end of the log.
        guard anchor.map({ found != $0 }) ?? isBeyondTheEnd else { return }
        throw .anchorMismatch(self, found: found, log: "in schema \"\(names.schema)\"")
    }
}
