import HindsightValues
import Logging
import Synchronization

/// Lets handlers decide for so long, and leaves those to themselves that do not end when they are cancelled.
///
/// A handler's only effect is what it returns, so one that is given up has none: what it returns later is dropped.
final class HandlerLimit: Sendable {
    private let time: Duration
    private let mostGivenUp: Int
    private let metrics: CentreMetrics
    private let logger: Logger
    /// How many were given up and have not returned.
    private let givenUp = Mutex(0)

    /// - Parameters:
    ///   - time: how long a handler may take.
    ///   - most: how many that were given up may be at work still; with more, no further one is begun.
    init(_ time: Duration, mostGivenUp most: Int, metrics: CentreMetrics, logger: Logger) {
        self.time = time
        mostGivenUp = most
        self.metrics = metrics
        self.logger = logger
    }

    /// Decides a command.
    ///
    /// - Throws: what the handler throws; ``EventCentreError`` with `handlerTimedOut`, or with `unavailable` if too many have
    ///   not returned; `CancellationError` at once if the task is cancelled.
    func decide<Value: Sendable>(
        _ name: String, _ handler: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard givenUp.withLock({ $0 < mostGivenUp }) else {
            throw EventCentreError(
                .unavailable,
                """
                \(mostGivenUp) handlers of this node have not returned, and were given up: it decides no further command until they \
                do. Ask again: another node may be free
                """)
        }
        let decision = Decision<Value>()
        // No part of the calling task: that would have to wait for a handler that does not heed its cancellation.
        let work = Task {
            let isInTime: Bool
            do {
                isInTime = decision.end(.success(try await handler()))
            } catch {
                isInTime = decision.end(.failure(error))
            }
            guard !isInTime else { return }
            givenUp.withLock { $0 -= 1 }
            logger.info("command handler returned late", metadata: ["command.name": "\(name)"])
        }
        let timer = Task {
            // Cancelled, it is not needed any more.
            do { try await Task.sleep(for: time) } catch { return }
            guard giveUp(decision, timedOut(name)) else { return }
            logger.error("command handler given up", metadata: ["command.name": "\(name)"])
            metrics.handlerGivenUp()
            work.cancel()
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await decision.value
        } onCancel: {
            if giveUp(decision, CancellationError()) { work.cancel() }
        }
    }

    private func giveUp<Value>(_ decision: Decision<Value>, _ error: any Error) -> Bool {
        // Before it is said, so that the handler cannot return before it counts.
        givenUp.withLock { $0 += 1 }
        if decision.end(.failure(error)) { return true }
        givenUp.withLock { $0 -= 1 }
        return false
    }

    private func timedOut(_ name: String) -> EventCentreError {
        EventCentreError(
            .handlerTimedOut,
            """
            the handler of \(name) did not decide the command within \(time), and was given up; nothing of it was stored. Mend what it \
            waits for, or raise EventCentreConfiguration.handlerTime, and repeat the command as it was
            """)
    }
}

/// What somebody waits for, and whoever is first gives.
private final class Decision<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
    }

    private let state = Mutex(State.open)

    /// - Returns: false if it has ended already.
    func end(_ result: Result<Value, any Error>) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, any Error>?) in
            switch state {
            case .open:
                state = .ended(result)
                return (true, nil)
            case .awaited(let waiter):
                state = .ended(result)
                return (true, waiter)
            case .ended: return (false, nil)
            }
        }
        waiter?.resume(with: result)
        return isFirst
    }

    /// What was given; one task waits for it.
    var value: Value {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Value, any Error>? in
                    if case .ended(let result) = state { return result }
                    state = .awaited(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }
}
