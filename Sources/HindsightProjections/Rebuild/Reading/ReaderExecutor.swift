import Dispatch

/// Runs the task of one reader on its own thread, beside those that Swift's tasks share.
///
/// Decoding and folding occupy a thread for a long time; on a shared one, everything else in the program would have to
/// wait.
final class ReaderExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "hindsight.rebuild")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
