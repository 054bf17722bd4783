/// The lease of a durable subscription, as it was last taken.
struct SubscriptionLease: Sendable {
    /// What the store said of the name when the lease was taken. Its epoch is the fencing token.
    let state: ShardState

    var epoch: Int64 { state.epoch }
}
