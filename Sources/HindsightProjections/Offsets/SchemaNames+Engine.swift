import HindsightPostgres

/// The engine's tables.
extension SchemaNames {
    var discardedTables: PostgresIdentifier { object("discarded_tables") }
    var nodes: PostgresIdentifier { object("nodes") }
    var offsets: PostgresIdentifier { object("offsets") }
    var pausedProjections: PostgresIdentifier { object("paused_projections") }
    var projections: PostgresIdentifier { object("projections") }
    var rebuilds: PostgresIdentifier { object("rebuilds") }
}
