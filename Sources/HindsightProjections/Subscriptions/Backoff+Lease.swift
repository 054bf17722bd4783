import HindsightValues

extension Backoff {
    /// The pauses of whoever has a lease, or waits for one: short beside it. Otherwise a server that was away for a while, and is there
    /// again, would be waited for as long once more.
    static func within(lease: Duration) -> Backoff {
        Backoff(initial: .milliseconds(5), maximum: min(lease / 4, .seconds(1)))
    }
}
