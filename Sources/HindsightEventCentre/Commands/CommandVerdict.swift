import HindsightLog

/// What is decided about a command.
enum CommandVerdict: Sendable {
    /// It appends events, if the stream is still as it was.
    case append(CommandDecision)
    /// It is done without any event.
    case unchanged(StreamName, version: Int64)
    /// The stream is not as the command says it must be.
    case conflict(StreamName, expected: ExpectedVersion, actual: Int64)
    /// The app refuses it.
    case refused(CommandRefusal)
}
