import HindsightPostgres

/// The qualified names of a log's objects.
struct LogNames: Sendable {
    let schema: String
    let append: PostgresIdentifier
    let appendOne: PostgresIdentifier
    let category: PostgresIdentifier
    let events: PostgresIdentifier
    let logClass: PostgresIdentifier
    let logIdentity: PostgresIdentifier
    let positions: PostgresIdentifier
    let offsets: PostgresIdentifier

    init(schema: String) {
        self.schema = schema
        let qualifier = PostgresIdentifier(schema)
        append = PostgresIdentifier(schema: qualifier, "append")
        appendOne = PostgresIdentifier(schema: qualifier, "append_one")
        category = PostgresIdentifier(schema: qualifier, "category")
        events = PostgresIdentifier(schema: qualifier, "events")
        logClass = PostgresIdentifier(schema: qualifier, "log_class")
        logIdentity = PostgresIdentifier(schema: qualifier, "log_identity")
        positions = PostgresIdentifier(schema: qualifier, "positions")
        offsets = PostgresIdentifier(schema: qualifier, "offsets")
    }

    /// A function or table of the engine's schema.
    func object(_ name: String) -> PostgresIdentifier {
        PostgresIdentifier(schema: PostgresIdentifier(schema), name)
    }
}
