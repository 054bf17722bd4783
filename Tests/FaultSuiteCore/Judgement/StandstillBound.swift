/// How long a projection or a subscription may stand still in the time of some faults, while the server answers.
package enum StandstillBound {
    /// What the engine promises beside the time of a lease: when a node dies or hangs, others go on within both.
    private static let beyondLease = Duration.seconds(2)

    /// - Parameter lease: how long a lease lasts; pauses between attempts are no longer than a quarter of it.
    package static func bound(for faults: [Fault], lease: Duration) -> Duration {
        // Each fault may hit whoever has just taken over from the one before it. While the disk is full, nobody can commit.
        faults.reduce(.zero) { bound, fault in
            bound + lease + beyondLease + (fault.kind == .fullDisk ? fault.duration : .zero)
        }
    }
}
