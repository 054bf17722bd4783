import Hindsight

/// What a rebuild does about new rows that differ from those that are shown.
enum DifferencePolicy: Hashable, Sendable {
    /// Nothing is compared.
    case ignore
    /// The person at the terminal is asked; without a terminal it is ``refuse``.
    case ask
    /// The old rows stay, and the new ones wait.
    case refuse
    /// They are shown all the same.
    case allow
    /// Nothing is swapped in at all.
    case wait

    var verification: RebuildOptions.Verification {
        switch self {
        case .ignore: .none
        case .ask, .refuse: .requireEqual
        case .allow: .compare
        case .wait: .only
        }
    }
}
