/// Why a command of the command line cannot do what it was asked for.
public struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, where, and what to do about it. It ends on standard error, so it holds no secrets.
    public let description: String

    /// An error in words.
    public init(_ description: String) {
        self.description = description
    }
}
