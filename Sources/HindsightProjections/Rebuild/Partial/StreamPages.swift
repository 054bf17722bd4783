package import HindsightLog

/// The events of some streams, in the order of their positions, read page by page.
///
/// It stands where it has read to: each reading goes on behind the one before. `@unchecked Sendable`: one task uses it at a
/// time.
package final class StreamPages: EventPages, @unchecked Sendable {
    /// A stream, and the page that was read of it.
    private struct Cursor {
        let stream: StreamName
        var page: ArraySlice<RecordedEvent> = []
        var version: Int64 = 0
        /// True if the stream had no event behind the page when it was read.
        var isAtEnd = false
    }

    private let log: any EventLog
    private var cursors: [Cursor] = []

    package init(_ log: any EventLog) {
        self.log = log
    }

    /// Looks again for events, also in streams that are new.
    package func look(into streams: [StreamName]) {
        let known = Set(cursors.map(\.stream))
        cursors += streams.filter { !known.contains($0) }.map { Cursor(stream: $0) }
        for index in cursors.indices { cursors[index].isAtEnd = false }
    }

    /// Reads the events above a position and up to another one into a buffer, or fewer if they are large.
    package func read(after position: Int64, through end: Int64, maximumBytes: Int, into buffer: RawEventBuffer)
        async throws
    {
        var events: [RecordedEvent] = []
        var bytes = 0
        while let index = try await next(through: end, maximumBytes: maximumBytes) {
            let event = cursors[index].page.removeFirst()
            guard event.position > position else { continue }
            // A single event may be larger.
            if !events.isEmpty, bytes + event.byteCount > maximumBytes {
                cursors[index].page.insert(event, at: cursors[index].page.startIndex)
                return buffer.take(events, through: event.position - 1)
            }
            bytes += event.byteCount
            events.append(event)
        }
        buffer.take(events, through: end)
    }

    /// The stream whose next event has the lowest position, if that is no higher than `end`.
    private func next(through end: Int64, maximumBytes: Int) async throws -> Int? {
        var lowest: (index: Int, position: Int64)?
        for index in cursors.indices {
            if cursors[index].page.isEmpty, !cursors[index].isAtEnd {
                try await turn(index, maximumBytes: maximumBytes)
            }
            guard let position = cursors[index].page.first?.position, position <= end else { continue }
            if lowest.map({ position < $0.position }) ?? true { lowest = (index, position) }
        }
        return lowest?.index
    }

    private func turn(_ index: Int, maximumBytes: Int) async throws {
        let cursor = cursors[index]
        // The pages of all streams are in memory at once.
        let page = try await log.readStream(
            cursor.stream, from: cursor.version, backward: false, limit: 1_000,
            maximumBytes: max(1, maximumBytes / cursors.count))
        cursors[index].page = page.events[...]
        cursors[index].version = (page.events.last?.version ?? cursor.version - 1) + 1
        cursors[index].isAtEnd = !page.isCut
    }
}
