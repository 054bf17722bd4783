/// One numbered step of the engine's schema.
public struct Migration: Sendable {
    /// From 1, without gaps; the order in which migrations are applied.
    public let number: Int
    /// The file in `schema/` that holds the step, for messages.
    public let name: String
    /// SQL that is run with `search_path` set to the engine's schema.
    public let sql: String

    /// Every migration of this program, in order. A new file in `schema/` is added here and in `Package.swift`.
    public static let all: [Migration] = [
        Migration(1, "0001_event_log.sql", PackageResources._001_event_log_sql),
        Migration(2, "0002_append.sql", PackageResources._002_append_sql),
        Migration(3, "0003_offsets.sql", PackageResources._003_offsets_sql),
        Migration(4, "0004_projections.sql", PackageResources._004_projections_sql),
        Migration(5, "0005_roles.sql", PackageResources._005_roles_sql),
        Migration(6, "0006_fill_schema.sql", PackageResources._006_fill_schema_sql),
        Migration(7, "0007_frontier_lock.sql", PackageResources._007_frontier_lock_sql),
    ]

    /// A migration that is not one of the program's own, for tests of the migrator.
    package init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    private init(_ number: Int, _ name: String, _ bytes: [UInt8]) {
        self.init(number: number, name: name, sql: String(decoding: bytes, as: UTF8.self))
    }
}
