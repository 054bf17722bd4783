import HindsightLog
import HindsightMigrations
import HindsightPostgres
import HindsightSchema
public import HindsightValues

extension PostgresEventLog {
    /// Looks at the server's settings, the log's part of the schema, its indexes and its sequence, and at appends that are held open.
    public func examine(app: String) async throws -> HealthReport {
        var report = HealthReport()
        let (pool, names, logger) = (pool, names, logger)
        // A pool would wait for a server that is away.
        let probe = try await PostgresConnection.connect(pool.configuration, logger: logger)
        await probe.close()
        try await report.look(at: "the server of the log") { try await ServerObservations.read(pool).report }
        let migrator = Migrator(pool: pool, schema: configuration.schema, parts: [.log], logger: logger)
        let schema = try await withTimeLimit(HealthReport.lookLimit) { try await Self.schema(migrator, app) }
        guard let schema else {
            report.addUnseen("the log's part of the schema: somebody has locked it")
            return report
        }
        report.add(schema.report)
        guard schema.isUsable else { return report }
        try await report.look(at: "the tables of the log") {
            let options = TransactionOptions(.readCommitted, isReadOnly: true)
            return try await pool.withTransaction(options) { try LogObservations.read(names, in: &$0) }.report
        }
        // Apart from the tables: a log that cannot be used does not say it, and the reason is in its tables.
        try await report.look(at: "appends that are held open") { [self] in
            var seen = LogObservations(names: names)
            seen.holders = try await frontierHolders() ?? []
            return seen.holdersReport
        }
        return report
    }

    /// A role that only appends may not look at the migrations.
    private static func schema(
        _ migrator: Migrator, _ app: String
    ) async throws -> (report: HealthReport, isUsable: Bool) {
        do {
            return try await migrator.examine(app: app)
        } catch let error as PostgresError where error.sqlState == "42501" {
            return (HealthReport([], unseen: ["the migrations of the log: \(error)"]), true)
        }
    }
}
