/// For how long something has stood at one place although there is work for it, as it appears to somebody who looks now and
/// then.
///
/// Only the clock of this process counts. A move between two looks is seen at the second of them.
package struct Standstill<Place: Hashable & Sendable>: Sendable {
    private var place: Place?
    private var since: ContinuousClock.Instant?

    /// Nothing has been seen yet.
    package init() {}

    /// Notes a look.
    ///
    /// - Parameters:
    ///   - place: where it stands.
    ///   - hasWork: whether there is anything that could move it.
    package mutating func note(_ place: Place, hasWork: Bool, at now: ContinuousClock.Instant) {
        if !hasWork {
            since = nil
        } else if place != self.place || since == nil {
            since = now
        }
        self.place = place
    }

    /// For how long it has stood still; zero while it moves or has nothing to do.
    package func age(at now: ContinuousClock.Instant) -> Duration {
        since.map { now - $0 } ?? .zero
    }
}
