package import HindsightLog

/// Chosen events of the log, in the order of their positions, for a replay by one reader.
package protocol EventPages: Sendable {
    /// Reads the events above a position and up to another one into a buffer, or fewer if they are large.
    func read(after position: Int64, through end: Int64, maximumBytes: Int, into buffer: RawEventBuffer) async throws
}
