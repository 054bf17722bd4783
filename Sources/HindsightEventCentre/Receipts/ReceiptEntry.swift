/// What is stored of a command.
struct ReceiptEntry: Hashable, Sendable {
    /// What comes next for a command.
    enum Step: Hashable, Sendable {
        /// Nobody has decided it, or only what the log has refused since.
        case decide
        /// What was decided is to be appended.
        case append(CommandDecision)
        /// It has ended.
        case answer([UInt8])
    }

    /// SHA-256 of what was handed in.
    var content: [UInt8]
    /// How often it was decided.
    var attempt: Int32
    var step: Step
}
