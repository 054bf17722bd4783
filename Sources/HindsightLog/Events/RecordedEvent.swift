public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An event that is stored in a log.
///
/// A fold should not keep it: during a rebuild it holds only the fields that the projection names (``EventFields``).
public struct RecordedEvent: Sendable {
    /// Its place in the whole log.
    public var position: Int64
    /// The name of its type.
    public var type: String
    /// The version of the type's shape, from 1.
    public var schemaVersion: Int

    @usableFromInline var storedStream: StreamName
    @usableFromInline var storedVersion: Int64
    @usableFromInline var storedOccurredAt: Timestamp
    @usableFromInline var storedID: UUID
    @usableFromInline var storedRecordedAt: Timestamp
    @usableFromInline var storedData: [UInt8]
    /// One reference for the fields that most events lack.
    @usableFromInline var tags: Tags?
    /// The fields that it does not hold, although the log may.
    @usableFromInline var missing: EventFields

    @usableFromInline
    final class Tags: Sendable, Hashable {
        @usableFromInline let correlationID: String?
        @usableFromInline let causationID: String?
        @usableFromInline let metadata: [UInt8]?

        @usableFromInline
        init(_ correlationID: String?, _ causationID: String?, _ metadata: [UInt8]?) {
            self.correlationID = correlationID
            self.causationID = causationID
            self.metadata = metadata
        }

        /// Not a failable initializer: that would create the object first and then discard it.
        @inlinable
        static func make(_ correlationID: String?, _ causationID: String?, _ metadata: [UInt8]?) -> Tags? {
            guard correlationID != nil || causationID != nil || metadata != nil else { return nil }
            return Tags(correlationID, causationID, metadata)
        }

        @usableFromInline
        static func == (left: Tags, right: Tags) -> Bool {
            left.correlationID == right.correlationID && left.causationID == right.causationID
                && left.metadata == right.metadata
        }

        @usableFromInline
        func hash(into hasher: inout Hasher) {
            hasher.combine(correlationID)
            hasher.combine(causationID)
            hasher.combine(metadata)
        }
    }

    /// Creates an event as stored in a log.
    ///
    /// - Parameter missing: the fields that were not read from the log; an access to one of them is noticed. Defaults
    ///   to none.
    @inlinable
    public init(
        position: Int64, stream: StreamName, version: Int64, id: UUID, type: String, schemaVersion: Int,
        occurredAt: Timestamp, recordedAt: Timestamp, correlationID: String?, causationID: String?, data: [UInt8],
        metadata: [UInt8]?, missing: EventFields = []
    ) {
        self.position = position
        self.type = type
        self.schemaVersion = schemaVersion
        storedStream = stream
        storedVersion = version
        storedOccurredAt = occurredAt
        storedID = id
        storedRecordedAt = recordedAt
        storedData = data
        tags = Tags.make(correlationID, causationID, metadata)
        self.missing = missing
    }

    /// The stream to which it belongs.
    public var stream: StreamName {
        get {
            check(.stream)
            return storedStream
        }
        set { storedStream = newValue }
    }

    /// Its number in the stream, from 0.
    public var version: Int64 {
        get {
            check(.stream)
            return storedVersion
        }
        set { storedVersion = newValue }
    }

    /// When it happened, according to its writer.
    public var occurredAt: Timestamp {
        get {
            check(.occurredAt)
            return storedOccurredAt
        }
        set {
            storedOccurredAt = newValue
            missing.remove(.occurredAt)
        }
    }

    /// Its identity.
    public var id: UUID {
        get {
            check(.id)
            return storedID
        }
        set {
            storedID = newValue
            missing.remove(.id)
        }
    }

    /// When it was first written to a log.
    public var recordedAt: Timestamp {
        get {
            check(.recordedAt)
            return storedRecordedAt
        }
        set {
            storedRecordedAt = newValue
            missing.remove(.recordedAt)
        }
    }

    /// Identifies related events: those of a request, a workflow or a trace.
    public var correlationID: String? {
        get {
            check(.correlationID)
            return tags?.correlationID
        }
        set {
            tags = Tags.make(newValue, tags?.causationID, tags?.metadata)
            missing.remove(.correlationID)
        }
    }

    /// The cause of the event: the id of an event or command.
    public var causationID: String? {
        get {
            check(.causationID)
            return tags?.causationID
        }
        set {
            tags = Tags.make(tags?.correlationID, newValue, tags?.metadata)
            missing.remove(.causationID)
        }
    }

    /// The data as JSON text, byte for byte as it was appended.
    public var data: [UInt8] {
        get {
            check(.data)
            return storedData
        }
        set {
            storedData = newValue
            missing.remove(.data)
        }
    }

    /// Free metadata as JSON text, byte for byte as it was appended.
    public var metadata: [UInt8]? {
        get {
            check(.metadata)
            return tags?.metadata
        }
        set {
            tags = Tags.make(tags?.correlationID, tags?.causationID, newValue)
            missing.remove(.metadata)
        }
    }

    private func check(_ field: EventFields) {
        if missing.contains(field) { FieldWatch.current?.note(field) }
    }

    /// The size of the event for limits in bytes: its data and its metadata.
    public var byteCount: Int { storedData.count + (tags?.metadata?.count ?? 0) }

    /// The offset of a reader that has seen this event and all earlier ones.
    public var offset: Offset { Offset(position: position, anchor: id) }
}

extension RecordedEvent: Hashable {
    /// Whether all fields are equal.
    public static func == (left: RecordedEvent, right: RecordedEvent) -> Bool {
        left.position == right.position && left.stream == right.stream && left.version == right.version
            && left.id == right.id && left.type == right.type && left.schemaVersion == right.schemaVersion
            && left.occurredAt == right.occurredAt && left.recordedAt == right.recordedAt && left.data == right.data
            && left.correlationID == right.correlationID && left.causationID == right.causationID
            && left.metadata == right.metadata
    }

    /// Hashes position and identity.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(position)
        hasher.combine(id)
    }
}
