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
            the server ended the transaction. Call what takes long before the handler, or set a longer leaseDuration
            """)
    }
}
