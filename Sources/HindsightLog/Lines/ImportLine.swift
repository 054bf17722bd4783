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
    /// The schema version of the data; nil if the line does not say it.
    package var schema: Int?
    package var correlation: String?
    package var causation: String?
    package var meta: [UInt8]?
    package var recorded: Timestamp?

    /// The event, under the line's own id or the one that was derived for it.
    ///
    /// - Parameter currentVersion: the schema version if the line says none.
    package func event(id: UUID, currentVersion: @autoclosure () -> Int) -> StreamEvent {
        StreamEvent(
            stream,
            NewEvent(
                type: type, schemaVersion: schema ?? currentVersion(), data: data, id: id, occurredAt: at,
                recordedAt: recorded,
                correlationID: correlation, causationID: causation, metadata: meta))
    }
}
