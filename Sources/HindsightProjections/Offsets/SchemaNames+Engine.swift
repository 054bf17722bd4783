import HindsightPostgres

/// The engine's tables.
extension SchemaNames {
    var discardedTables: PostgresIdentifier { object("discarded_tables") }
    var offsets: PostgresIdentifier { object("offsets") }
    var projections: PostgresIdentifier { object("projections") }
    var rebuilds: PostgresIdentifier { object("rebuilds") }
}
