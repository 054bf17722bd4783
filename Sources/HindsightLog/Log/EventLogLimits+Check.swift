import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension EventLogLimits {
    /// Refuses an append that is malformed or exceeds a limit.
    ///
    /// - Throws: ``EventLogError`` with `invalidAppend`.
    public func check(_ appends: [StreamAppend]) throws(EventLogError) {
        var streams: Set<StreamName> = []
        var ids: Set<UUID> = []
        var events = 0
        var bytes = 0
        guard !appends.isEmpty, appends.count <= batchStreams else {
            throw EventLogError(
                .invalidAppend, "an append goes to 1 to \(batchStreams) streams, this one to \(appends.count)")
        }
        for append in appends {
            try check(append.stream)
            guard appends.count == 1 || streams.insert(append.stream).inserted else {
                throw EventLogError(
                    .invalidAppend, "stream \"\(append.stream)\" occurs twice in one append", stream: append.stream)
            }
            guard !append.events.isEmpty else {
                throw EventLogError(
                    .invalidAppend, "the append to stream \"\(append.stream)\" has no events", stream: append.stream)
            }
            if case .exact(let version) = append.expected, version < 0 {
                throw EventLogError(
                    .invalidAppend, "expected version \(version) is negative; a new stream is `noStream`",
                    stream: append.stream)
            }
            events += append.events.count
            let single = appends.count == 1 && append.events.count == 1
            for event in append.events {
                try check(event, of: append.stream)
                guard single || ids.insert(event.id).inserted else {
                    throw EventLogError(
                        .invalidAppend, "event id \(event.id.uuidString.lowercased()) occurs twice in one append",
                        stream: append.stream)
                }
                bytes += event.byteCount
            }
        }
        guard events <= batchEvents else {
            throw EventLogError(.invalidAppend, "an append has at most \(batchEvents) events, this one \(events)")
        }
        guard bytes <= batchBytes else {
            throw EventLogError(
                .invalidAppend, "an append has at most \(batchBytes) bytes of data and metadata, this one \(bytes)")
        }
    }

    /// Refuses a name that no stream can have.
    ///
    /// - Throws: ``EventLogError`` with `invalidAppend`.
    package func check(_ stream: StreamName) throws(EventLogError) {
        let length = stream.rawValue.utf8.count
        guard (1...streamNameBytes).contains(length) else {
            throw EventLogError(
                .invalidAppend, "a stream's name has 1 to \(streamNameBytes) bytes, this one \(length)", stream: stream)
        }
        guard !stream.rawValue.utf8.contains(0) else {
            throw EventLogError(.invalidAppend, "a stream's name cannot contain a zero byte", stream: stream)
        }
    }

    private func check(_ event: NewEvent, of stream: StreamName) throws(EventLogError) {
        let typeLength = event.type.utf8.count
        guard (1...typeNameBytes).contains(typeLength), !event.type.utf8.contains(0) else {
            throw EventLogError(
                .invalidAppend,
                "an event type's name has 1 to \(typeNameBytes) bytes and no zero byte, this one \(typeLength) bytes",
                stream: stream)
        }
        guard (1...Int(Int32.max)).contains(event.schemaVersion) else {
            throw EventLogError(
                .invalidAppend, "schema version \(event.schemaVersion) of \(event.type) is not in 1 … \(Int32.max)",
                stream: stream)
        }
        guard event.data.count <= eventBytes else {
            throw EventLogError(
                .invalidAppend,
                "an event's data has at most \(eventBytes) bytes, that of a \(event.type) has \(event.data.count)",
                stream: stream)
        }
        for time in [event.occurredAt, event.recordedAt ?? event.occurredAt] where !time.isWritable {
            throw EventLogError(
                .invalidAppend, "the times of an event are in the years 1 to 9999, one of a \(event.type) is \(time)",
                stream: stream)
        }
        for id in [event.correlationID, event.causationID] {
            guard let id else { continue }
            guard id.utf8.count <= correlationBytes, !id.utf8.contains(0) else {
                throw EventLogError(
                    .invalidAppend,
                    "a correlation or causation id has at most \(correlationBytes) bytes and no zero byte, one of a \(event.type) has \(id.utf8.count) bytes",
                    stream: stream)
            }
        }
        guard event.metadata.map({ $0.count <= metadataBytes }) ?? true else {
            throw EventLogError(
                .invalidAppend,
                "an event's metadata has at most \(metadataBytes) bytes, that of a \(event.type) has more",
                stream: stream)
        }
    }
}
