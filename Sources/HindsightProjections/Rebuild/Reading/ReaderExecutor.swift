import Dispatch

/// Runs the task of one reader on a thread beside those that Swift's tasks share.
///
/// Decoding and folding take the processor for a long time; on a shared thread, everything else that the program does would
/// wait for their end.
final class ReaderExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "hindsight.rebuild")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
