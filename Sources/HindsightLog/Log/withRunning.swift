/// Runs a log while `body` works with it, and tells other processes of what it has appended before returning.
///
/// It is for programs that come to an end by themselves. A server puts the log into its service group instead, before the services
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
/// - Throws: what `body` throws; else why the log could not run, once the work is done, which it did by polling.
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
            // Something may have been appended before the error.
            await log.flush()
            throw error
        }
    }
}
