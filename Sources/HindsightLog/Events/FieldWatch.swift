import Synchronization

/// Notices when somebody looks at a field that was left with the log, for the one who read the events.
///
/// It is bound to the tasks that fold, so that two replays in one process do not hear of each other's fields.
package final class FieldWatch: Sendable {
    /// The watch of the replay at work; nil where all fields are read.
    @TaskLocal package static var current: FieldWatch?

    private let missed = Atomic<UInt8>(0)

    /// A watch that has noticed nothing.
    package init() {}

    /// The fields that were looked at and are not there.
    package var fields: EventFields { EventFields(rawValue: missed.load(ordering: .acquiring)) }

    func note(_ field: EventFields) {
        missed.bitwiseOr(field.rawValue, ordering: .acquiringAndReleasing)
    }
}
