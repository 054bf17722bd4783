/// What proves that a range of a log was read whole.
public enum LogProof: Hashable, Sendable {
    /// Each position of the range holds one event. A reader that has seen every position has seen every event.
    case dense
    /// The events of each type that was asked for; a type of which there are none is left out.
    case counted([String: LogChecksum])
}
