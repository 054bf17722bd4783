import HindsightJSON
import HindsightPostgres
import HindsightProjections

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The gateway to the receipts in the database (`schema/0021_receipts.sql`).
///
/// Each step is taken by one node: the others find what it has stored.
struct ReceiptStore: Sendable {
    private let pool: PostgresPool
    private let names: SchemaNames
    private let table: PostgresIdentifier
    /// The identity of the log to which the commands' events go.
    private let log: UUID

    init(pool: PostgresPool, schema: String, log: UUID) {
        self.pool = pool
        names = SchemaNames(schema: schema)
        table = names.object("receipts")
        self.log = log
    }

    /// Stores that a command was handed in, unless it is known, and reads what there is of it.
    func take(_ command: UUID, _ name: String, content: [UInt8]) async throws -> ReceiptEntry {
        try await change(
            command, content,
            """
            insert into \(identifier: table) (log, command, name, content) values (\(log), \(command), \(name), \(content))
            on conflict (log, command) do nothing
            """)
    }

    /// Stores what a command appends, unless somebody has gone on with it since this attempt, and reads what there is of it.
    ///
    /// - Parameter content: what was handed in: a row that was deleted meanwhile, and made anew for another content, is left alone.
    func decide(
        _ command: UUID, content: [UInt8], _ decision: CommandDecision, after attempt: Int32
    ) async throws -> ReceiptEntry {
        let text = PostgresJSON(Array(try JSONEncoder().encode(decision)))
        return try await change(
            command, content,
            """
            update \(identifier: table) set decision = \(text), decided_at = clock_timestamp(), attempt = attempt + 1
            where log = \(log) and command = \(command) and content = \(content) and attempt = \(attempt) and receipt is null
            """)
    }

    /// Stores how a command ended, unless somebody has gone on with it since this attempt, and reads what there is of it.
    ///
    /// - Parameters:
    ///   - content: as for ``decide(_:content:_:after:)``.
    ///   - onStoring: called if it is this call that has stored it.
    func end(
        _ command: UUID, content: [UInt8], _ receipt: CommandReceipt, after attempt: Int32, onStoring: () -> Void
    ) async throws -> ReceiptEntry {
        let text = PostgresJSON(try receipt.bytes)
        return try await change(
            command, content,
            """
            update \(identifier: table) set receipt = \(text), ended_at = clock_timestamp(), decision = null
            where log = \(log) and command = \(command) and content = \(content) and attempt = \(attempt) and receipt is null
            """, onChange: onStoring)
    }

    /// Stores that what was decided is not appended, and never will be, unless somebody has gone on with it since this attempt, and reads
    /// what there is of it.
    ///
    /// - Parameter content: as for ``decide(_:content:_:after:)``.
    func withdraw(_ command: UUID, content: [UInt8], after attempt: Int32) async throws -> ReceiptEntry {
        try await change(
            command, content,
            """
            update \(identifier: table) set decision = null, decided_at = null
            where log = \(log) and command = \(command) and content = \(content) and attempt = \(attempt) and receipt is null
            """)
    }

    /// Takes up commands that were decided long ago and have not ended, those that were decided first. For as long, nobody else takes
    /// them up.
    ///
    /// - Parameters:
    ///   - age: how long ago they must have been decided.
    ///   - limit: how many at most.
    func takeUp(decidedBefore age: Duration, atMost limit: Int) async throws -> [UUID] {
        // Ids alone: while a process that hangs receives them, the rows are locked.
        let statement: SQL = """
            update \(identifier: table) set taken_up_at = clock_timestamp() where log = \(log) and command in (
                select command from \(identifier: table)
                where log = \(log) and decision is not null and greatest(decided_at, taken_up_at) < clock_timestamp() - make_interval(secs => \(age.seconds))
                order by decided_at limit \(limit) for update skip locked)
            returning command
            """
        return try await pool.withSession { session in try session.query(statement).map { try $0.decode(0) } }
    }

