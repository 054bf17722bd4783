/// An error about a database's schema that does not fit the program.
public struct MigrationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of a ``MigrationError``.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The database was migrated by a newer program.
        public static let newerDatabase = Code("newerDatabase")
        /// An applied migration has different content in this program.
        public static let edited = Code("edited")
    }

    /// What does not fit.
    public var code: Code
    /// What does not fit, and what to do about it.
    public var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
