public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An event to be appended: its data as JSON bytes, and its metadata.
///
/// A typed event becomes one through ``EventRegistry/encode(_:id:occurredAt:correlationID:causationID:metadata:)``.
public struct NewEvent: Hashable, Sendable {
    /// The event's identity. Appending the same id again changes nothing. Defaults to a new UUID of version 7, whose time is that
    /// of ``occurredAt`` unless that is in the future: a log may rely on ids that tell when they were made.
    public var id: UUID {
        didSet { origin = .unknown }
    }
    /// Whether this process has made the id, and when.
    package private(set) var origin: IDOrigin
    /// The name of the event's type.
    public var type: String
    /// The version of the type's shape, from 1.
    public var schemaVersion: Int
    /// The data as JSON text in UTF-8; stored verbatim.
    public var data: [UInt8]
    /// When it happened, in the years 1 to 9999. Defaults to now.
    public var occurredAt: Timestamp
    /// When it was first written to a log, in the years 1 to 9999; only an import of another log's events sets it. Defaults to `nil`,
    /// which means now.
    public var recordedAt: Timestamp?
    /// Identifies related events: those of a request, a workflow or a trace.
    public var correlationID: String?
    /// The cause of the event: the id of an event or command.
    public var causationID: String?
    /// Free metadata as JSON text in UTF-8; stored verbatim.
    public var metadata: [UInt8]?

    /// How many bytes its data and its metadata have, of which an append has at most ``EventLogLimits/batchBytes``.
    package var byteCount: Int { data.count + (metadata?.count ?? 0) }

    /// Creates an event from JSON bytes.
    public init(
        type: String, schemaVersion: Int = 1, data: [UInt8], id: UUID? = nil, occurredAt: Timestamp = .now(),
        recordedAt: Timestamp? = nil, correlationID: String? = nil, causationID: String? = nil, metadata: [UInt8]? = nil
    ) {
        self.id = id ?? UUID.version7(at: min(occurredAt, .now()))
        origin = id == nil ? .new() : .unknown
        self.type = type
        self.schemaVersion = schemaVersion
        self.data = data
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.correlationID = correlationID
        self.causationID = causationID
        self.metadata = metadata
    }
}
