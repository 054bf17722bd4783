import HindsightLog

extension SubscriptionError {
    static func takenOver(_ name: String) -> SubscriptionError {
        SubscriptionError(.takenOver, "another reader has taken over the subscription \"\(name)\"")
    }

    /// - Parameter reason: where it went.
    static func moved(_ name: String, _ reason: String?) -> SubscriptionError {
        SubscriptionError(
            .moved,
            "the subscription \"\(name)\" does not go on over this log: \(reason ?? "it was moved to another one")")
    }
}
