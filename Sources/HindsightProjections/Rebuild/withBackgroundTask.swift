/// Runs a task in the background while the work runs.
///
/// - Parameter task: runs until it is cancelled. If it throws before that, the work is cancelled; if the work completes
///   anyway, its value is returned, otherwise the error is thrown.
func withBackgroundTask<Value: Sendable>(
    _ task: @escaping @Sendable () async throws -> Void, beside work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { tasks in
        tasks.addTask {
            try await task()
            return nil
        }
        tasks.addTask { try await work() }
        var first: (any Error)?
        while let result = await tasks.nextResult() {
            switch result {
            case .success(let value?):
                tasks.cancelAll()
                return value
            case .success(nil):
                continue
            case .failure(let error):
                if first == nil { first = error }
                tasks.cancelAll()
            }
        }
        throw first ?? CancellationError()
    }
}
