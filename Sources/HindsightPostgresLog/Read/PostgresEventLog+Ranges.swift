public import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension PostgresEventLog {
    /// Reads the wanted events above a position and up to another one, with only the requested fields.
    public func read(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
        into scan: RawEventBuffer
    ) async throws {
        // If few types are wanted, the index finds their events; all others are skipped unseen.
        let query = RangeQuery(names: names, filter: filter, form: .literal, low: position, high: end)
        let columns = ScannedColumns(fields, usual: scan.usual)
        let select =
            filter == .all
            ? query.scan(limit: .max, columns: columns.list) : query.seek(limit: .max, columns: columns.list)
        let isCut = try await pool.withSession { session in
            try Self.copy(select, maximumBytes: maximumBytes, into: scan, in: &session)
        }
        // Off the connection's thread, so that the next range can be read in the meantime.
        columns.finish(scan, through: isCut ? nil : end)
    }

    /// - Returns: true if the range has more events than were taken in.
    private static func copy(
        _ select: SQL, maximumBytes: Int, into scan: RawEventBuffer, in session: inout PostgresSession
    ) throws -> Bool {
        scan.begin()
        do {
            try session.copyOut("copy (\(sql: select)) to stdout (format binary)") { tuple in
                // A single event may exceed the limit for all.
                if scan.byteCount > 0, scan.byteCount + tuple.count > maximumBytes { throw ScanIsFull() }
                scan.append(tuple)
            }
        } catch is ScanIsFull {
            return true
        }
        return false
    }

    private struct ScanIsFull: Error {}
}

/// The columns of a scan, and the conversion of its tuples to events.
struct ScannedColumns {
    private let fields: EventFields
    private let usual: RawEventBuffer.Usual?

    /// - Parameter usual: the values that are sent as null for events that have them: nearly all have, and sending null
    ///   costs the server nothing.
    init(_ fields: EventFields, usual: RawEventBuffer.Usual?) {
        self.fields = fields
        self.usual = usual
    }

    var list: SQL {
        var list: SQL = "e.position, e.type, e.schema_version, e.data"
        if let usual {
            list = """
                e.position, nullif(e.type, \(literal: usual.type)), nullif(e.schema_version, \
                \(unsafeSQL: String(usual.schemaVersion))), e.data
                """
        }
        let optional: [(EventFields, SQL)] = [
            (.stream, "e.stream, e.version"), (.occurredAt, "e.occurred_at"),
            (.id, "e.id"), (.recordedAt, "e.recorded_at"), (.correlationID, "e.correlation_id"),
            (.causationID, "e.causation_id"), (.metadata, "e.metadata"),
        ]
        for (field, column) in optional where fields.contains(field) { list = "\(sql: list), \(sql: column)" }
        return list
    }

    /// Makes events from the bytes that were read.
    ///
    /// - Parameter end: the position up to which was read; nil for that of its last event.
    func finish(_ scan: RawEventBuffer, through end: Int64?) {
        var names = NeighbouringNames()
        scan.finish(through: end) { tuple, events in append(tuple, to: &events, &names) }
    }

    /// Makes the event in its final place: returning it would copy it and count its references.
    ///
    /// - Returns: the place of its data.
    @inline(__always)
    private func append(
        _ tuple: UnsafeRawBufferPointer, to events: inout [RecordedEvent], _ names: inout NeighbouringNames
    ) -> Range<Int> {
        var columns = CopiedFields(tuple)
        let position = columns.int64()
        let type = columns.optionalBytes().map { names.type($0) } ?? usual?.type ?? ""
        let schemaVersion = columns.optionalInt32().map(Int.init) ?? usual?.schemaVersion ?? 1
        let data = columns.range()
        let hasStream = fields.contains(.stream)
        let stream = hasStream ? names.stream(columns.bytes()) : names.noStream
        let version = hasStream ? columns.int64() : 0
        let occurredAt = fields.contains(.occurredAt) ? columns.timestamp() : Timestamp(microsecondsSince1970: 0)
        let id = fields.contains(.id) ? columns.uuid() : Self.noID
        let recordedAt = fields.contains(.recordedAt) ? columns.timestamp() : occurredAt
        let correlationID = fields.contains(.correlationID) ? columns.optionalText() : nil
        let causationID = fields.contains(.causationID) ? columns.optionalText() : nil
        let metadata = fields.contains(.metadata) ? columns.optionalBytes().map { [UInt8]($0) } : nil
        events.append(
            RecordedEvent(
                position: position, stream: stream, version: version, id: id, type: type, schemaVersion: schemaVersion,
                occurredAt: occurredAt, recordedAt: recordedAt, correlationID: correlationID, causationID: causationID,
                data: fields.contains(.data) ? [UInt8](tuple[data]) : [], metadata: metadata,
                missing: EventFields(rawValue: ~fields.rawValue)))
        return data
    }

    private static let noID = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}

/// Names of streams and types in memory with a stable address; neighbours share them, so most strings need not be
/// created.
private struct NeighbouringNames {
    private var streamBytes = UnsafeRawBufferPointer(start: nil, count: 0)
    let noStream = StreamName("")
    private var stream = StreamName("")
    private var types: [(bytes: UnsafeRawBufferPointer, name: String)] = []

    mutating func stream(_ bytes: UnsafeRawBufferPointer) -> StreamName {
        if !Self.isSame(bytes, streamBytes) {
            streamBytes = bytes
            stream = StreamName(String(decoding: bytes, as: UTF8.self))
        }
        return stream
    }

    mutating func type(_ bytes: UnsafeRawBufferPointer) -> String {
        for type in types where Self.isSame(bytes, type.bytes) { return type.name }
        let name = String(decoding: bytes, as: UTF8.self)
        if types.count < 32 { types.append((bytes, name)) }
        return name
    }

    private static func isSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return memcmp(first, second, left.count) == 0
    }
}
