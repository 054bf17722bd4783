#if NATS
    /// The text of a server's `-ERR`, and what it means.
    ///
    /// Source: <https://docs.nats.io/reference/reference-protocols/nats-protocol#okerr>
    package struct ServerErrorText {
        /// Without quotes.
        private let text: String

        package init(_ quoted: String) {
            var text = quoted[...]
            while text.first == "'" { text = text.dropFirst() }
            while text.last == "'" { text = text.dropLast() }
            self.text = String(text)
        }

        private var isPermission: Bool { has("permissions violation") }

        /// Whether the server goes on with the connection.
        package var keepsConnection: Bool { isPermission || has("invalid subject") || has("invalid publish subject") }

        /// The subject of a subscription that is not allowed.
        package var refusedSubscription: String? {
            guard isPermission, has("for subscription to") else { return nil }
            let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
            return parts.count >= 3 ? String(parts[1]) : nil
        }

        /// The error that a program sees.
        package func error(from address: ServerAddress) -> NATSError {
            if isPermission { return NATSError(.permissions, "\(address): \(text)") }
            let refusals = [
                "authorization violation", "authentication", "auth required", "account", "credentials", "nkey",
            ]
            if refusals.contains(where: has) {
                return NATSError(.authorization, "\(address) refuses the client: \(text); see to the credentials")
            }
            if has("stale connection") { return NATSError(.staleConnection, "\(address): \(text)") }
            return NATSError(.serverError, "\(address): \(text)")
        }

        private func has(_ words: String) -> Bool { text.lowercased().contains(words) }
    }
#endif
