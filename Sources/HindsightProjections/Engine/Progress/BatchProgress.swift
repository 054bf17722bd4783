/// Where a group of projections is with its batch: the group notes it, and the keeper of the leases sees whether it gets on.
///
/// Each transaction that begins or ends is a step. One that the server has ended because the program did not go on with it is no
/// step: tried again, it is still the same one that does not end.
package struct BatchProgress: Hashable, Sendable {
    /// The events of a transaction.
    package struct Events: Hashable, Sendable {
        package let positions: ClosedRange<Int64>
        package let count: Int
        /// Which of the group's transactions with these events it is.
        package let part: String

        package init(positions: ClosedRange<Int64>, count: Int, part: String = "") {
            self.positions = positions
            self.count = count
            self.part = part
        }

        fileprivate func begins(like other: Events) -> Bool { positions.lowerBound == other.positions.lowerBound }
    }

    /// Changes whenever the group gets on.
    package private(set) var step: UInt64 = 0
    /// True while the group has a batch.
    package private(set) var isBusy = false
    /// The events of the transaction in progress; nil while none is.
    package private(set) var events: Events?
    /// The transaction that was ended from outside, until it ends in another way or the group gets beyond it.
    private var repeated: Events?
    /// True once it has begun again.
    private var isReached = false
    /// True if the transaction in progress was given up.
    private var isGivenUp = false

    package init() {}

    /// The group has a batch.
    package mutating func enter() {
        if repeated == nil { step += 1 }
        isBusy = true
    }

    /// A transaction begins.
    package mutating func begin(_ events: Events) {
        self.events = events
        guard let repeated, events.begins(like: repeated), !isReached || events.part == repeated.part else {
            self.repeated = nil
            isReached = false
            step += 1
            return
        }
        // What comes before it is done again on the way.
        if events.part == repeated.part { isReached = true }
    }

    /// The transaction has ended.
    ///
    /// - Parameter ranOut: whether the server has ended it because the program took too long.
    package mutating func end(ranOut: Bool) {
        repeated = ranOut && !isGivenUp ? events : nil
        isReached = false
        isGivenUp = false
        guard repeated == nil else { return }
        step += 1
        events = nil
    }

    /// The batch is given up: these events are not tried again by this group.
    ///
    /// - Parameter known: the step at which it was seen.
    /// - Returns: false if it has got on since.
    package mutating func giveUp(at known: UInt64) -> Bool {
        guard isBusy, step == known else { return false }
        guard repeated != nil, !isReached else {
            isGivenUp = true
            return true
        }
        // Between two attempts nothing is in progress.
        repeated = nil
        isBusy = false
        events = nil
        step += 1
        return true
    }

    /// The group is done with its batch, or tries it again later.
    package mutating func leave() {
        guard repeated == nil else { return }
        step += 1
        isBusy = false
    }
}
