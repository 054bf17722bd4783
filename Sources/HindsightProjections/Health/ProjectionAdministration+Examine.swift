import HindsightLog
import HindsightMigrations
import HindsightPostgres
import HindsightSchema
public import HindsightValues

extension ProjectionAdministration {
    /// Looks for what endangers the log, the views and the engine, or will: settings of the servers, the schema, indexes, the sequence
    /// of positions, offsets that do not fit the log, what interrupted work has left, processes that hang, connections, clocks.
    ///
    /// ```swift
    /// let report = try await administration.examine(app: "shop")
    /// for finding in report.findings { print(finding.severity, finding.sentence, finding.remedy ?? "") }
    /// ```
    ///
    /// This only reads. Each look is given up after five seconds, that at the engine's tables 0.2 seconds later for each projection. What a role may not see is in ``HealthReport/unseen``; members of
    /// `pg_read_all_stats` see all.
    ///
    /// - Parameter app: the program whose commands are named as remedies. Defaults to `APP`.
    /// - Returns: what was found. A database or log that cannot be reached is a finding, too.
    public func examine(app: String = "APP") async throws -> HealthReport {
        var report = HealthReport()
        do {
            report.add(try await log.examine(app: app))
        } catch let error where error.isOutOfReach {
            report.add(
                Self.unreachable("The log", "\(error)", "--log, HINDSIGHT_LOG, DATABASE_URL or the PG… variables"))
            return report
        }
        do {
            // A pool would wait for a server that is away.
            let probe = try await PostgresConnection.connect(pool.configuration, logger: Self.quiet)
            await probe.close()
            try await examineViews(app, &report)
        } catch let error where error.isOutOfReach {
            report.add(Self.unreachable("The database of the views", "\(error)"))
        }
        return report
    }

    private func examineViews(_ app: String, _ report: inout HealthReport) async throws {
        let (pool, log, definitions) = (pool, log, definitions)
        try await report.look(at: "the server of the views") { try await ServerObservations.read(pool).report }
        let migrator = Migrator(pool: pool, schema: configuration.schema, parts: [.engine], logger: Self.quiet)
        var isUsable = true
        do {
            let schema = try await withTimeLimit(HealthReport.lookLimit) { try await migrator.examine(app: app) }
            if let schema {
                report.add(schema.report)
                isUsable = schema.isUsable
            } else {
                report.addUnseen("the engine's part of the schema: somebody has locked it")
                isUsable = false
            }
        } catch let error as PostgresError where error.sqlState == "42501" {
            report.addUnseen("the migrations of the engine: \(error)")
        }
        guard isUsable else { return }
        let administration = self
        // Each shard's offset is held against the log.
        let limit = HealthReport.lookLimit + .milliseconds(200) * definitions.count
        try await report.look(at: "the tables of the engine", limit: limit) {
            let catalog = try await administration.catalog()
            let observer = EngineObserver(
                log: log, pool: pool, catalog: catalog, store: administration.store(catalog), definitions: definitions)
            return try await observer.look().report(app: app)
        }
    }

    private static func unreachable(
        _ what: String, _ error: String, _ names: String = "DATABASE_URL or the PG… variables"
    ) -> HealthFinding {
        HealthFinding(
            .danger, "\(what) cannot be reached.", evidence: ["error": error],
            remedy: "start the server, or mend \(names)")
    }
}

extension Error {
    /// True if a database or a log cannot be asked at all.
    var isOutOfReach: Bool {
        switch self {
        case let error as PostgresError: [.connectionFailed, .connectionLost, .timeout].contains(error.code)
        case let error as EventLogError: error.code == .unavailable
        default: false
        }
    }
}
