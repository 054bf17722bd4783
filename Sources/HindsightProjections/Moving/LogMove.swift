/// What has gone over to a copy of a log.
package struct LogMove: Hashable, Sendable {
    /// The shards, in the order of their kinds and names.
    package var shards: [MovedShard] = []
    /// How many receipts of commands.
    package var receipts: Int64 = 0
    /// Whether there is nothing of another log.
    package var isEmpty: Bool { shards.isEmpty && receipts == 0 }
}
