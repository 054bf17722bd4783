import Hindsight

extension Sequence<Migration> {
    /// Their names in the order in which a migrator applies them: those that run online come last.
    var appliedNames: [String] {
        filter { !$0.isOnline }.map(\.name) + filter(\.isOnline).map(\.name)
    }
}
