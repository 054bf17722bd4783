/// A reader's hold on the wake-ups of a log. While at least one is alive, the log listens for appends of other processes.
public final class LogChanges: Sendable {
    private let signal: LogSignal
    private let release: @Sendable () -> Void

    package init(signal: LogSignal, release: @escaping @Sendable () -> Void) {
        self.signal = signal
        self.release = release
    }

    deinit { release() }

    /// Wakes those who wait in this process.
    package func wake() { signal.notify() }

    /// The count of wake-ups so far. Take it before looking for events, and wait for a later one afterwards.
    public var generation: UInt64 { signal.generation }

    /// Returns when there was a wake-up after `generation`, or the task is cancelled.
    public func wait(after generation: UInt64) async {
        await signal.wait(after: generation)
    }

    /// Returns when there was a wake-up after `generation`, the time is up, or the task is cancelled.
    public func wait(after generation: UInt64, atMost duration: Duration) async {
        await signal.wait(after: generation, atMost: duration)
    }
}
