package import HindsightPostgres

/// Where the table of a projection's version and its stable name are.
package struct ViewLocation: Hashable, Sendable {
    /// The table that holds the version's rows, in the engine's schema.
    package let table: PostgresIdentifier
    /// The name that SQL clients read from.
    package let stableName: PostgresIdentifier

    package init(name: String, version: Int, engineSchema: String, viewSchema: String) {
        table = PostgresIdentifier(schema: PostgresIdentifier(engineSchema), "\(name)_v\(version)")
        stableName = PostgresIdentifier(schema: PostgresIdentifier(viewSchema), name)
    }
}
