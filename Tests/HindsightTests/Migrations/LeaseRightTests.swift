import Hindsight
import HindsightPostgres
import HindsightSchema
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Rights on functions that came after a role was set up.
@Suite("A role that may take leases", .timeLimit(.minutes(2)))
struct LeaseRightTests {
    /// With the migration that made them.
    private static let functions = [
        "describe_subscription(hindsight.shard, bigint, text, text[])",  // 20
        "note_handled(hindsight.shard, bigint, bigint, bigint[], uuid[], interval)",  // 26
    ]

    private func migrate(_ pool: PostgresPool, through last: Int = .max) async throws {
        let migrations = Migration.all.filter { $0.number <= last }
        try await Migrator(pool: pool, schema: "hindsight", migrations: migrations, logger: LogFixture.logger).migrate()
    }

    /// Which of the functions a role may call.
    private func callable(_ role: String, _ pool: PostgresPool) async throws -> [String] {
        try await pool.withSession { session in
            try Self.functions.filter { function in
                try session.query(
                    "select has_function_privilege(\(role), \("hindsight.\(function)")::regprocedure, 'execute')"
                )[0].decode(0)
            }
        }
    }

    @Test("gets the right to what comes with a later migration, and no other role does")
    func laterFunctions() async throws {
        try await MigrationDatabase.open { pool in
            let suffix = UUID().uuidString.lowercased().prefix(8)
            let (holder, other) = ("holder_\(suffix)", "other_\(suffix)")
            // The release before the first of them.
            try await migrate(pool, through: 19)
            try await pool.withSession { session in
                for role in [holder, other] {
                    try session.execute("create role \(identifier: PostgresIdentifier(role))")
                }
                try session.execute(
                    "grant execute on function hindsight.take_shard to \(identifier: PostgresIdentifier(holder))")
                try session.execute(
                    "grant execute on function hindsight.release_shard to \(identifier: PostgresIdentifier(other))")
            }
            try await migrate(pool)
            #expect(try await callable(holder, pool) == Self.functions)
            #expect(try await callable(other, pool).isEmpty)
            try await pool.withSession { session in
                for role in [holder, other] {
                    try session.execute("drop owned by \(identifier: PostgresIdentifier(role))")
                    try session.execute("drop role \(identifier: PostgresIdentifier(role))")
                }
            }
        }
    }

    @Test("is told from everybody: where all may take leases, all may")
    func everybody() async throws {
        try await MigrationDatabase.open { pool in
            try await migrate(pool, through: 19)
            try await pool.withSession { try $0.execute("grant execute on function hindsight.take_shard to public") }
            try await migrate(pool)
            #expect(try await callable("pg_monitor", pool) == Self.functions)
        }
    }
}
