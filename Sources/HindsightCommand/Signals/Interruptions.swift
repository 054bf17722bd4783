import Synchronization
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// SIGINT and SIGTERM, from the start of the process to its end, so that whatever a command has opened is closed.
///
/// A command that can drain does so at the first signal and ends with success. Otherwise the first signal cancels it, as the
/// second one does; the one after that ends the process at once.
final class Interruptions: Sendable {
    /// Those of the command that runs in this task.
    @TaskLocal static var current: Interruptions?

    private struct Shared {
        var policy = InterruptionPolicy()
        var drain: (@Sendable () async -> Void)?
        /// The signal that cancelled the command.
        var cancelledBy: Int32?
    }

    private let shared = Mutex(Shared())

    /// Runs a command.
    ///
    /// - Throws: ``Interrupted`` if a signal cancelled it; else what the command throws.
    func run(_ command: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let work = Task { try await Self.$current.withValue(self) { try await command() } }
        let watch = Task {
            for await signal in signals { await self.received(signal.rawValue, work) }
        }
        defer { watch.cancel() }
        do {
            try await work.value
        } catch {
            // After a cancellation whatever else failed is its consequence.
            if let signal = shared.withLock({ $0.cancelledBy }) { throw Interrupted(signal: signal) }
            throw error
        }
    }

    /// Runs a part of a command that a first signal drains instead of cancelling it.
    static func draining<Value>(
        _ drain: @escaping @Sendable () async -> Void, _ body: () async throws -> Value
    ) async throws -> Value {
        guard let current else { return try await body() }
        current.shared.withLock { $0.drain = drain }
        defer { current.shared.withLock { $0.drain = nil } }
        return try await body()
    }

    private func received(_ signal: Int32, _ work: Task<Void, any Error>) async {
        let (action, drain) = shared.withLock { shared in
            let action = shared.policy.received(canDrain: shared.drain != nil)
            switch action {
            case .drain, .exit: break
            case .cancel: shared.cancelledBy = signal
            }
            return (action, shared.drain)
        }
        switch action {
        case .drain: await drain?()
        case .cancel: work.cancel()
        case .exit: _exit(128 + signal)
        }
    }
}
