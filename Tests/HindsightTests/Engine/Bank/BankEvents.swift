import Hindsight

/// The events of the bank, in the streams `account-<id>`.
extension Bank {
    struct Deposited: Event, Hashable {
        var amount: Int
    }

    struct Withdrawn: Event, Hashable {
        var amount: Int
    }

    /// The account is gone; a later deposit opens it again.
    struct Closed: Event, Hashable {}

    /// To another account, or to nobody when `to` is empty.
    struct Transferred: Event, Hashable {
        var to: String
        var amount: Int
    }

    /// What a fold of a test throws.
    struct Refusal: Error, CustomStringConvertible {
        var description = "the vault is jammed"
    }
}
