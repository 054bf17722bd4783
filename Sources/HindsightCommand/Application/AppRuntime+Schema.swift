import Hindsight
import HindsightPostgres

extension AppRuntime {
    /// The schema of what is in the database: without the log's part if the log is in a stream.
    var migrator: Migrator {
        let parts: Set<SchemaPart> =
            switch logChoice {
            case .database: [.log, .engine]
            case .stream: [.engine]
            }
        return Migrator(pool: pool, schema: options.schema, parts: parts, logger: logger)
    }

    /// Prepares the log and the engine's schema as a command demands.
    func prepare(_ preparation: SchemaPreparation) async throws {
        // It has the tables of the log, or of the index of its ids.
        try await prepareSchema(preparation)
        switch logChoice {
        case .database: break
        case .stream: try await logRuntime.prepare(preparation)
        }
    }

    /// A private database has no one else to migrate it.
    private func prepareSchema(_ preparation: SchemaPreparation) async throws {
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
        guard let missing = try await missingMigrations()?.filter({ !$0.isOnline }), !missing.isEmpty else { return }
        let remedy = "run `\(name) database migrate`"
        guard try await migrator.status().contains(where: \.isApplied) else {
            let what =
                switch logChoice {
                case .database: "is no event log"
                case .stream: "are no tables of the engine"
                }
            throw CommandError("there \(what) in schema \"\(options.schema)\" of \(place) yet: \(remedy)")
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
