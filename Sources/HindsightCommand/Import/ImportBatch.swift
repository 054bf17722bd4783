package import Hindsight

/// Events of a file that are appended at once, and the line that each comes from.
package struct ImportBatch: Sendable {
    /// How large a batch may be. Larger ones wait less for the disk, but readers, and writers to the same streams, wait for the
    /// end of a batch, and each of its streams takes a lock on the server.
    package struct Limits: Hashable, Sendable {
        package var events = 16_000
        package var streams = 1_000
        package var bytes = 16 << 20

        /// The defaults.
        package init() {}

        /// Lowered to what the log takes in one append.
        mutating func fit(_ log: EventLogLimits) {
            events = min(events, log.batchEvents)
            streams = min(streams, log.batchStreams)
            bytes = min(bytes, log.batchBytes)
        }
    }

    /// The events, at least one.
    package private(set) var events: [StreamEvent] = []
    /// The line of each event.
    package private(set) var lines: [Int] = []
    /// How many lines repeat one of the batch, id and all.
    package internal(set) var repetitions = 0
    /// How much of the file has been read, 0 to 1, if that is known.
    package internal(set) var fraction: Double?

    /// The events for which a condition holds, and the others, each with its line.
    func split(_ isFirst: (StreamEvent) -> Bool) -> (first: ImportBatch, second: ImportBatch) {
        var parts = (first: ImportBatch(), second: ImportBatch())
        for (event, line) in zip(events, lines) {
            if isFirst(event) { parts.first.append(event, line: line) } else { parts.second.append(event, line: line) }
        }
        return parts
    }

    mutating func append(_ event: StreamEvent, line: Int) {
        events.append(event)
        lines.append(line)
    }
}
