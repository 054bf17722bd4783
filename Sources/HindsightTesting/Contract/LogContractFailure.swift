/// A violation of the contract by a log.
public struct LogContractFailure: Error, Hashable, CustomStringConvertible {
    /// What happened, and what was expected.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
