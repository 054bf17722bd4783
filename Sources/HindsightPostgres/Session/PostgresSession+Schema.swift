extension PostgresSession {
    /// Creates a schema unless it exists, even if another transaction creates it at this moment: `if not exists` fails
    /// with 23505 then.
    ///
    /// - Throws: ``PostgresError``; with the code `misuse` outside a transaction.
    package mutating func createSchemaIfMissing(_ schema: PostgresIdentifier) throws {
        // Checks first, because the statement needs a right on the database even if the schema exists.
        guard try query("select from pg_namespace where nspname = \(schema.name)").isEmpty else { return }
        do {
            try withSavepoint { session in
                _ = try session.execute("create schema if not exists \(identifier: schema)")
            }
        } catch let error where error.sqlState == "23505" {
            // The other transaction has committed.
        }
    }
}
