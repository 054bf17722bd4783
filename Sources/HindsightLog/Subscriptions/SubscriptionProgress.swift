#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Which events a durable subscription has handled, as stored.
package struct SubscriptionProgress: Hashable, Sendable {
    /// All events up to here.
    package var offset: Offset
    /// The ids, by position, of events beyond the first one that is not handled.
    package var beyond: [Int64: UUID]

    package init(offset: Offset, beyond: [Int64: UUID] = [:]) {
        self.offset = offset
        self.beyond = beyond
    }
}
