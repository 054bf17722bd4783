/// Runs a log while `body` works with it, and notifies other processes of its appends before returning.
///
/// It is for programs that end by themselves. A server adds the log to its service group instead, before the services
/// that use it.
///
/// ```swift
/// try await withRunning(log) { log in
///     try await log.append(event, to: "order-1")
/// }
/// ```
///
/// - Parameters:
///   - log: the log to run.
///   - body: the work.
/// - Throws: what `body` throws; otherwise, if the log could not run, the reason, after `body` has completed by
///   polling.
@discardableResult
public func withRunning<Log: EventLog, Value>(
    _ log: Log, _ body: (Log) async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            do {
                try await log.run()
            } catch is CancellationError {
                // The work is done.
            }
        }
        do {
            let value = try await body(log)
            await log.flush()
            tasks.cancelAll()
            try await tasks.waitForAll()
            return value
        } catch {
            // Events may have been appended before the error.
            await log.flush()
            throw error
        }
    }
}
