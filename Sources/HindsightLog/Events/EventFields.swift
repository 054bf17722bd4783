/// Fields of a recorded event, besides position, type and schema version, that the folds of a projection look at.
///
/// If a projection names its fields, a rebuild does not read the others, so that the server reads and sends less. A
/// projection that names none gets all fields. If a fold looks at a field that was not named, the rebuild notices,
/// discards what was folded since the last checkpoint, and continues with that field; until then the fold sees an empty
/// value.
public struct EventFields: OptionSet, Hashable, Sendable {
    /// One bit for each field.
    public let rawValue: UInt8

    /// Creates a set of fields from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// ``RecordedEvent/id``, and with it ``RecordedEvent/offset``.
    public static let id = EventFields(rawValue: 1)
    /// ``RecordedEvent/recordedAt``.
    public static let recordedAt = EventFields(rawValue: 2)
    /// ``RecordedEvent/correlationID``.
    public static let correlationID = EventFields(rawValue: 4)
    /// ``RecordedEvent/causationID``.
    public static let causationID = EventFields(rawValue: 8)
    /// ``RecordedEvent/metadata``.
    public static let metadata = EventFields(rawValue: 16)
    /// ``RecordedEvent/data``, the bytes; the decoded event is always there.
    public static let data = EventFields(rawValue: 32)
    /// ``RecordedEvent/stream`` and ``RecordedEvent/version``.
    public static let stream = EventFields(rawValue: 64)
    /// ``RecordedEvent/occurredAt``.
    public static let occurredAt = EventFields(rawValue: 128)
    /// All fields.
    public static let all = EventFields(rawValue: 255)
}
