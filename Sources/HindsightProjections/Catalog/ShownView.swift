/// What a stable name shows, as a program sees it that declares a version of the projection.
package struct ShownView: Hashable, Sendable {
    /// The version whose rows are shown.
    package let version: Int
    /// The declared columns that it does not have, quoted; with the declared type if only that is another one.
    package let missing: [String]
    /// True if the declared version was shown before: somebody has gone back to the other one.
    package let isRolledBack: Bool
}
