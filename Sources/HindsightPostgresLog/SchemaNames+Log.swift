import HindsightPostgres

/// The database objects of a log.
extension SchemaNames {
    var append: PostgresIdentifier { object("append") }
    var appendOne: PostgresIdentifier { object("append_one") }
    var category: PostgresIdentifier { object("category") }
    var events: PostgresIdentifier { object("events") }
    var logClass: PostgresIdentifier { object("log_class") }
    var logIdentity: PostgresIdentifier { object("log_identity") }
    var positions: PostgresIdentifier { object("positions") }
}
