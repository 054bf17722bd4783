public import HindsightLog

/// The event that says that a task is done, or cannot be done: one for each event of the task, in the stream
/// `task-NAME.EVENT`.
public struct TaskDone: Event, Hashable {
    /// The task's name.
    public var task: String
    /// The id of the event that it was done for.
    public var event: String
    /// What came of it, in the words of whoever did it.
    public var result: String?
    /// Why it cannot be done; nil if it is done.
    public var failure: String?

    /// That a task is done, or cannot be.
    public init(task: String, event: String, result: String? = nil, failure: String? = nil) {
        self.task = task
        self.event = event
        self.result = result
        self.failure = failure
    }
}
