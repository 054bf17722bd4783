import HindsightPostgres

/// A statement of a projection's `setUp` that failed. Nothing of what the others made is left.
struct SetUpFailure: Error, CustomStringConvertible {
    /// The number of the statement, from 1.
    let statement: Int
    /// How many there are.
    let count: Int
    let cause: PostgresError

    var description: String { "statement \(statement) of \(count) of its setUp failed: \(cause)" }

    /// The error for a caller who asked for this projection.
    func error(of definition: ProjectionDefinition) -> ProjectionError {
        ProjectionError(
            .setUpFailed,
            """
            projection "\(definition.name)" version \(definition.version) cannot be started: \(self). Nothing of it was made; mend the \
            statement and start again
            """)
    }
}
