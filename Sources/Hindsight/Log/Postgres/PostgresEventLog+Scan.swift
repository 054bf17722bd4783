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

extension PostgresEventLog: ScanningLog {
    package func scan(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int
    ) async throws -> EventScan {
        // Of a few types, the index knows where they are; all others are passed over unseen.
        let query = StretchQuery(names: names, filter: filter, form: .literal, low: position, high: end)
        let select =
            filter == .all
            ? query.scan(limit: .max, columns: ScannedColumns.list(fields))
            : query.seek(limit: .max, columns: ScannedColumns.list(fields))
        let (bytes, offsets, isCut) = try await pool.withSession { session in
            try Self.copy(select, maximumBytes: maximumBytes, in: &session)
        }
        // Off the connection's thread: the next stretch can be read meanwhile.
        return ScannedColumns(fields).scan(bytes, offsets, end: isCut ? nil : end)
    }

    private static func copy(
        _ select: SQL, maximumBytes: Int, in session: inout PostgresSession
    ) throws -> (bytes: [UInt8], offsets: [Int], isCut: Bool) {
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        bytes.reserveCapacity(min(4 << 20, maximumBytes))
        offsets.reserveCapacity(16_384)
        do {
            try session.copyOut("copy (\(sql: select)) to stdout (format binary)") { tuple in
                if bytes.count > maximumBytes { throw ScanIsFull() }
                offsets.append(bytes.count)
                bytes.append(contentsOf: tuple)
            }
        } catch is ScanIsFull {
            return (bytes, offsets, true)
        }
        return (bytes, offsets, false)
    }

    private struct ScanIsFull: Error {}
}

/// The columns of a scan, and how its tuples become events.
struct ScannedColumns {
    private let fields: EventFields

    init(_ fields: EventFields) {
        self.fields = fields
    }

    static func list(_ fields: EventFields) -> SQL {
        var list: SQL = "e.position, e.type, e.schema_version, e.data"
        let optional: [(EventFields, SQL)] = [
            (.stream, "e.stream, e.version"), (.occurredAt, "e.occurred_at"),
            (.id, "e.id"), (.recordedAt, "e.recorded_at"), (.correlationID, "e.correlation_id"),
            (.causationID, "e.causation_id"), (.metadata, "e.metadata"),
        ]
        for (field, column) in optional where fields.contains(field) { list = "\(sql: list), \(sql: column)" }
        return list
    }

    /// - Parameter end: how far the stretch reaches; nil for its last event.
    func scan(_ bytes: [UInt8], _ offsets: [Int], end: Int64?) -> EventScan {
        var events: [RecordedEvent] = []
        var ranges: [Range<Int>] = []
        events.reserveCapacity(offsets.count)
        ranges.reserveCapacity(offsets.count)
        bytes.withUnsafeBytes { buffer in
            var names = NeighbouringNames(buffer)
            for (index, offset) in offsets.enumerated() {
                let next = index + 1 < offsets.count ? offsets[index + 1] : buffer.count
                let data = append(UnsafeRawBufferPointer(rebasing: buffer[offset..<next]), to: &events, &names)
                ranges.append(offset + data.lowerBound..<offset + data.upperBound)
            }
        }
        return EventScan(events: events, bytes: bytes, ranges: ranges, through: end ?? events.last?.position ?? 0)
    }

    /// Makes the event where it stays: to return it would be to copy it, and to count its references.
    ///
    /// - Returns: where its data is.
    @inline(__always)
    private func append(
        _ tuple: UnsafeRawBufferPointer, to events: inout [RecordedEvent], _ names: inout NeighbouringNames
    ) -> Range<Int> {
        var columns = CopiedFields(tuple)
        let position = columns.int64()
        let type = names.type(columns.bytes())
        let schemaVersion = Int(columns.int32())
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

/// Names of streams and types of one buffer; neighbours share them, which spares most strings.
private struct NeighbouringNames {
    private var streamBytes: UnsafeRawBufferPointer
    let noStream = StreamName("")
    private var stream = StreamName("")
    private var types: [(bytes: UnsafeRawBufferPointer, name: String)] = []

    /// - Parameter buffer: what the names are in; they must not outlive it.
    init(_ buffer: UnsafeRawBufferPointer) {
        streamBytes = UnsafeRawBufferPointer(rebasing: buffer[..<0])
    }

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
