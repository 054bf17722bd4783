import HindsightPostgres

/// A query over the rows behind stable names, and how far they are.
///
/// It is one transaction in one round trip. The views are locked before its snapshot is taken, as any query locks them, so
/// that no swap comes in between: what the names show, the rows and the positions are of one moment. A snapshot that is
/// taken earlier would see the new table with the old position.
struct FreshRead: Sendable {
    let names: [String]
    let position: Int64
    let schema: SchemaNames
    let viewSchema: String
    /// The query; nil to ask for the positions alone.
    let statement: SQL?
    /// The key whose row is asked for, as it is parked.
    var key: String?
    /// True if the query names views without their schema.
    var setsPath = false

    /// True if all of the names show something, and that is far enough.
    func isReached(_ standings: [ViewStanding]) -> Bool {
        names.allSatisfy { name in standings.contains { $0.view.name == name && $0.position >= position } }
    }

    /// - Parameter views: those of the names that are views.
    /// - Returns: how the views stand; and the query's result, if there is one.
    func run(
        locking views: [String], in session: inout PostgresSession
    ) throws -> ([ViewStanding], PostgresResult?) {
        do {
            return try runOnce(locking: views, in: &session)
        } catch let error as PostgresError where error.isStalePlan {
            // The view has got other columns since the statement was prepared.
            return try runOnce(locking: views, in: &session)
        }
    }

    private func runOnce(
        locking views: [String], in session: inout PostgresSession
    ) throws -> ([ViewStanding], PostgresResult?) {
        try rollingBack(&session) { session in
            let opening = opening(locking: views)
            let results = try session.pipeline(opening + (statement.map { [$0] } ?? []) + ["commit"])
            return (
                try results[views.isEmpty ? 1 : 2].map { try ViewStanding($0) },
                statement == nil ? nil : results[opening.count]
            )
        }
    }

    /// Runs the query, if the views are far enough, and delivers its rows as they arrive.
    ///
    /// - Parameters:
    ///   - begin: called before the first row, with how the view with the lowest position stands.
    ///   - body: called with each row.
    /// - Returns: how the views stand.
    func stream(
        locking views: [String], in session: inout PostgresSession, _ begin: (ViewStanding) throws -> Void,
        _ body: (PostgresRow) throws -> Void
    ) throws -> [ViewStanding] {
        try rollingBack(&session) { session in
            let results = try session.pipeline(opening(locking: views))
            let standings = try results[views.isEmpty ? 1 : 2].map { try ViewStanding($0) }
            if let statement, isReached(standings), let lowest = standings.min(by: { $0.position < $1.position }) {
                try begin(lowest)
                try session.forEachRow(statement, body)
            }
            try session.execute("commit")
            return standings
        }
    }

    /// The statements before the query; the one after the lock is for the standings.
    private func opening(locking views: [String]) -> [SQL] {
        var statements: [SQL] = ["begin isolation level repeatable read, read only"]
        if !views.isEmpty {
            // LOCK takes no snapshot.
            let list = views.map { name -> SQL in
                "\(identifier: PostgresIdentifier(schema: PostgresIdentifier(viewSchema), name))"
            }
            statements.append("lock table \(sql: list.joined()) in access share mode")
        }
        statements.append(ViewStanding.query(names, below: position, key: key, schema))
        if setsPath {
            statements.append(
                """
                select set_config('search_path', quote_ident(\(viewSchema)) || ', ' || current_setting('search_path'), true)
                """)
        }
        return statements
    }

    private func rollingBack<Value>(
        _ session: inout PostgresSession, _ body: (inout PostgresSession) throws -> Value
    ) throws -> Value {
        do {
            return try body(&session)
        } catch {
            if session.isInTransaction { try session.execute("rollback") }
            throw error
        }
    }
}
