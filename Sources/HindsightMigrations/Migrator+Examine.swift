import HindsightPostgres
package import HindsightValues

extension Migrator {
    /// Looks whether the schema fits the program.
    ///
    /// - Parameter app: the program whose commands are named.
    /// - Returns: what was found, and whether the rest of the schema can be looked at.
    package func examine(app: String) async throws -> (report: HealthReport, isUsable: Bool) {
        do {
            return Self.decide(try await status(), schema: schema, app: app)
        } catch let error as MigrationError {
            let finding = HealthFinding(
                .danger, "The schema does not fit this program: \(error).",
                remedy: error.code == .newerDatabase
                    ? "use a program that is at least as new as the one that migrated it"
                    : "restore the file, and put the change into a new migration")
            return (HealthReport([finding]), error.code == .edited)
        }
    }

    package static func decide(_ steps: [Step], schema: String, app: String) -> (report: HealthReport, isUsable: Bool) {
        let missing = steps.filter { !$0.isApplied && !$0.isOnline }
        let left = steps.filter { !$0.isApplied && $0.isOnline }
        let remedy = "`\(app) database migrate`"
        guard steps.contains(where: \.isApplied) else {
            let finding = HealthFinding(
                .danger, "There is nothing in schema \"\(schema)\" yet.", remedy: remedy)
            return (HealthReport([finding]), false)
        }
        var report = HealthReport()
        if !missing.isEmpty {
            report.add(
                HealthFinding(
                    .danger,
                    "Schema \"\(schema)\" lacks \(missing.map(\.name).joined(separator: ", ")): this program does not work with it.",
                    remedy: remedy))
        } else if !left.isEmpty {
            report.add(
                HealthFinding(
                    .note,
                    """
                    Schema \"\(schema)\" lacks \(left.map(\.name).joined(separator: ", ")), which this program can do without: its table \
                    was not free.
                    """, remedy: "\(remedy), at a quiet moment"))
        }
        return (report, missing.isEmpty)
    }
}
