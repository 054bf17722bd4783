/// How far a command is.
public struct CommandState: Codable, Hashable, Sendable {
    /// How far it is.
    public var state: State
    /// What became of it; nil unless it has ended.
    public var receipt: CommandReceipt?
    /// How far the tasks are that its events have brought about.
    public var tasks: [TaskState]?

    /// How far a command is.
    public enum State: String, Codable, Hashable, Sendable {
        /// Nobody has handed it in.
        case unknown
        /// It was handed in and has not ended: hand it in again.
        case open
        /// It has ended.
        case ended
    }

    init(_ state: State, _ receipt: CommandReceipt? = nil, tasks: [TaskState]? = nil) {
        self.state = state
        self.receipt = receipt
        self.tasks = tasks
    }
}
