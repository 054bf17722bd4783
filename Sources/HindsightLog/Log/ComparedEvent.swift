#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What a log found where it has an event with an id of an append.
package struct ComparedEvent: Hashable, Sendable {
    /// The id.
    package let id: UUID
    /// The position of the stored event.
    package let position: Int64
    /// Whether stream, type and data are those of the event that was to be appended.
    package let isSame: Bool

    package init(id: UUID, position: Int64, isSame: Bool) {
        self.id = id
        self.position = position
        self.isSame = isSame
    }
}
