import Hindsight
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An event of a log that is only imagined.
struct ScheduledEvent {
    let position: Int64
    let key: String

    /// The same each time.
    var event: RecordedEvent {
        let time = Timestamp(microsecondsSince1970: 0)
        var bytes = [UInt8](repeating: 0, count: 16)
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: position >> (index * 8)) }
        let id = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        return RecordedEvent(
            position: position, stream: "a-1", version: position, id: id, type: "T", schemaVersion: 1,
            occurredAt: time, recordedAt: time, correlationID: nil, causationID: nil, data: [], metadata: nil)
    }
}
