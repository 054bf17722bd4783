/// How long a projection or a subscription may stand still in the time of some faults, while the server answers.
package enum StandstillBound {
    /// What the engine promises beside the time of a lease: when a node dies or hangs, others go on within both.
    private static let beyondLease = Duration.seconds(2)

    /// - Parameters:
    ///   - lease: how long a lease lasts.
    ///   - away: for how long the server did not answer. Pauses between attempts grow meanwhile, up to about that.
    package static func bound(for faults: [Fault], lease: Duration, away: Duration) -> Duration {
        // Each fault may hit whoever has just taken over from the one before it. While the disk is full, nobody can commit.
        faults.reduce(away) { bound, fault in
            bound + lease + beyondLease + (fault.kind == .fullDisk ? fault.duration : .zero)
        }
    }
}
