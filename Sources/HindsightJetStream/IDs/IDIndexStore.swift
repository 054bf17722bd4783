#if NATS
    import HindsightLog
    import HindsightPostgres
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// The gateway to the index of ids in the database (`schema/0025_event_ids.sql`), each call of which is one statement.
    struct IDIndexStore: Sendable {
        /// What the index says at one moment.
        struct Look {
            /// How long ago an event may have been acknowledged that it lacks; `nil` if it has never been complete, or if that is not
            /// known, as the database's clock has stepped back since.
            var age: Duration?
            /// The positions of the events that were looked for and are in it.
            var positions: [Int64]
        }

        private let index: IDIndex
        private let names: SchemaNames
        /// The identity of the log.
        private let log: UUID
        /// For how long a statement may wait for the database if nobody says until when.
        private let patience: Duration

        init(_ index: IDIndex, log: UUID, patience: Duration) {
            self.index = index
            self.log = log
            self.patience = patience
            names = SchemaNames(schema: index.schema)
        }

        /// Looks for events.
        ///
        /// - Parameter deadline: until when it may take; `nil` for the store's patience.
        /// - Throws: ``EventLogError`` with `unavailable`, `notPermitted` or `unusableLog`.
        func look(for ids: [UUID], until deadline: ContinuousClock.Instant?) async throws -> Look {
            let statement: SQL = """
                select extract(epoch from clock_timestamp() - l.complete_at)::float8, e.position
                from \(identifier: names.object("indexed_logs")) l
                left join \(identifier: names.object("event_ids")) e on e.log = l.log and e.id = any(\(ids))
                where l.log = \(log) order by e.position
                """
            return try await run(statement, until: deadline) { rows in
                let age: Double? = try rows.first?.decode(0)
                let positions = try rows.compactMap { try $0.decode(1, as: Int64?.self) }
                return Look(age: age.flatMap { $0 < 0 ? nil : .seconds($0) }, positions: positions)
            }
        }

        /// The place through which it is filled, and what the database's clock says.
        ///
        /// - Parameter deadline: until when it may take; `nil` for the store's patience.
        /// - Throws: as ``look(for:until:)``.
        func place(until deadline: ContinuousClock.Instant?) async throws -> (place: Offset, time: Timestamp) {
            let statement: SQL = """
                select coalesce(l.position, 0), l.anchor, clock_timestamp()
                from (select) one left join \(identifier: names.object("indexed_logs")) l on l.log = \(log)
                """
            return try await run(statement, until: deadline) { rows in
                let row = rows[0]
                return (Offset(position: try row.decode(0), anchor: try row.decode(1)), try row.decode(2))
            }
        }

        /// Adds the events behind a place.
        ///
        /// - Parameters:
        ///   - ids: those of all events from there on.
        ///   - time: before which all events that were acknowledged are in it then; `nil` if that is not known.
        ///   - deadline: until when it may take, and a second at least, which what was read is worth; `nil` for the store's patience.
        /// - Returns: false if somebody else has gone on from there.
        /// - Throws: as ``look(for:until:)``.
        func add(
            _ ids: [UUID], behind position: Int64, completeAt time: Timestamp?, until deadline: ContinuousClock.Instant?
        ) async throws -> Bool {
            let deadline = deadline.map { max($0, ContinuousClock.now.advanced(by: .seconds(1))) }
            let statement: SQL = """
                select \(identifier: names.object("index_ids"))(\(log), \(position), \(ids), \(time))
                """
            return try await run(statement, until: deadline) { rows in try rows[0].decode(0) }
        }

        /// What is to be done when the log is not the one that the index was filled from.
        func mismatch(_ error: EventLogError) -> EventLogError {
            EventLogError(
                .unusableLog,
                "the index of ids in schema \(index.schema) was filled from an earlier state of the log: \(error.message). If the log is as it should be, select \(names.object("forget_ids").quoted)('\(log.uuidString.lowercased())') has the index filled anew",
                underlying: error)
        }

        /// Runs a statement. It also ends in time where there is no free connection, or the database is silent.
        private func run<Value: Sendable>(
            _ statement: SQL, until deadline: ContinuousClock.Instant?,
            _ read: @escaping @Sendable (PostgresResult) throws -> Value
        ) async throws -> Value {
            let limit = deadline.map { ContinuousClock.now.duration(to: $0) } ?? patience
            do {
                let value = try await withTimeLimit(limit) { [pool = index.pool] in
                    try await pool.withSession { session in try read(try session.query(statement)) }
                }
                guard let value else {
                    throw EventLogError(
                        .unavailable,
                        "the database with the index of the log's ids did not answer in time: it cannot be reached, has no free connection, or waits for a lock; trying again may help"
                    )
                }
                return value
            } catch let error as PostgresError {
                throw self.error(error)
            }
        }

        private func error(_ error: PostgresError) -> any Error {
            switch error.sqlState {
            case "42501":
                EventLogError(
                    .notPermitted,
                    "this role may not use the index of the log's ids: have the schema's owner call \(names.object("grant_ids").quoted)(ROLE)",
                    underlying: error)
            case "42P01", "42883", "3F000":
                EventLogError(
                    .unusableLog,
                    "there is no index of ids in schema \(index.schema), or it is that of another version of the program: migrate the database",
                    underlying: error)
            case _ where error.isRetriable || error.code == .timeout:
                EventLogError(
                    .unavailable, "the index of the log's ids cannot be reached at the moment: \(error)",
                    underlying: error)
            default: error
            }
        }
    }
#endif
