import Hindsight
import HindsightValues

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a line says.
struct ImportLine: Hashable, Sendable {
    var stream = StreamName("")
    var type = ""
    var at = Timestamp(microsecondsSince1970: 0)
    var data: [UInt8] = []
    var id: UUID?
    var schema = 1
    var correlation: String?
    var causation: String?
    var meta: [UInt8]?
    var recorded: Timestamp?

    /// The event, under the line's own id or the one that was derived for it.
    func event(id: UUID) -> StreamEvent {
        StreamEvent(
            stream,
            NewEvent(
                type: type, schemaVersion: schema, data: data, id: id, occurredAt: at, recordedAt: recorded,
                correlationID: correlation, causationID: causation, metadata: meta))
    }
}
