#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A command that was handed in, ready to be decided.
struct HandedIn: Sendable {
    let id: UUID
    let name: String
    /// SHA-256 of what was handed in.
    let content: [UInt8]
    let decide: @Sendable () async throws -> CommandVerdict
}
