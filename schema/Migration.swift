/// One numbered step of the engine's schema.
public struct Migration: Sendable {
    /// From 1; the order in which migrations are applied.
    public let number: Int
    /// The file in `schema/` that holds the step, for messages.
    public let name: String
    /// The parts of the schema that need the step; one of them is enough.
    public let parts: Set<SchemaPart>
    /// SQL that is run with `search_path` set to the engine's schema.
    public let sql: String
    /// A later step that does the work of this one. Where a database has it already, because it got that part first, this one
    /// is noted and not run.
    package let successor: Int?
    /// True for a step that waits for other users of a table, or takes long on a large log. It is a single statement,
    /// repeatable, and runs by itself, outside the transaction of the others; the program works before it as after it.
    public let isOnline: Bool

    /// Every migration of this program, in order. A new file in `schema/` is added here and in `Package.swift`.
    public static let all: [Migration] = [
        Migration(1, "0001_event_log.sql", [.log], PackageResources._001_event_log_sql),
        Migration(2, "0002_append.sql", [.log], PackageResources._002_append_sql),
        Migration(3, "0003_offsets.sql", [.engine], PackageResources._003_offsets_sql),
        Migration(4, "0004_projections.sql", [.engine], PackageResources._004_projections_sql),
        Migration(5, "0005_roles.sql", [.engine], PackageResources._005_roles_sql, successor: 10),
        Migration(6, "0006_fill_schema.sql", [.engine], PackageResources._006_fill_schema_sql),
        Migration(7, "0007_frontier_lock.sql", [.log], PackageResources._007_frontier_lock_sql),
        Migration(8, "0008_offset_store.sql", [.engine], PackageResources._008_offset_store_sql),
        Migration(9, "0009_append.sql", [.log], PackageResources._009_append_sql),
        Migration(10, "0010_roles.sql", [.log, .engine], PackageResources._010_roles_sql),
        Migration(11, "0011_lease_rights.sql", [.engine], PackageResources._011_lease_rights_sql),
        Migration(12, "0012_append.sql", [.log], PackageResources._012_append_sql),
        Migration(
            13, "0013_unchecked_events.sql", [.log], PackageResources._013_unchecked_events_sql, isOnline: true),
        Migration(14, "0014_parking.sql", [.engine], PackageResources._014_parking_sql),
        Migration(15, "0015_counted_events.sql", [.engine], PackageResources._015_counted_events_sql),
        Migration(16, "0016_fresh_reads.sql", [.engine], PackageResources._016_fresh_reads_sql),
        Migration(17, "0017_nodes.sql", [.engine], PackageResources._017_nodes_sql),
        Migration(18, "0018_rights.sql", [.engine], PackageResources._018_rights_sql),
        Migration(19, "0019_inlined_functions.sql", [.engine], PackageResources._019_inlined_functions_sql),
        Migration(20, "0020_subscription_filters.sql", [.engine], PackageResources._020_subscription_filters_sql),
        Migration(21, "0021_receipts.sql", [.engine], PackageResources._021_receipts_sql),
        Migration(22, "0022_append.sql", [.log], PackageResources._022_append_sql),
        Migration(23, "0023_abandoned_commands.sql", [.engine], PackageResources._023_abandoned_commands_sql),
        Migration(24, "0024_moved_logs.sql", [.engine], PackageResources._024_moved_logs_sql),
        Migration(25, "0025_event_ids.sql", [.engine], PackageResources._025_event_ids_sql),
        Migration(26, "0026_notes_prolong.sql", [.engine], PackageResources._026_notes_prolong_sql),
        Migration(27, "0027_append_limits.sql", [.log], PackageResources._027_append_limits_sql),
        Migration(28, "0028_append_known.sql", [.log], PackageResources._028_append_known_sql),
        Migration(29, "0029_receipt_ages.sql", [.engine], PackageResources._029_receipt_ages_sql),
    ]

    /// A migration that is not one of the program's own, for tests of the migrator.
    package init(
        number: Int, name: String, parts: Set<SchemaPart> = [.log, .engine], sql: String, successor: Int? = nil,
        isOnline: Bool = false
    ) {
        self.number = number
        self.name = name
        self.parts = parts
        self.sql = sql
        self.successor = successor
        self.isOnline = isOnline
    }

    private init(
        _ number: Int, _ name: String, _ parts: Set<SchemaPart>, _ bytes: [UInt8], successor: Int? = nil,
        isOnline: Bool = false
    ) {
        self.init(
            number: number, name: name, parts: parts, sql: String(decoding: bytes, as: UTF8.self), successor: successor,
            isOnline: isOnline)
    }
}
