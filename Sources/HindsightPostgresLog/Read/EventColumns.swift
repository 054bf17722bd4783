import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The columns of an event as the readers select them, and how they become a ``RecordedEvent``.
///
/// It keeps the last stream and the last types: neighbours share them, so most strings need not be created.
struct EventColumns {
    static let list: SQL = """
        e.position, e.version, e.stream, e.type, e.id, e.schema_version, e.occurred_at, e.recorded_at, e.correlation_id, \
        e.causation_id, e.data, e.metadata
        """
    static let count = 12

    /// The columns, but without the data of events that are too large to be fetched together.
    ///
    /// Each event may have its share of the bytes. The server knows an event's stored size without reading it. If it
    /// may be compressed, by a factor of at most 256, a small one is within its share anyway, and one in between is
    /// measured.
    static func upToSize(limit: Int, maximumBytes: Int) -> SQL {
        let share = Int64(maximumBytes / max(limit, 1))
        let stored: SQL = "pg_column_size(e.data) + coalesce(pg_column_size(e.metadata), 0)"
        let fits: SQL = """
            (\(sql: stored) <= \(share / 256) or (\(sql: stored) <= \(share) \
            and octet_length(e.data::text) + coalesce(octet_length(e.metadata::text), 0) <= \(share)))
            """
        return """
            e.position, e.version, e.stream, e.type, e.id, e.schema_version, e.occurred_at, e.recorded_at, e.correlation_id, \
            e.causation_id, case when \(sql: fits) then e.data end, \
            case when e.metadata is not null and \(sql: fits) then e.metadata end
            """
    }

    /// The events of rows that were selected with ``upToSize(limit:maximumBytes:)``; nil if one of them was too large.
    ///
    /// - Parameter bound: events above it are left out. Defaults to no bound.
    static func events(_ rows: PostgresResult, through bound: Int64 = .max) throws -> [RecordedEvent]? {
        var columns = EventColumns()
        var events: [RecordedEvent] = []
        events.reserveCapacity(rows.count)
        for row in rows where try row.decode(0, as: Int64.self) <= bound {
            guard let data = try row.decode(10, as: PostgresJSON?.self) else { return nil }
            events.append(try columns.event(row, data: data.bytes))
        }
        return events
    }

    private var stream = StreamName("")
    private var types: [String] = []

    /// Reads the event of a query's row.
    mutating func event(_ row: PostgresRow) throws -> RecordedEvent {
        try event(row, data: try row.decode(10, as: PostgresJSON.self).bytes)
    }

    private mutating func event(_ row: PostgresRow, data: [UInt8]) throws -> RecordedEvent {
        RecordedEvent(
            position: try row.decode(0), stream: StreamName(try row.decode(2, as: String.self)),
            version: try row.decode(1), id: try row.decode(4), type: try row.decode(3),
            schemaVersion: try row.decode(5, as: Int.self),
            occurredAt: try row.decode(6, as: NearestTimestamp.self).value,
            recordedAt: try row.decode(7, as: NearestTimestamp.self).value,
            correlationID: try row.decode(8), causationID: try row.decode(9),
            data: data,
            metadata: try row.decode(11, as: PostgresJSON?.self)?.bytes)
    }

    /// Reads the event of a tuple of a binary COPY.
    mutating func event(copied tuple: UnsafeRawBufferPointer) throws -> RecordedEvent {
        var fields = CopiedFields(tuple)
        let position = fields.int64()
        let version = fields.int64()
        let stream = streamName(fields.bytes())
        let type = typeName(fields.bytes())
        let id = fields.uuid()
        let schemaVersion = Int(fields.int32())
        let occurredAt = fields.timestamp()
        let recordedAt = fields.timestamp()
        let correlationID = fields.optionalBytes().map { String(decoding: $0, as: UTF8.self) }
        let causationID = fields.optionalBytes().map { String(decoding: $0, as: UTF8.self) }
        let data = [UInt8](fields.bytes())
        let metadata = fields.optionalBytes().map { [UInt8]($0) }
        return RecordedEvent(
            position: position, stream: stream, version: version, id: id, type: type, schemaVersion: schemaVersion,
            occurredAt: occurredAt, recordedAt: recordedAt, correlationID: correlationID, causationID: causationID,
            data: data, metadata: metadata)
    }

    private mutating func streamName(_ bytes: UnsafeRawBufferPointer) -> StreamName {
        if !stream.rawValue.utf8.elementsEqual(bytes) { stream = StreamName(String(decoding: bytes, as: UTF8.self)) }
        return stream
    }

    private mutating func typeName(_ bytes: UnsafeRawBufferPointer) -> String {
        for type in types where type.utf8.elementsEqual(bytes) { return type }
        let type = String(decoding: bytes, as: UTF8.self)
        if types.count < 32 { types.append(type) }
        return type
    }
}

/// Walks the fields of a tuple of a binary COPY (PostgreSQL manual, "COPY", binary format). The server writes the
/// select list of ``EventColumns``, so a field of another size is a defect of this program.
struct CopiedFields {
    private let tuple: UnsafeRawBufferPointer
    private var cursor = 2

    init(_ tuple: UnsafeRawBufferPointer) {
        self.tuple = tuple
    }

    mutating func optionalBytes() -> UnsafeRawBufferPointer? {
        let length = Int(Int32(bigEndian: tuple.loadUnaligned(fromByteOffset: cursor, as: Int32.self)))
        cursor += 4
        guard length >= 0 else { return nil }
        defer { cursor += length }
        return UnsafeRawBufferPointer(rebasing: tuple[cursor..<cursor + length])
    }

    mutating func optionalText() -> String? { optionalBytes().map { String(decoding: $0, as: UTF8.self) } }

    /// The range of a field's bytes in the tuple.
    mutating func range() -> Range<Int> {
        let count = bytes().count
        return cursor - count..<cursor
    }

    mutating func bytes() -> UnsafeRawBufferPointer {
        guard let bytes = optionalBytes() else { preconditionFailure("null in a column that is not null") }
        return bytes
    }

    mutating func int64() -> Int64 { Int64(bigEndian: bytes().loadUnaligned(as: Int64.self)) }
    mutating func int32() -> Int32 { Int32(bigEndian: bytes().loadUnaligned(as: Int32.self)) }
    mutating func optionalInt32() -> Int32? {
        optionalBytes().map { Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) }
    }
    mutating func uuid() -> UUID { UUID(uuid: bytes().loadUnaligned(as: uuid_t.self)) }

    mutating func timestamp() -> Timestamp { Timestamp(nearestToPostgres: int64()) }
}
