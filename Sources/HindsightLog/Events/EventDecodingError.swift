/// An event that cannot be read as the type that a reader wants.
public struct EventDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it. It holds no event data.
    public let description: String

    /// An error with this description.
    public init(_ description: String) {
        self.description = description
    }
}
