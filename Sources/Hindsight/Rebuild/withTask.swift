/// Runs a task beside the work, for as long as the work takes.
///
/// - Parameter task: runs until it is cancelled; when it throws before that, the work is cancelled and the error thrown.
func withTask<Value: Sendable>(
    _ task: @escaping @Sendable () async throws -> Void, beside work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { tasks in
        tasks.addTask {
            try await task()
            return nil
        }
        tasks.addTask { try await work() }
        defer { tasks.cancelAll() }
        while let value = try await tasks.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}
