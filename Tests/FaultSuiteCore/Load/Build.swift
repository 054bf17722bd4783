/// Which of the two builds of the program a node runs.
package enum Build: String, Hashable, Sendable, CaseIterable {
    /// It stops at an ``Amended`` event.
    case broken
    /// It folds everything.
    case mended
}
