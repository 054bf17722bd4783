package import HindsightPostgres

/// The table of a projection's version, and its stable name.
package struct ViewLocation: Hashable, Sendable {
    /// The table that holds the rows, in the engine's schema.
    package let table: PostgresIdentifier
    /// The name that SQL clients read from.
    package let stableName: PostgresIdentifier

    package init(name: String, table: String, engineSchema: String, viewSchema: String) {
        self.table = PostgresIdentifier(schema: PostgresIdentifier(engineSchema), table)
        stableName = PostgresIdentifier(schema: PostgresIdentifier(viewSchema), name)
    }

    /// The longest name of a projection in bytes: the table's name appends the version and a number to it.
    package static let maximumNameBytes = 48

    /// The table's name for a version. A rebuild of the same version fills another table, whose number is 2 or more.
    package static func tableName(_ name: String, version: Int, number: Int) -> String {
        number == 1 ? "\(name)_v\(version)" : "\(name)_v\(version)_\(number)"
    }
}
