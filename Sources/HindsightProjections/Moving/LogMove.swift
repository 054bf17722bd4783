/// What has gone over to a copy of a log.
package struct LogMove: Hashable, Sendable {
    /// The shards, in the order of their kinds and names; none if nothing is of another log.
    package var shards: [MovedShard] = []
    /// How many receipts of commands.
    package var receipts: Int64 = 0
}
