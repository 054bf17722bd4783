import HindsightPostgres
import Logging

extension ProjectionAdministration {
    /// What a projection waits for: an open append, a lock, a process that hangs, an event that cannot be applied; or that it has
    /// everything.
    ///
    /// ```swift
    /// let diagnosis = try await administration.diagnose("order_summary")
    /// print(diagnosis.sentence, diagnosis.remedy(app: "shop") ?? "")
    /// ```
    ///
    /// This only reads, and waits for no lock. What a role may not see of others is said to be hidden; members of `pg_read_all_stats`
    /// see all.
    ///
    /// - Parameter name: the projection's name; its newest declared version is looked at.
    /// - Returns: the diagnosis; with ``ProjectionDiagnosis/Cause/unreachable(_:)`` if the database cannot be asked.
    /// - Throws: ``ProjectionError`` with `unknownProjection`.
    public func diagnose(_ name: String) async throws -> ProjectionDiagnosis {
        let definition = try definition(name)
        do {
            // A pool would wait for a server that is away.
            let probe = try await PostgresConnection.connect(pool.configuration, logger: Self.quiet)
            await probe.close()
            return .decide(from: try await observer(of: definition).look())
        } catch let error where error.isOutOfReach {
            return .unreachable(name, version: definition.version, "\(error)")
        }
    }

    func observer(of definition: ProjectionDefinition) async throws -> ProjectionObserver {
        let catalog = try await catalog()
        return ProjectionObserver(
            log: log, pool: pool, catalog: catalog, store: store(catalog), events: events, configuration: configuration,
            definition: definition)
    }

    /// The diagnosis says what the connection would log.
    static let quiet = Logger(label: "hindsight.diagnosis") { _ in SwiftLogNoOpLogHandler() }
}
