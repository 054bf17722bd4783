package import HindsightValues

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The content of a line.
package struct ImportLine: Hashable, Sendable {
    package var stream = StreamName("")
    package var type = ""
    package var at = Timestamp(microsecondsSince1970: 0)
    package var data: [UInt8] = []
    package var id: UUID?
    package var schema = 1
    package var correlation: String?
    package var causation: String?
    package var meta: [UInt8]?
    package var recorded: Timestamp?

    /// The event, under the line's own id or the one that was derived for it.
    package func event(id: UUID) -> StreamEvent {
        StreamEvent(
            stream,
            NewEvent(
                type: type, schemaVersion: schema, data: data, id: id, occurredAt: at, recordedAt: recorded,
                correlationID: correlation, causationID: causation, metadata: meta))
    }
}
