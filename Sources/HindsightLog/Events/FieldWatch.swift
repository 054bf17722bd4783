import Synchronization

/// Notices accesses to fields that were not read from the log, on behalf of the reader of the events.
///
/// It is bound to the tasks that fold, so that two replays in one process do not notice each other's fields.
package final class FieldWatch: Sendable {
    /// The watch of the current replay; nil if all fields are read.
    @TaskLocal package static var current: FieldWatch?

    private let missed = Atomic<UInt8>(0)

    /// Creates a watch that has noticed nothing.
    package init() {}

    /// The fields that were accessed although they are missing.
    package var fields: EventFields { EventFields(rawValue: missed.load(ordering: .acquiring)) }

    func note(_ field: EventFields) {
        missed.bitwiseOr(field.rawValue, ordering: .acquiringAndReleasing)
    }
}
