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
        package var keepsConnection: Bool {
            isPermission || has("invalid subject") || has("invalid publish subject")
                || has("maximum subscriptions exceeded")
        }

        /// The subject of a subscription that is not allowed, and its queue group.
        package var refusedSubscription: (subject: String, queue: String?)? {
            guard isPermission, has("for subscription to") else { return nil }
            // `… for Subscription to "SUBJECT"`, and ` using queue "GROUP"` if there is one.
            let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
            guard parts.count >= 3 else { return nil }
            return (String(parts[1]), parts.count >= 5 ? String(parts[3]) : nil)
        }

        /// The error that a program sees.
        package func error(from address: ServerAddress) -> NATSError {
            if isPermission { return NATSError(.permissions, "\(address): \(text)") }
            // Not one that was too slow to say who it is, nor one too many: that passes.
            let refusals = ["authorization violation", "authentication expired", "authentication revoked"]
            if refusals.contains(where: has) {
                return NATSError(.authorization, "\(address) refuses the client: \(text); see to the credentials")
            }
            if has("stale connection") { return NATSError(.staleConnection, "\(address): \(text)") }
            return NATSError(.serverError, "\(address): \(text)")
        }

        private func has(_ words: String) -> Bool { text.lowercased().contains(words) }
    }
#endif
