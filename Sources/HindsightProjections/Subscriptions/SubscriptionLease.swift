import HindsightLog

/// The lease of a durable subscription, as it was last taken; without a durable name, where it starts.
struct SubscriptionLease: Sendable {
    /// The fencing token.
    let epoch: Int64
    /// Whether any event has been handled under this name.
    let hasHandled: Bool
    /// What had been handled when it was taken; nothing that was begun under an earlier lease is added to it.
    let handled: SubscriptionProgress
}
