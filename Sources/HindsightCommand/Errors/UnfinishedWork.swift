/// Thrown by a command that was interrupted midway: how far it came, and how to go on.
struct UnfinishedWork: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Runs a part of a command, and tells how far it came if it is cancelled.
func interruptible<Value>(
    _ work: () -> UnfinishedWork, _ body: () async throws -> Value
) async throws -> Value {
    do {
        return try await body()
    } catch {
        if Task.isCancelled { throw work() }
        throw error
    }
}
