/// The subjects of a centre.
struct CentreSubjects: Hashable, Sendable {
    let prefix: String

    /// Commands are handed in there.
    func command(_ name: String) -> String { "\(prefix).command.\(name)" }
    /// How far a command or a task is.
    var state: String { "\(prefix).state" }
    /// Queries.
    func query(_ view: String) -> String { "\(prefix).query.\(view)" }
    /// The events of a task go there.
    func task(_ name: String) -> String { "\(prefix).task.\(name)" }
    /// What is done is handed in there.
    func done(_ task: String) -> String { "\(prefix).done.\(task)" }
    /// Nodes tell each other there what was handed in as done; a hint to look.
    func told(_ task: String) -> String { "\(prefix).told.\(task)" }

    /// The part of a subject that stands for a wildcard at its end.
    static func name(_ subject: String) -> String {
        subject.lastIndex(of: ".").map { String(subject[subject.index(after: $0)...]) } ?? subject
    }
}
