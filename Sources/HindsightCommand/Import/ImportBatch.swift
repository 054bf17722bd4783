import Hindsight

/// Events of a file that are appended at once, and the line that each comes from.
struct ImportBatch: Sendable {
    /// How large a batch may be. Larger ones are not faster; each stream of a batch takes a lock on the server.
    struct Limits: Hashable, Sendable {
        var events = 4_000
        var streams = 500
        var bytes = 4 << 20
    }

    private(set) var events: [StreamEvent] = []
    private(set) var lines: [Int] = []
    /// How many lines repeat one of the batch, id and all.
    var repetitions = 0
    /// How much of the file has been read, 0 to 1, if that is known.
    var fraction: Double?

    mutating func append(_ event: StreamEvent, line: Int) {
        events.append(event)
        lines.append(line)
    }
}
