/// With whom a subscriber shares the events of a task.
public enum TaskSharing: Hashable, Sendable {
    /// With all who do the task: one of them gets each event.
    case task
    /// With those of a queue group: one of them gets each event, and one of each other group.
    case group(String)
    /// With nobody: it gets every event, as every other group and subscriber does. Whoever is done first is heeded.
    case nobody

    /// The queue group.
    func queue(of task: String) -> String? {
        switch self {
        case .task: task
        case .group(let name): name
        case .nobody: nil
        }
    }
}
