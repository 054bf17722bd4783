package import HindsightValues

extension HealthReport {
    /// For how long one look may take. Somebody may have locked what it reads.
    package static let lookLimit = Duration.seconds(5)

    /// Adds what a look finds. What this role may not see, and what takes too long, is added as not looked at.
    ///
    /// - Parameter what: what it looks at, for that.
    /// - Throws: what the look throws if the database or the log is out of reach.
    package mutating func look(
        at what: String, limit: Duration = Self.lookLimit, _ look: @escaping @Sendable () async throws -> HealthReport
    ) async throws {
        do {
            if let found = try await withTimeLimit(limit, look) {
                add(found)
            } else {
                addUnseen("\(what): no answer within \(limit.components.seconds) s; somebody may have locked it")
            }
        } catch let error as PostgresError where [.server, .timeout].contains(error.code) && !error.isConnectionLoss {
            // A role may have a time limit of its own.
            addUnseen("\(what): \(error)")
        } catch let error as any RetriableError where !error.isRetriable && !(error is PostgresError) {
            // A log that cannot be used says why, and so do other findings.
            addUnseen("\(what): \(error)")
        }
    }
}
