import HindsightPostgres
import Testing

/// Runs `body` and returns the `PostgresError` that it has to throw.
func postgresError<T>(
    _ body: () async throws -> T, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> PostgresError {
    do {
        _ = try await body()
    } catch let error as PostgresError {
        return error
    }
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
    throw PostgresError(.misuse, "no error was thrown")
}
