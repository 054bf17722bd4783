import HindsightLog

extension SubscriptionError {
    static func takenOver(_ name: String) -> SubscriptionError {
        SubscriptionError(.takenOver, "another reader has taken over the subscription \"\(name)\"")
    }

    static func handlerTooSlow(_ name: String, _ lease: Duration) -> SubscriptionError {
        SubscriptionError(
            .handlerTooSlow,
            """
            a handler of the subscription "\(name)" did nothing in its transaction for longer than the lease of \(lease), several times, and \
            the server ended the transaction. Call what takes long before the handler, or set a longer leaseDuration; while a handler appends, the log's frontier_hold_limit() counts as well
            """)
    }

    /// - Parameter reason: where it went.
    static func moved(_ name: String, _ reason: String?) -> SubscriptionError {
        SubscriptionError(
            .moved,
            "the subscription \"\(name)\" does not go on over this log: \(reason ?? "it was moved to another one")")
    }
}
