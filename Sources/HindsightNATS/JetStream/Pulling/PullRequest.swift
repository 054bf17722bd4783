#if NATS
    /// A request for messages, as it is sent.
    package struct PullRequest: Equatable {
        package var amount: PullAmount
        /// When the server gives it up; `nil` if it does not wait at all.
        package var expires: Duration?
        /// How often the server says that it is there.
        package var heartbeat: Duration?

        package init(amount: PullAmount, expires: Duration?, heartbeat: Duration?) {
            self.amount = amount
            self.expires = expires
            self.heartbeat = heartbeat
        }

        /// The request as bytes, without a general writer of JSON.
        package var payload: String {
            var text = "{\"batch\":\(amount.messages)"
            if let bytes = amount.bytes { text += ",\"max_bytes\":\(bytes)" }
            if let expires {
                text += ",\"expires\":\(expires.nanoseconds)"
            } else {
                text += ",\"no_wait\":true"
            }
            if let heartbeat { text += ",\"idle_heartbeat\":\(heartbeat.nanoseconds)" }
            return text + "}"
        }
    }
#endif
