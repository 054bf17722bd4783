/// A reader's subscription to the wake-ups of a log. While at least one exists, a running log listens for appends of
/// other processes.
public final class LogChanges: Sendable {
    private let signal: LogSignal
    private let release: @Sendable () -> Void

    /// Creates a subscription to a log's signal.
    ///
    /// - Parameters:
    ///   - signal: what wakes the log's readers.
    ///   - release: called when the reader has released this object. Defaults to doing nothing.
    public init(_ signal: LogSignal, onRelease release: @escaping @Sendable () -> Void = {}) {
        self.signal = signal
        self.release = release
    }

    deinit { release() }

    /// Wakes the waiting readers of this process.
    public func wake() { signal.notify() }

    /// The count of wake-ups so far. Take it before looking for events, and wait for a later one afterwards.
    public var generation: UInt64 { signal.generation }

    /// Returns when there was a wake-up after `generation`, the log's poll interval is over, or the task is cancelled.
    public func wait(after generation: UInt64) async {
        // While the log runs, it wakes all of its readers at every interval; a timer for each would cost them time.
        if signal.isPolled {
            await signal.wait(after: generation)
        } else {
            await signal.wait(after: generation, atMost: signal.pollInterval)
        }
    }

    /// Returns when there was a wake-up after `generation`, the time is up, or the task is cancelled.
    public func wait(after generation: UInt64, atMost duration: Duration) async {
        await signal.wait(after: generation, atMost: duration)
    }
}
