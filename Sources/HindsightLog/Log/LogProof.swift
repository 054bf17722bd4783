/// The proof that a range of a log was read completely.
public enum LogProof: Hashable, Sendable {
    /// Each position of the range holds one event. A reader that has seen every position has seen every event.
    case dense
    /// The checksums of each requested type; types without events are left out.
    case counted([String: LogChecksum])
}
