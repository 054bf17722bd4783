public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An event as the log holds it.
public struct RecordedEvent: Hashable, Sendable {
    /// Its place in the whole log.
    public var position: Int64
    /// The stream that it belongs to.
    public var stream: StreamName
    /// Its number in the stream, from 0.
    public var version: Int64
    /// Its identity.
    public var id: UUID
    /// The name of its type.
    public var type: String
    /// The version of the type's shape, from 1.
    public var schemaVersion: Int
    /// When it happened, as its writer said.
    public var occurredAt: Timestamp
    /// When it was first written to a log.
    public var recordedAt: Timestamp
    /// What belongs together: a request, a workflow, a trace.
    public var correlationID: String?
    /// What caused it: the id of an event or command.
    public var causationID: String?
    /// The data as JSON text, byte for byte as it was appended.
    public var data: [UInt8]
    /// Free metadata as JSON text, byte for byte as it was appended.
    public var metadata: [UInt8]?

    /// An event as a log holds it.
    public init(
        position: Int64, stream: StreamName, version: Int64, id: UUID, type: String, schemaVersion: Int,
        occurredAt: Timestamp, recordedAt: Timestamp, correlationID: String?, causationID: String?, data: [UInt8],
        metadata: [UInt8]?
    ) {
        self.position = position
        self.stream = stream
        self.version = version
        self.id = id
        self.type = type
        self.schemaVersion = schemaVersion
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.correlationID = correlationID
        self.causationID = causationID
        self.data = data
        self.metadata = metadata
    }

    /// The offset of a reader that has seen this event and all before it.
    public var offset: Offset { Offset(position: position, anchor: id) }
}
