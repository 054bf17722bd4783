/// Optional abilities of a log, beyond the contract that every log keeps.
///
/// Check before relying on one. A log that lacks an ability answers a call that needs it with
/// ``EventLogError/Code/unsupported``.
public struct LogAbilities: OptionSet, Hashable, Sendable {
    /// One bit for each ability.
    public let rawValue: UInt64

    /// Creates a set of abilities from its bits.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Events are found by their ids forever and in any stream: ``EventLog/events(withIDs:after:maximumBytes:)``
    /// answers, and an append is idempotent at any later time. A log without it recognises a repeated append within its
    /// stream or its window.
    public static let eventsByID = LogAbilities(rawValue: 1)
    /// Positions may have holes, because they are drawn before a commit that may fail. In a log without it, each
    /// position up to the frontier holds an event, which by itself proves that a range was read completely
    /// (``LogProof/dense``).
    public static let holes = LogAbilities(rawValue: 2)
    /// Looking for a few types or one category costs less than reading everything.
    public static let selectiveReading = LogAbilities(rawValue: 4)
    /// An append may state expectations about streams other than those it appends to: a consistency boundary wider than
    /// its own streams.
    public static let wideBoundaries = LogAbilities(rawValue: 8)
    /// Events of a file or of another log can be stored unchanged, with the times at which they were first recorded,
    /// and each only once, whatever was stored since: ``EventLog/append(verbatim:)`` takes them.
    public static let verbatimImport = LogAbilities(rawValue: 16)
    /// The number of events and streams can be queried: ``EventLog/size()`` answers.
    public static let size = LogAbilities(rawValue: 32)

    private static let names: [(LogAbilities, String)] = [
        (.eventsByID, "eventsByID"), (.holes, "holes"), (.selectiveReading, "selectiveReading"),
        (.wideBoundaries, "wideBoundaries"), (.verbatimImport, "verbatimImport"), (.size, "size"),
    ]

    /// Refuses a call that needs an ability that is not among these.
    ///
    /// - Parameters:
    ///   - ability: the ability that is needed.
    ///   - call: the call that needs it, in words that follow "cannot": "find events by their ids".
    /// - Throws: ``EventLogError`` with `unsupported`.
    public func require(_ ability: LogAbilities, to call: String) throws(EventLogError) {
        guard !isSuperset(of: ability) else { return }
        throw EventLogError(
            .unsupported,
            "this log cannot \(call): it lacks the ability \(ability.subtracting(self)). Ask `abilities` first, or use a log that has it"
        )
    }
}

extension LogAbilities: CustomStringConvertible {
    /// The names of the abilities.
    public var description: String {
        let known = Self.names.filter { contains($0.0) }.map(\.1)
        return known.isEmpty ? "none" : known.joined(separator: ", ")
    }
}
