#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The batches of a node that have not ended in time, and what is still to be done about them.
struct OverdueBatches: Sendable {
    /// A shard that is to be given up.
    struct Shard: Sendable {
        let member: ProjectionMember
        /// What the shard's transaction holds; nil if it only waits for others.
        let events: BatchProgress.Events?
        /// The last event of it.
        let event: UUID?
        /// True if no other shard is in the transaction.
        let isAlone: Bool
        /// Whether the database was at work, according to an answer that was not the last one.
        var isBusy: Bool?
    }

    /// The shards that the database has not let go of yet.
    private(set) var shards: [ShardKey: Shard] = [:]
    /// The groups whose batch has not returned since, by the step at which they stand.
    private var standing: [Int: UInt64] = [:]

    /// True while a fold or a handler of this process does not return.
    var isStuck: Bool { !standing.isEmpty }

    /// True until the shard is given up.
    func isAsked(for key: ShardKey) -> Bool { shards[key] != nil }

    /// Forgets the groups that have got on.
    ///
    /// - Parameter works: all groups that have a batch.
    mutating func look(at works: [Int: GroupProgress.Work]) {
        standing = standing.filter { works[$0.key]?.step == $0.value }
    }

    /// True if the group was given up, and has not returned.
    func isStanding(_ group: Int) -> Bool { standing[group] != nil }

    /// Notes a group whose batch has not ended in time.
    ///
    /// - Parameter held: those of its members that this node still has.
    mutating func add(_ group: Int, _ work: GroupProgress.Work, held: [ProjectionMember]) {
        standing[group] = work.step
        for member in held {
            let isApplying = work.applying.contains { $0 === member }
            shards[member.key] = Shard(
                member: member, events: isApplying ? work.events : nil, event: isApplying ? work.lastEvent : nil,
                isAlone: work.applying.count == 1)
        }
    }

    /// The transaction of a shard has its row locked, and was ended: it is to be asked again.
    mutating func wait(for key: ShardKey, isBusy: Bool) { shards[key]?.isBusy = isBusy }

    /// A shard is given up.
    mutating func settle(_ key: ShardKey) { shards[key] = nil }
}
