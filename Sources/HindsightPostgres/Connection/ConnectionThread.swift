import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread that runs the jobs of one actor, in order, and watches a socket while there are none.
///
/// The thread lives until ``stop()``, and first completes the work that is queued by then.
final class ConnectionThread: SerialExecutor {
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var work: [Work] = []
        /// Whether the thread is in `poll`, or on its way there, and has to be woken.
        var isSleeping = false
        var isStopping = false
    }

    /// How long the thread looks for more work before it sleeps. A caller with consecutive work is back within this
    /// time, which spares waking the thread: that costs both sides as much as a short statement.
    private static let attention: Duration = .microseconds(100)
    /// How long a look for work takes if no other thread gets the core in the meantime.
    private static let undisturbed: Duration = .microseconds(10)

    private let state = Mutex(State())
    let wakePipe: WakePipe
    /// Set and used on the thread itself only, so there is never a second access.
    nonisolated(unsafe) private var watcher: (any SocketWatcher)?

    /// Starts the thread.
    ///
    /// - Throws: ``PostgresError`` with code `connectionFailed` if the system has no thread or file descriptor left.
    init() throws {
        wakePipe = try WakePipe()
        try startDetachedThread(named: "hindsight-pg") { [self] in loop() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Runs a closure on the thread and returns its result.
    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            add(.call { continuation.resume(with: Result { try body() }) })
        }
    }

    /// Ends the thread when its work is done.
    func stop() {
        let wakes = state.withLock { state in
            state.isStopping = true
            return state.isSleeping
        }
        if wakes {
            wakePipe.wake()
        }
    }

    /// Watches a socket from now on. Called on the thread.
    func watch(_ watcher: any SocketWatcher) {
        self.watcher = watcher
    }

    private func add(_ work: Work) {
        let wakes = state.withLock { state in
            state.work.append(work)
            let wakes = state.isSleeping
            state.isSleeping = false
            return wakes
        }
        if wakes {
            wakePipe.wake()
        }
    }

    private func loop() {
        var batch: [Work] = []
        while takeWork(into: &batch) {
            guard !batch.isEmpty else {
                sleep()
                continue
            }
            for work in batch {
                switch work {
                case .job(let job):
                    job.runSynchronously(on: asUnownedSerialExecutor())
                case .call(let body):
                    body()
                }
            }
            batch.removeAll(keepingCapacity: true)
            linger()
        }
        watcher?.threadEnds()
        watcher = nil
    }

    /// Takes the queued work, or notes that the thread goes to sleep. Returns false if the thread must end.
    private func takeWork(into batch: inout [Work]) -> Bool {
        state.withLock { state in
            swap(&batch, &state.work)
            state.isSleeping = batch.isEmpty
            return !(batch.isEmpty && state.isStopping)
        }
    }

    /// Waits a moment for more work, as long as no other thread wants the core.
    private func linger() {
        let end = ContinuousClock.now + Self.attention
        var now = ContinuousClock.now
        while now < end, state.withLock({ $0.work.isEmpty && !$0.isStopping }) {
            sched_yield()
            let before = now
            now = .now
            if now - before > Self.undisturbed { return }
        }
    }

    /// Waits for work or for the socket.
    private func sleep() {
        var descriptors = [
            pollfd(fd: wakePipe.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watcher?.socket ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&descriptors, 2, -1)
        state.withLock { $0.isSleeping = false }
        guard count > 0 else { return }
        if descriptors[0].revents != 0 {
            wakePipe.drain()
        }
        if descriptors[1].revents != 0 {
            watcher?.socketIsReady()
        }
    }
}
