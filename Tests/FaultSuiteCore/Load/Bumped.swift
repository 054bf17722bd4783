import Hindsight

/// What the load appends, to the streams `counter-…` and `probe-…`.
struct Bumped: Event, Hashable {
    var amount: Int

    init(amount: Int) {
        self.amount = amount
    }
}

/// An event that only one of the two builds can fold.
struct Amended: Event, Hashable {
    var number: Int

    init(number: Int) {
        self.number = number
    }
}
