#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// An event in a copy of a log.
package struct CopiedEvent: Hashable, Sendable {
    /// Its id, which is the same in both logs.
    package var id: UUID
    /// The name of its type as it is stored.
    package var type: String
    /// Its position in the copy.
    package var position: Int64
    /// Its position in the log that it was copied from.
    package var origin: Int64

    package init(id: UUID, type: String, position: Int64, origin: Int64) {
        self.id = id
        self.type = type
        self.position = position
        self.origin = origin
    }
}
