/// Why a command cannot do what it was asked to do.
public struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, where, and what to do about it. It is shown on standard error, so it holds no secrets.
    public let description: String

    /// Creates an error with a message.
    public init(_ description: String) {
        self.description = description
    }
}
