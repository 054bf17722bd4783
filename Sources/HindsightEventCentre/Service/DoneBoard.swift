#if NATS
    import Synchronization

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Wakes those who wait for an event of a task to be done.
    final class DoneBoard: Sendable {
        private struct Key: Hashable {
            var task: String
            var event: UUID
        }

        private let watchers = Mutex<[Key: AsyncStream<Void>.Continuation]>([:])

        /// Runs `body` with a stream that yields when it is told that the event is done. One waits for each at a time.
        func watching<Value>(
            _ task: String, _ event: UUID, _ body: (AsyncStream<Void>) async throws -> Value
        ) async rethrows -> Value {
            let key = Key(task: task, event: event)
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            watchers.withLock { $0[key] = continuation }
            defer { _ = watchers.withLock { $0.removeValue(forKey: key) } }
            return try await body(stream)
        }

        /// Says that it is done, as far as was heard.
        func tell(_ task: String, _ event: UUID) {
            watchers.withLock { $0[Key(task: task, event: event)] }?.yield()
        }
    }
#endif
