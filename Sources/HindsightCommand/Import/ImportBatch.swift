import Hindsight

/// Events of a file that are appended together, each with its line.
package struct ImportBatch: Sendable {
    /// The limits of a batch. Larger batches wait less for the disk, but readers, and writers to the same streams, wait
    /// for the end of a batch, and each of its streams takes a lock on the server.
    package struct Limits: Hashable, Sendable {
        package var events = 16_000
        package var streams = 1_000
        package var bytes = 16 << 20

        /// The defaults.
        package init() {}

        /// Lowered to what the log accepts in one append.
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
    /// How many lines repeat another line of the batch, including its id.
    package internal(set) var repetitions = 0
    /// The fraction of the file that has been read, 0 to 1, if known.
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