    /// Removes what there is of commands that ended long ago, or were handed in as long ago and never decided
    /// (`schema/0029_receipt_ages.sql`).
    ///
    /// - Parameters:
    ///   - age: how long ago.
    ///   - limit: how many at most, of each of the two.
    /// - Returns: how many; 0 while another node removes some.
    /// - Throws: ``EventCentreError`` with `failed` if this role may not do that, or the database cannot yet.
    func remove(endedBefore age: Duration, atMost limit: Int) async throws -> Int {
        let statement: SQL = """
            select \(identifier: names.object("remove_receipts"))(
                \(log), make_interval(secs => \(age.seconds)), \(Int32(clamping: limit)))
            """
        do {
            return try await pool.withSession { session in try session.query(statement)[0].decode(0, as: Int.self) }
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw EventCentreError(
                .failed,
                "this role may not remove receipts: have the schema's owner call \(names.object("grant_centre").quoted)(ROLE), or serve without an age of receipts"
            )
        } catch let error as PostgresError where error.sqlState == "42883" {
            throw EventCentreError(
                .failed,
                "schema \(names.schema) is of an earlier version, in which receipts have no age: migrate the database")
        }
    }

    /// What there is of a command; nil if nobody handed it in.
    func find(_ command: UUID) async throws -> ReceiptEntry? {
        let statement = reading(command)
        return try await pool.withSession { session in try Self.entry(try session.query(statement)) }
    }

    /// What there is of several commands; none of those that nobody handed in.
    func find(_ commands: [UUID]) async throws -> [UUID: ReceiptEntry] {
        guard !commands.isEmpty else { return [:] }
        let statement: SQL = """
            select content, attempt, decision, receipt, command from \(identifier: table)
            where log = \(log) and command = any(\(commands))
            """
        return try await pool.withSession { session in
            var entries: [UUID: ReceiptEntry] = [:]
            for row in try session.query(statement) { entries[try row.decode(4)] = try Self.entry(row) }
            return entries
        }
    }

    private func change(
        _ command: UUID, _ content: [UInt8], _ statement: SQL, onChange: () -> Void = {}
    ) async throws -> ReceiptEntry {
        // The reading has a snapshot of its own, so it sees what the change has waited for. It has a transaction of its own, too: a
        // process that hangs while it receives a large decision must not keep the row locked.
        let transactions = [[Self.flushed, statement], [reading(command)]]
        let (entry, isChanged) = try await pool.withSession { session in
            let results = try session.pipeline(transactions: transactions)
            return (try Self.entry(results[2]), results[1].rowsAffected > 0)
        }
        if isChanged { onChange() }
        guard let entry else {
            // It had been handed in long ago, and was removed just now.
            throw EventCentreError(
                .failed, "the receipt of a command that is at work was deleted: hand it in again", isRetriable: true)
        }
        guard entry.content == content else {
            throw EventCentreError(
                .otherContent,
                """
                command \(command.lowercased) was handed in before with another name or content: give a new command a new id, and \
                repeat one byte for byte
                """)
        }
        return entry
    }

    /// What is answered, or decided before something is appended, is not lost by a crash of the server, whatever the role's default.
    private static var flushed: SQL {
        """
        select set_config(
            'synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'local'
                else current_setting('synchronous_commit') end, true)
        """
    }

    private func reading(_ command: UUID) -> SQL {
        """
        select content, attempt, decision, receipt from \(identifier: table)
        where log = \(log) and command = \(command)
        """
    }

    private static func entry(_ result: PostgresResult) throws -> ReceiptEntry? {
        try result.first.map { try entry($0) }
    }

    private static func entry(_ row: PostgresRow) throws -> ReceiptEntry {
        let (decision, receipt): (PostgresJSON?, PostgresJSON?) = (try row.decode(2), try row.decode(3))
        let step: ReceiptEntry.Step =
            if let receipt {
                .answer(receipt.bytes)
            } else if let decision {
                .append(try JSONEventDecoder().decode(CommandDecision.self, from: decision.bytes))
            } else {
                .decide
            }
        return ReceiptEntry(content: try row.decode(0), attempt: try row.decode(1), step: step)
    }
}
