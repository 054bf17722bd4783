/// Runs `body`, and cancels it if it takes longer than a limit: a statement that waits for somebody's lock is stopped then.
///
/// - Returns: what `body` returned; nil if it took too long.
package func withTimeLimit<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        // The task that is not finished is cancelled, and awaited, when the group ends.
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
