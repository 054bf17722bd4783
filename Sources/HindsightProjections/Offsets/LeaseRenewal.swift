/// Which renewal of a lease the last one is: another owner has another epoch.
struct LeaseRenewal: Hashable, Sendable {
    let epoch: Int64
    let renewals: Int64
}

extension ShardState {
    /// The last renewal of its lease.
    var renewal: LeaseRenewal { LeaseRenewal(epoch: epoch, renewals: renewals) }
}
