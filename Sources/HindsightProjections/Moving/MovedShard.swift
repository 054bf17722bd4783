/// A projection or a durable subscription that goes on over a copy of its log.
package struct MovedShard: Hashable, Sendable {
    /// What it is: `projection`; `kept`, a table that is kept for a rollback; or `subscription`.
    package var kind: String
    /// The projection's name, or the durable name.
    package var name: String
    /// The projection's version; 1 for a subscription.
    package var version: Int
    /// Its position in the log before.
    package var before: Int64
    /// The position of the same event in the copy.
    package var position: Int64
    /// Whether it can still be proven which events it has applied.
    package var isProvable: Bool
}
