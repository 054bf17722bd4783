/// Runs a task beside the work, for as long as the work takes.
///
/// - Parameter task: runs until it is cancelled. When it throws before that, the work is cancelled; if the work comes to its end
///   all the same, its value counts, else the error is thrown.
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
