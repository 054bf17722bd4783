package import HindsightLog
package import HindsightPostgres

/// What can be seen of a log's objects in the database, from which findings are decided.
package struct LogObservations: Sendable {
    /// An index on a table of the schema.
    package struct Index: Hashable, Sendable {
        package var name: String
        package var table: String
        /// The columns and expressions, as the server writes them.
        package var columns: [String]
        package var isUnique: Bool
        /// False if it is not used: the statement that was to create it did not come to its end.
        package var isValid: Bool

        package init(
            _ name: String, on table: String, _ columns: [String], isUnique: Bool = false, isValid: Bool = true
        ) {
            self.name = name
            self.table = table
            self.columns = columns
            self.isUnique = isUnique
            self.isValid = isValid
        }
    }

    /// The sequence that positions are drawn from.
    package struct Sequence: Hashable, Sendable {
        package var last: Int64
        package var increment: Int64 = 1
        package var cache: Int64 = 1
        package var isCyclic = false

        package init(last: Int64) {
            self.last = last
        }
    }

    package var names: SchemaNames
    package var indexes: [Index] = []
    /// The names of those that are not valid yet, because a statement builds them.
    package var indexesInProgress: Set<String> = []
    package var sequence = Sequence(last: 0)
    /// The highest position of an event.
    package var highest: Int64 = 0
    /// How many identities the log has.
    package var identities = 1
    /// Tables that a crash of the server empties.
    package var unloggedTables: [String] = []
    /// True if some roles may not see all events.
    package var hidesRows = false
    /// How many seconds the last event was recorded in the future; 0 or less if it was not.
    package var futureSeconds = 0.0
    /// The appends that hold the frontier.
    package var holders: [HoldingTransaction] = []

    package init(names: SchemaNames) {
        self.names = names
    }
}
