import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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

    /// The columns; the position comes first.
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

    /// The position of a tuple's event: it follows the number of fields and its own length.
    @inline(__always)
    static func position(_ tuple: UnsafeRawBufferPointer) -> Int64 {
        Int64(bigEndian: tuple.loadUnaligned(fromByteOffset: 6, as: Int64.self))
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
