/// Somebody who starts several appends without awaiting each: they begin in the order in which they are given.
actor Caller {
    /// Starts the operations; on return each has come to its first suspension.
    nonisolated func start<Value: Sendable>(
        _ operations: [@Sendable () async throws -> Value]
    ) async -> [Task<Value, any Error>] {
        let tasks = await enqueue(operations)
        // The actor takes its jobs in order, so this one comes after the beginnings of all tasks.
        await settle()
        return tasks
    }

    private func enqueue<Value: Sendable>(
        _ operations: [@Sendable () async throws -> Value]
    ) -> [Task<Value, any Error>] {
        operations.map { operation in
            Task {
                _ = self
                return try await operation()
            }
        }
    }

    private func settle() {}
}
