import UnixSignals

/// Runs something that Ctrl-C and SIGTERM cancel, so that it cleans up.
package enum Interruptible {
    /// - Throws: what `body` throws; `CancellationError` after a signal.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { try await body() }
            tasks.addTask {
                for await _ in signals { return nil }
                return nil
            }
            defer { tasks.cancelAll() }
            guard let value = try await tasks.next() ?? nil else {
                tasks.cancelAll()
                // It cleans up first.
                while let rest = await tasks.nextResult() { if case .failure(let error) = rest { throw error } }
                throw CancellationError()
            }
            return value
        }
    }
}
