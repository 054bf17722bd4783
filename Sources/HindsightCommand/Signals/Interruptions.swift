import Synchronization
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Handles SIGINT and SIGTERM from the start of the process to its end, so that everything a command has opened is
/// closed.
///
/// A command that can drain does so at the first signal and ends with success, unless it was to get somewhere first
/// (``drainedBy``). Otherwise the first signal cancels it, as the second one does; the one after that ends the process at once. No signal is without effect: if a step exceeds
/// its time limit, the next one follows by itself (``InterruptionPolicy``).
final class Interruptions: Sendable {
    /// The interruptions of the command that runs in this task.
    @TaskLocal static var current: Interruptions?

    /// How a part of a command drains.
    private struct Draining {
        var limit: Duration
        var begin: @Sendable () async -> Void
    }

    private struct Shared {
        var policy = InterruptionPolicy()
        var draining: Draining?
        /// How long the drain in progress may take.
        var drainTime = Duration.zero
        /// The signal that drained a part of the command.
        var drainedBy: Int32?
        /// Whether SIGINT is for another program in the foreground.
        var leavesInterrupts = false
        /// The signal that cancelled the command.
        var cancelledBy: Int32?
    }

    private let shared = Mutex(Shared())
    /// Tells the user why the command ends before it is complete.
    private let tell: @Sendable (String) -> Void

    init(tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    /// Runs a command.
    ///
    /// - Throws: ``Interrupted`` if a signal cancelled it; otherwise what the command throws.
    func run(_ command: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let work = Task { try await Self.$current.withValue(self) { try await command() } }
        let watch = Task {
            await withDiscardingTaskGroup { steps in
                for await signal in signals {
                    steps.addTask { await self.received(signal.rawValue, work) }
                }
            }
        }
        defer { watch.cancel() }
        do {
            try await work.value
        } catch {
            // After a cancellation, all other failures are its consequence.
            if let signal = shared.withLock({ $0.cancelledBy }) {
                throw Interrupted(signal: signal, message: (error as? UnfinishedWork)?.description)
            }
            throw error
        }
    }

    /// Runs a part of a command that a first signal drains instead of cancelling it.
    ///
    /// - Parameters:
    ///   - limit: how long draining may take before the command is cancelled anyway. Defaults to 10 seconds.
    ///   - drain: asks `body` to end.
    ///   - body: the part.
    static func draining<Value>(
        within limit: Duration = .seconds(10), _ drain: @escaping @Sendable () async -> Void,
        _ body: () async throws -> Value
    ) async throws -> Value {
        guard let current else { return try await body() }
        current.shared.withLock { $0.draining = Draining(limit: limit, begin: drain) }
        defer { current.shared.withLock { $0.draining = nil } }
        return try await body()
    }

    /// The signal that drained a part of the command that runs in this task; nil if none has.
    static var drainedBy: Int32? { current?.shared.withLock { $0.drainedBy } }

    /// Runs a part of a command in which SIGINT is for another program in the foreground, which gets it as well: this
    /// command goes on until that program ends.
    static func leavingInterrupts<Value>(_ body: () async throws -> Value) async throws -> Value {
        guard let current else { return try await body() }
        current.shared.withLock { $0.leavesInterrupts = true }
        defer { current.shared.withLock { $0.leavesInterrupts = false } }
        return try await body()
    }

    /// Performs the action for a signal, and the actions that follow if it takes too long.
    private func received(_ signal: Int32, _ work: Task<Void, any Error>) async {
        if signal == SIGINT, shared.withLock({ $0.leavesInterrupts }) { return }
        var next: InterruptionPolicy.Action? = shared.withLock { shared in
            shared.policy.received(canDrain: shared.draining != nil)
        }
        while let action = next {
            let time = await perform(action, signal, work)
            do {
                try await Task.sleep(for: time)
            } catch {
                return  // the command has ended
            }
            next = shared.withLock { $0.policy.timeIsUp(for: action) }
            switch next {
            case .cancel: tell("not drained within \(time): what is in flight is given up and rolled back")
            case .exit: tell("the command did not end within \(time) of its cancellation, and is ended where it stands")
            case .drain, nil: break
            }
        }
    }

    /// - Returns: how long it may take.
    private func perform(
        _ action: InterruptionPolicy.Action, _ signal: Int32, _ work: Task<Void, any Error>
    ) async -> Duration {
        switch action {
        case .drain:
            let (draining, time) = shared.withLock { shared in
                if let limit = shared.draining?.limit { shared.drainTime = limit }
                shared.drainedBy = signal
                return (shared.draining, shared.drainTime)
            }
            await draining?.begin()
            return time
        case .cancel:
            shared.withLock { $0.cancelledBy = signal }
            work.cancel()
            return InterruptionPolicy.cleanUpTime
        case .exit:
            _exit(128 + signal)
        }
    }
}
