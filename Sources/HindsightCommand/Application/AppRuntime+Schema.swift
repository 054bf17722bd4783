import Hindsight
import HindsightPostgres

extension AppRuntime {
    var migrator: Migrator { Migrator(pool: pool, schema: options.schema, logger: logger) }

    /// Prepares the engine's schema as a command demands. A private database has no one else to migrate it.
    func prepare(_ preparation: SchemaPreparation, isPrivate: Bool) async throws {
        switch preparation {
        case .leave: return
        case .migrate: try await migrateIfNeeded()
        case .require where isPrivate: try await migrateIfNeeded()
        case .require: try await requireSchema()
        }
    }

    private func migrateIfNeeded() async throws {
        guard let missing = try await missingMigrations(), !missing.isEmpty else { return }
        try await migrator.migrate()
    }

    private func requireSchema() async throws {
        guard let missing = try await missingMigrations()?.filter({ !$0.isOnline }), let first = missing.first else {
            return
        }
        let remedy = "run `\(name) database migrate`"
        guard first.number > 1 else {
            throw CommandError("there is no event log in schema \"\(options.schema)\" of \(place) yet: \(remedy)")
        }
        throw CommandError(
            "schema \"\(options.schema)\" of \(place) lacks \(missing.map(\.name).joined(separator: ", ")): \(remedy)")
    }

    /// The migrations that the database lacks; nil if this role may not know, for example because it only appends.
    private func missingMigrations() async throws -> [Migrator.Step]? {
        do {
            return try await migrator.status().filter { !$0.isApplied }
        } catch let error as PostgresError where error.sqlState == "42501" {
            return nil
        }
    }
}
