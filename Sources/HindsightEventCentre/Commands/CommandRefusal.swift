import HindsightLog

/// Why a command is refused for good. A handler throws it, and whoever handed the command in gets it in the receipt.
public struct CommandRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of reason, for programs: `outOfStock`, say.
    public var code: String
    /// The reason, for people. It is stored with the receipt and sent to whoever asks.
    public var reason: String

    /// Refuses a command.
    ///
    /// - Parameters:
    ///   - reason: the reason, for people.
    ///   - code: the kind of reason, for programs. Defaults to `refused`.
    public init(_ reason: String, code: String = "refused") {
        self.code = code
        self.reason = reason
    }

    /// What the log refuses for good.
    init(_ error: EventLogError) {
        self.init(error.message, code: error.code == .knownEvents ? "knownEvents" : "invalidAppend")
    }

    /// Code and reason.
    public var description: String { "\(code): \(reason)" }
}
