import Synchronization

/// Fields of a recorded event that most folds never look at, so that a rebuild leaves them with the server.
///
/// Nobody declares what a fold looks at. A rebuild begins with the least; when a fold asks for a field that is not there, that
/// is noted here, what was folded since the last checkpoint is thrown away, and the rebuild goes on with the field.
package struct EventFields: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let id = EventFields(rawValue: 1)
    package static let recordedAt = EventFields(rawValue: 2)
    package static let correlationID = EventFields(rawValue: 4)
    package static let causationID = EventFields(rawValue: 8)
    package static let metadata = EventFields(rawValue: 16)
    package static let data = EventFields(rawValue: 32)
    package static let streamAndVersion = EventFields(rawValue: 64)
    package static let occurredAt = EventFields(rawValue: 128)
    package static let all = EventFields(rawValue: 255)

    private static let asked = Atomic<UInt8>(0)

    /// The fields that some fold of this process has asked for in vain up to now.
    package static var wanted: EventFields { EventFields(rawValue: asked.load(ordering: .acquiring)) }

    /// Notes that a fold has asked for a field.
    @usableFromInline
    static func ask(for field: UInt8) {
        asked.bitwiseOr(field, ordering: .acquiringAndReleasing)
    }
}
