/// What a log did otherwise than the contract asks.
public struct LogContractFailure: Error, Hashable, CustomStringConvertible {
    /// What happened, and what was expected.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
