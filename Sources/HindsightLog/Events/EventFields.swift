/// Fields of a recorded event beside position, type and schema version: what the folds of a projection look at.
///
/// A projection that names them spares a rebuild the others; the server then reads and sends less. One that names none is given
/// all of them. If a fold looks at a field that was not named, the rebuild notices, throws away what was folded since the last
/// checkpoint, and goes on with that field; the fold itself has seen an empty value until then.
public struct EventFields: OptionSet, Hashable, Sendable {
    /// One bit a field.
    public let rawValue: UInt8

    /// Fields by their bits.
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
    /// All of them.
    public static let all = EventFields(rawValue: 255)
}
