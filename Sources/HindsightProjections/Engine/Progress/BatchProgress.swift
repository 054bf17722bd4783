/// Where a group of projections is with its batch: the group notes it, and the keeper of the leases sees whether it gets on.
///
/// Each transaction that begins or ends is a step. One that the server has ended because the program did not go on with it is no
/// step: tried again, it is still the same one that does not end.
package struct BatchProgress: Hashable, Sendable {
    /// The events of a transaction.
    package struct Events: Hashable, Sendable {
        package let positions: ClosedRange<Int64>
        package let count: Int

        package init(positions: ClosedRange<Int64>, count: Int) {
            self.positions = positions
            self.count = count
        }
    }

    /// Changes whenever the group gets on.
    package private(set) var step: UInt64 = 0
    /// True while the group has a batch.
    package private(set) var isBusy = false
    /// The events of the transaction in progress; nil while none is.
    package private(set) var events: Events?
    /// True if the last attempt at these events was ended from outside.
    private var isRepeated = false
    /// True if the transaction in progress was given up.
    private var isGivenUp = false

    package init() {}

    /// The group has a batch.
    package mutating func enter() {
        if !isRepeated { step += 1 }
        isBusy = true
    }

    /// A transaction begins.
    package mutating func begin(_ events: Events) {
        if !isRepeated || events.positions.lowerBound != self.events?.positions.lowerBound { step += 1 }
        isRepeated = false
        self.events = events
    }

    /// Part of the transaction is done.
    package mutating func goOn() { step += 1 }

    /// The transaction has ended.
    ///
    /// - Parameter ranOut: whether the server has ended it because the program took too long.
    package mutating func end(ranOut: Bool) {
        isRepeated = ranOut && !isGivenUp
        isGivenUp = false
        guard !isRepeated else { return }
        step += 1
        events = nil
    }

    /// The batch was given up: these events are not tried again by this group.
    package mutating func giveUp() {
        guard isRepeated else {
            isGivenUp = true
            return
        }
        // Between two attempts nothing is in progress.
        isRepeated = false
        isBusy = false
        events = nil
        step += 1
    }

    /// The group is done with its batch, or tries it again later.
    package mutating func leave() {
        guard !isRepeated else { return }
        step += 1
        isBusy = false
    }
}
