/// A stretch of a log as a rebuild reads it: events without the fields that nobody looks at, their data where it was read.
package final class EventScan: Sendable {
    /// The events; their data is in ``bytes``.
    package let events: [RecordedEvent]
    /// How far the stretch reaches.
    package let through: Int64
    /// What the events' data is part of.
    let bytes: [UInt8]
    /// Where each event's data is.
    let ranges: [Range<Int>]

    package init(events: [RecordedEvent], bytes: [UInt8], ranges: [Range<Int>], through: Int64) {
        self.events = events
        self.bytes = bytes
        self.ranges = ranges
        self.through = through
    }

    /// A stretch that was read as whole events.
    package convenience init(_ batch: EventBatch) {
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(batch.events.count)
        for event in batch.events {
            let start = bytes.count
            bytes += event.data
            ranges.append(start..<bytes.count)
        }
        self.init(events: batch.events, bytes: bytes, ranges: ranges, through: batch.through.position)
    }
}

/// A log that can leave fields of its events where they are.
package protocol ScanningLog: EventLog {
    /// Reads the wanted events above a position and up to another one, with some of their fields.
    ///
    /// - Parameter maximumBytes: how large the events together may get before the stretch is cut; one event may be larger.
    /// - Returns: the events up to the end of the stretch, or fewer if they are large.
    func scan(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int
    ) async throws -> EventScan
}

extension EventLog {
    /// Reads as a rebuild does, whatever the log.
    func scanned(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int
    ) async throws -> EventScan {
        if let log = self as? any ScanningLog {
            return try await log.scan(
                after: position, through: end, filter: filter, fields: fields, maximumBytes: maximumBytes)
        }
        return EventScan(
            try await read(
                after: Offset(position: position, anchor: nil), through: Offset(position: end, anchor: nil),
                filter: filter, limit: .max))
    }
}
