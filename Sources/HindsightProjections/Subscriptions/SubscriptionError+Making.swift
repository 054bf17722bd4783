import HindsightLog

extension SubscriptionError {
    static func takenOver(_ name: String) -> SubscriptionError {
        SubscriptionError(.takenOver, "another reader has taken over the subscription \"\(name)\"")
    }
}
