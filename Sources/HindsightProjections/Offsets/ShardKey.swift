#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Identifies a shard: a table of a projection, or a durable subscription, in one version and one partition, over one
/// log.
struct ShardKey: Hashable, Sendable {
    /// What a shard's rows are for.
    enum Kind: String, Sendable {
        /// The table that the engine keeps up to date for a projection's version.
        case projection
        /// The events that a durable subscription has handled.
        case subscription
        /// A table that a rebuild fills.
        case rebuild
        /// A table that a rebuild of the same version has replaced, kept up to date for a rollback.
        case kept
    }

    let kind: Kind
    let name: String
    let version: Int
    let partition: Int
    let log: UUID

    /// The shard of the same projection, version and partition with another purpose.
    func with(_ kind: Kind) -> ShardKey {
        ShardKey(kind: kind, name: name, version: version, partition: partition, log: log)
    }
}

/// In the order in which the offset store locks rows as well.
extension ShardKey: Comparable {
    static func < (left: ShardKey, right: ShardKey) -> Bool {
        (left.kind.rawValue, left.name, left.version, left.partition)
            < (right.kind.rawValue, right.name, right.version, right.partition)
    }
}
