import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Who a node is, as it says itself.
struct NodeIdentity: Sendable {
    /// Another one for each session.
    let id: UUID
    let name: String
    let build: String
    /// The process's id on its own machine.
    let process: Int
    let startedAt: Timestamp
    /// What it could keep up to date.
    let projections: [(name: String, version: Int)]
}
